import { jobToolSchemas } from '../../core/tools/tool.ts'
import type { JoinedOutput } from '../runtime/joined-output.ts'
import { type ToolResult, wrongArguments } from '../runtime/tool-runner.ts'
import { type CommandResult, type Cut, defaultLimits, type Runner, SandboxError } from '../sandbox/runner.ts'

/** Runs a command of the model in the job's copy and nowhere else. */
export async function runCommand(
  args: unknown,
  options: {
    readonly runner: Runner
    readonly folder: string
    readonly signal: AbortSignal
    readonly output: JoinedOutput
  },
): Promise<ToolResult> {
  const checked = jobToolSchemas.run_command.safeParse(args)
  if (!checked.success) return wrongArguments('run_command', checked.error)
  const { command, timeout_seconds: seconds } = checked.data
  const { runner, folder, signal } = options
  let output = ''
  try {
    const result = await runner.run({
      command,
      folder,
      signal,
      limits: { wallMs: seconds === undefined ? defaultLimits.wallMs : seconds * 1000 },
      onOutput(piece) {
        options.output.write(piece)
        output += piece.stream === 'cut' ? `\n… ${piece.bytes} bytes left out …\n` : piece.text
      },
    })
    const ok = result.exit === 0 && result.cut === 'none'
    return {
      status: ok ? 'completed' : 'failed',
      output: `${output}${output.endsWith('\n') || output === '' ? '' : '\n'}${ending(result)}`,
    }
  } catch (error) {
    // Fails closed: without the sandbox nothing runs.
    if (error instanceof SandboxError) return { status: 'failed', output: error.message }
    throw error
  }
}

const reasons: Readonly<Record<Exclude<Cut, 'none'>, string>> = {
  time: 'it took too long',
  output: 'it wrote too much',
  memory: 'it took too much memory',
  processes: 'it started too many processes',
  disk: 'it took too much of the disk',
  stopped: 'it was stopped',
}

function ending({ exit, signal, cut, durationMs }: CommandResult): string {
  const seconds = (durationMs / 1000).toFixed(1)
  if (cut !== 'none') return `[Ended after ${seconds} s: ${reasons[cut]}.]`
  return exit === undefined
    ? `[Ended by ${signal} after ${seconds} s.]`
    : `[Exit ${exit} after ${seconds} s.]`
}
