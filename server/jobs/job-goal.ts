import { limits } from '../../core/protocol/limits.ts'
import { commandInWords } from '../runtime/command-words.ts'
import { type JoinedOutput, pieceText } from '../runtime/joined-output.ts'
import type { ToolResult } from '../runtime/tool-runner.ts'
import { type Runner, SandboxError } from '../sandbox/runner.ts'

interface Options {
  readonly runner: Runner
  readonly folder: string
  readonly signal: AbortSignal
  readonly output: JoinedOutput
}

/** Runs the command a job is to make pass. What it says is what the model goes on with. */
export async function checkGoal(
  command: string,
  options: Options,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const { status, output } = await run(command, options)
  if (status === 'completed') return { ok: true, text: output.slice(-limits.commandToldChars) }
  const end = output.slice(-limits.commandToldChars)
  const shown = end.length < output.length ? `… ${end}` : end
  return { ok: false, text: `This does not pass yet: ${command}\n\n${shown}\n\nGo on until it does.` }
}

/** The person who handed the job off gave the line: nobody has to be asked. */
async function run(command: string, { runner, folder, signal, output }: Options): Promise<ToolResult> {
  let written = ''
  try {
    const result = await runner.run({
      command,
      folder,
      signal,
      onOutput(piece) {
        output.write(piece)
        written += pieceText(piece)
      },
    })
    return commandInWords(written, result)
  } catch (error) {
    // Fails closed: without the sandbox nothing runs.
    if (error instanceof SandboxError) return { status: 'failed', output: error.message }
    throw error
  }
}
