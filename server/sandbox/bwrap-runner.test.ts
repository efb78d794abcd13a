import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemTimers } from '../timers.ts'
import { createBwrapRunner } from './bwrap-runner.ts'
import { runnerContract } from './runner.contract.ts'

const ownFolder = mkdtempSync(join(tmpdir(), 'tandem-sandbox-'))

runnerContract('bubblewrap', () => createBwrapRunner({ timers: systemTimers, ownFolder, hidden: [] }))
