import { limits } from '../../core/protocol/limits.ts'
import { type GivenCommand, runGivenCommand } from './given-command.ts'

/** Runs the command a job is to make pass. What it says is what the model goes on with. */
export async function checkGoal(
  command: string,
  options: GivenCommand,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const { status, output } = await runGivenCommand(command, options)
  if (status === 'completed') return { ok: true, text: output.slice(-limits.commandToldChars) }
  const end = output.slice(-limits.commandToldChars)
  const shown = end.length < output.length ? `… ${end}` : end
  return { ok: false, text: `This does not pass yet: ${command}\n\n${shown}\n\nGo on until it does.` }
}
