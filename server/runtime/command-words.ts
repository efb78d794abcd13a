import { plainOutput } from '../../core/lib/plain-output.ts'
import type { CommandResult } from '../../core/protocol/command.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ToolResult } from './tool-runner.ts'

/** A command and what came of it, in words for the model. */
export function commandInWords(
  written: string,
  result: Pick<CommandResult, 'cut' | 'durationMs'> & { readonly exit?: number | undefined },
): ToolResult {
  const text = plainOutput(written).trimEnd()
  return {
    status: result.exit === 0 && result.cut === 'none' ? 'completed' : 'failed',
    output: `${text === '' ? '' : `${shortened(text)}\n`}${ending(result)}`,
  }
}

/** Its beginning says what ran, its end what came of it. */
function shortened(text: string): string {
  const half = limits.modelCommandChars / 2
  const left = text.length - 2 * half
  if (left <= 0) return text
  const [head, tail] = [text.slice(0, half).toWellFormed(), text.slice(-half).toWellFormed()]
  return `${head}\n[… ${left} characters left out …]\n${tail}`
}

const reasons: Readonly<Record<Exclude<CommandResult['cut'], 'none'>, string>> = {
  time: 'it took too long',
  output: 'it wrote too much',
  memory: 'it took too much memory',
  processes: 'it started too many processes',
  disk: 'it took too much of the disk',
  stopped: 'a person stopped it',
  lost: 'the server was restarted',
}

function ending({ exit, cut, durationMs }: Parameters<typeof commandInWords>[1]): string {
  const seconds = (durationMs / 1000).toFixed(1)
  if (cut !== 'none') return `[Ended after ${seconds} s: ${reasons[cut]}.]`
  return exit === undefined ? `[Ended after ${seconds} s by a signal.]` : `[Exit ${exit} after ${seconds} s.]`
}
