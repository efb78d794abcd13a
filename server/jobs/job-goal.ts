import { limits } from '../../core/protocol/limits.ts'
import type { JoinedOutput } from '../runtime/joined-output.ts'
import type { Runner } from '../sandbox/runner.ts'
import { runCommand } from './job-command.ts'

/** Runs the command a job is to make pass. What it says is what the model goes on with. */
export async function checkGoal(
  command: string,
  options: {
    readonly runner: Runner
    readonly folder: string
    readonly signal: AbortSignal
    readonly output: JoinedOutput
  },
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const { status, output } = await runCommand({ command }, options)
  if (status === 'completed') return { ok: true, text: output.slice(-limits.commandToldChars) }
  const end = output.slice(-limits.commandToldChars)
  const shown = end.length < output.length ? `… ${end}` : end
  return { ok: false, text: `This does not pass yet: ${command}\n\n${shown}\n\nGo on until it does.` }
}
