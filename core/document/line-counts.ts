import { diffRows } from './diff-rows.ts'

/** How many lines are in the second text alone, and how many in the first. */
export function lineCounts(
  before: string,
  after: string,
): { readonly added: number; readonly removed: number } {
  let added = 0
  let removed = 0
  for (const { kind } of diffRows(before, after, { ignoreWhitespace: false })) {
    if (kind === 'added') added++
    if (kind === 'removed') removed++
  }
  return { added, removed }
}
