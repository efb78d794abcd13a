import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { limits } from '../../core/protocol/limits.ts'
import type { JoinedOutput } from '../runtime/joined-output.ts'
import type { Runner } from '../sandbox/runner.ts'
import { exists } from '../workspace/trash.ts'
import type { Crash } from './crash-points.ts'
import { runGivenCommand } from './given-command.ts'

/** What a workspace says makes a copy of it fit to work in: a line or more for the shell. No model can write there. */
const setupScript = '.tandem/setup'

export interface SetUp {
  readonly ran: boolean
  /** Why the copy is not fit to work in. */
  readonly problem?: string
}

/** Runs the workspace's setup script in a new copy, once. */
export async function setUp(options: {
  readonly workspaceRoot: string
  /** Of the configuration, where the workspace has none. */
  readonly script: string | undefined
  /** The job's copy of the workspace. */
  readonly tree: string
  readonly runner: Runner
  readonly signal: AbortSignal
  readonly output: JoinedOutput
  readonly crash: Crash
}): Promise<SetUp> {
  const { workspaceRoot, script = '', tree, runner, signal, output, crash } = options
  // Beside the copy, with which it goes.
  const done = join(dirname(tree), 'set-up')
  const command = await readFile(join(workspaceRoot, setupScript), 'utf8').catch(() => script)
  if (command.trim() === '' || (await exists(done))) return { ran: false }
  await crash('setupStarted')
  const wallMs = limits.commandSeconds * 1000
  const how = { runner, folder: tree, signal, output, wallMs }
  const { status, output: said } = await runGivenCommand(command, how)
  if (status !== 'completed') {
    const end = said.slice(-limits.commandToldChars)
    return { ran: true, problem: `The setup script failed:\n${end}` }
  }
  await writeFile(done, '')
  await crash('setupEnded')
  return { ran: true }
}
