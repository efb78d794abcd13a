import type * as Y from 'yjs'
import { type IdRange, type IdRanges, intersect, subtract, toIdRanges, unite } from './id-ranges.ts'

/**
 * A character can be gone for more than one reason: a hunk wrote it, a later hunk deleted it, and the first is undone.
 * Undoing the second must not bring it back then. The document counts such further reasons.
 */
export interface Withdrawals {
  /** Those of `ranges` that have a further reason to be gone. */
  among(ranges: IdRanges): IdRanges
  add(ranges: IdRanges): void
  /** Takes one reason off; each of `ranges` has one. */
  remove(ranges: IdRanges): void
}

export function readWithdrawals(doc: Y.Doc): Withdrawals {
  const rows = doc.getArray('withdrawn')
  /** `levels[n]`: the characters with more than `n` further reasons. */
  const levels: IdRanges[] = []
  for (const row of rows.toArray()) apply(levels, row)

  function change(delta: 1 | -1, ranges: IdRanges): void {
    if (ranges.length === 0) return
    const row = [delta, ...ranges.flatMap(({ client, clock, length }) => [client, clock, length])]
    apply(levels, row)
    rows.push([row])
  }

  return {
    among: (ranges) => intersect(levels[0] ?? [], ranges),
    add: (ranges) => change(1, ranges),
    remove: (ranges) => change(-1, ranges),
  }
}

function apply(levels: IdRanges[], row: unknown): void {
  if (!Array.isArray(row)) return
  const [delta, ...numbers]: readonly unknown[] = row
  let ranges = toIdRanges(toRanges(numbers))
  if (delta === 1) {
    for (let n = 0; ranges.length > 0; n++) {
      const level = levels[n] ?? []
      levels[n] = unite(level, ranges)
      ranges = intersect(level, ranges)
    }
    return
  }
  for (let n = levels.length - 1; n >= 0; n--) {
    const level = levels[n] ?? []
    levels[n] = subtract(level, ranges)
    ranges = subtract(ranges, level)
  }
}

function* toRanges(numbers: readonly unknown[]): Iterable<IdRange> {
  for (let i = 0; i + 2 < numbers.length; i += 3) {
    const [client, clock, length] = numbers.slice(i, i + 3)
    if (typeof client === 'number' && typeof clock === 'number' && typeof length === 'number') {
      yield { client, clock, length }
    }
  }
}
