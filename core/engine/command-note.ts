import { fenced } from '../lib/fenced.ts'
import { plainOutput } from '../lib/plain-output.ts'
import type { CommandResult, ThreadCommand } from '../protocol/command.ts'
import { limits } from '../protocol/limits.ts'
import type { ThreadState } from '../protocol/thread.ts'
import { isUntold } from '../state/commands.ts'

/** Of more only the number is told. */
const toldAtMost = 5

/** What people ran since the model was asked last, in words for it. */
export function commandNote(thread: ThreadState): string | undefined {
  const commands = (thread.commands ?? []).filter(isUntold)
  if (commands.length === 0) return undefined
  const more = commands.length - toldAtMost
  const earlier = more > 0 ? [`(and ${more} earlier ones)`] : []
  const told = commands.slice(-toldAtMost).map(oneCommand)
  return ['The person ran commands in the workspace. What they wrote:', ...earlier, ...told].join('\n')
}

function oneCommand({ text, output, result }: ThreadCommand): string {
  const plain = plainOutput(output).trimEnd()
  const end = plain.slice(-limits.commandToldChars).toWellFormed()
  const cut = end.length < plain.length || (result?.droppedBytes ?? 0) > 0 ? ' (not all of its output)' : ''
  const said = end === '' ? '(no output)' : fenced(end)
  return `$ ${text}\n${said}\n${result ? ending(result) : ''}${cut}`
}

function ending({ exit, cut, problem }: CommandResult): string {
  if (problem !== undefined) return `did not run: ${problem}`
  return exit === undefined ? `ended early: ${cut}` : `exit code ${exit}`
}
