import { commandInWords } from '../runtime/command-words.ts'
import { type JoinedOutput, pieceText } from '../runtime/joined-output.ts'
import type { ToolResult } from '../runtime/tool-runner.ts'
import { type Runner, SandboxError } from '../sandbox/runner.ts'

export interface GivenCommand {
  readonly runner: Runner
  /** The job's copy of the workspace. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly output: JoinedOutput
  readonly wallMs?: number
}

/** Runs a line that a person gave for a job: nobody has to be asked. */
export async function runGivenCommand(
  command: string,
  { runner, folder, signal, output, wallMs }: GivenCommand,
): Promise<ToolResult> {
  let written = ''
  try {
    const result = await runner.run({
      command,
      folder,
      signal,
      ...(wallMs !== undefined && { limits: { wallMs } }),
      onOutput(piece) {
        output.write(piece)
        written += pieceText(piece)
      },
    })
    // Before anybody is told how it ended.
    output.flush()
    return commandInWords(written, result)
  } catch (error) {
    // Fails closed: without the sandbox nothing runs.
    if (error instanceof SandboxError) return { status: 'failed', output: error.message }
    throw error
  }
}
