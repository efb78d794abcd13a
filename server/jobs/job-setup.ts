import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { limits } from '../../core/protocol/limits.ts'
import type { JoinedOutput } from '../runtime/joined-output.ts'
import type { Runner } from '../sandbox/runner.ts'
import { exists } from '../workspace/trash.ts'
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
  /** The job's copy of the workspace. */
  readonly tree: string
  readonly runner: Runner
  readonly signal: AbortSignal
  readonly output: JoinedOutput
}): Promise<SetUp> {
  const { workspaceRoot, tree, runner, signal, output } = options
  // Beside the copy, with which it goes.
  const done = join(dirname(tree), 'set-up')
  const command = await readFile(join(workspaceRoot, setupScript), 'utf8').catch(() => '')
  if (command.trim() === '' || (await exists(done))) return { ran: false }
  const wallMs = limits.commandSeconds * 1000
  const how = { runner, folder: tree, signal, output, wallMs }
  const { status, output: said } = await runGivenCommand(command, how)
  if (status !== 'completed') {
    const end = said.slice(-limits.commandToldChars)
    return { ran: true, problem: `The setup script ${setupScript} failed:\n${end}` }
  }
  await writeFile(done, '')
  return { ran: true }
}
