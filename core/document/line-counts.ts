import { commonLines, linesOf } from './common-lines.ts'

/** How many lines are in the second text alone, and how many in the first. */
export function lineCounts(
  before: string,
  after: string,
): { readonly added: number; readonly removed: number } {
  const old = linesOf(before)
  const now = linesOf(after)
  const common = commonLines(old, now).reduce((sum, { length }) => sum + length, 0)
  return { added: now.length - common, removed: old.length - common }
}
