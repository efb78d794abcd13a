import type { RenderedTurn } from './render-turn.ts'

const lineChars = 160
const lines = 30
const paths = 60

/** What was asked and changed in turns, in few words: the latest of it where it is much. */
export function gistOf(turns: readonly RenderedTurn[]): string {
  const asked = turns.flatMap((turn) => turn.asked).map((line) => `- ${line.slice(0, lineChars)}`)
  const files = [...new Set(turns.flatMap((turn) => turn.files))]
  const text: string[] = []
  if (asked.length > 0) text.push(`Asked in them:\n${latest(asked, lines).join('\n')}`)
  if (files.length > 0) text.push(`Files changed in them: ${latest(files, paths).join(', ')}`)
  return text.join('\n')
}

function latest(all: readonly string[], count: number): readonly string[] {
  return all.length > count ? ['…', ...all.slice(-count)] : all
}
