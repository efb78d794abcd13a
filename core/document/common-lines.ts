import { type CommonRun, diffSequences, matchUnique } from './sequence-diff.ts'

/** Differing lines up to which the shortest diff is looked for. */
const lineLimit = 1000

/** A last line's end begins no other line. */
export function linesOf(text: string): string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

/** Runs of lines that both have, in order; what lies between them differs. Lines with one key are alike. */
export function commonLines(
  old: readonly string[],
  now: readonly string[],
  keyOf: (line: string) => string = (line) => line,
): readonly CommonRun[] {
  const numbers = new Map<string, number>()
  const number = (line: string) => {
    const key = keyOf(line)
    const known = numbers.get(key) ?? numbers.size
    numbers.set(key, known)
    return known
  }
  const a = old.map(number)
  const b = now.map(number)
  return diffSequences(a, b, lineLimit) ?? matchUnique(a, b)
}
