import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { joinOutput } from '../runtime/joined-output.ts'
import { createUnsafeRunner } from '../sandbox/unsafe-runner.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { systemTimers } from '../timers.ts'
import { runGivenCommand } from './given-command.ts'

test('[RJOB-87] what the command of a goal wrote is told before how it ended, however soon that is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-given-'))
  const told: string[] = []
  // Time stands still: nothing is told because some has passed.
  const output = joinOutput(new ManualTimers(), ({ text }) => told.push(text))
  const runner = createUnsafeRunner({ timers: systemTimers })
  const { signal } = new AbortController()
  const { status } = await runGivenCommand('echo limit 300', { runner, folder, signal, output })
  expect([status, told]).toEqual(['completed', ['limit 300\n']])
  rmSync(folder, { recursive: true })
})
