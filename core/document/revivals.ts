import type * as Y from 'yjs'
import { endOf, type IdRange, type IdRanges, toIdRanges } from './id-ranges.ts'

/**
 * Text that is brought back gets new ids. The document itself remembers which characters stand for which, so that
 * every replica, now and after a restart, can follow a change set written before.
 */
export interface Revival {
  readonly source: IdRange
  /** Its copy has the same length. */
  readonly client: number
  readonly clock: number
}

interface Entry extends Revival {
  /** Entries rise as they were made; a copy's own copy is always a later one, which ends every search. */
  readonly order: number
}

export function recordRevivals(doc: Y.Doc, revivals: readonly Revival[]): void {
  if (revivals.length === 0) return
  const row = revivals.flatMap(({ source, client, clock }) => [
    source.client,
    source.clock,
    source.length,
    client,
    clock,
  ])
  doc.getArray('revived').push([row])
}

/** Follows characters to the ids they have now. */
export function createRevivalIndex(doc: Y.Doc): (ranges: IdRanges) => IdRanges {
  const bySource = new Map<number, Entry[]>()
  let order = 0
  for (const row of doc.getArray('revived').toArray()) {
    if (!Array.isArray(row)) continue
    for (let i = 0; i + 4 < row.length; i += 5) addEntry(bySource, row.slice(i, i + 5), order++)
  }
  if (bySource.size === 0) return (ranges) => ranges
  return (ranges) => toIdRanges(ranges.flatMap((range) => presentIds(bySource, range, -1)))
}

function addEntry(bySource: Map<number, Entry[]>, numbers: readonly unknown[], order: number): void {
  const [sourceClient, sourceClock, length, client, clock] = numbers
  if (!isClock(sourceClient) || !isClock(sourceClock) || !isClock(length)) return
  if (!isClock(client) || !isClock(clock)) return
  const known = bySource.get(sourceClient) ?? []
  known.push({ source: { client: sourceClient, clock: sourceClock, length }, client, clock, order })
  bySource.set(sourceClient, known)
}

/** The newest copy wins; what has no copy stands for itself. */
function presentIds(
  bySource: ReadonlyMap<number, readonly Entry[]>,
  range: IdRange,
  after: number,
): readonly IdRange[] {
  const found: IdRange[] = []
  let pending: readonly IdRange[] = [range]
  const known = bySource.get(range.client) ?? []
  for (let i = known.length - 1; i >= 0 && pending.length > 0; i--) {
    const entry = known[i]
    if (entry === undefined || entry.order <= after) break
    const rest: IdRange[] = []
    for (const piece of pending) {
      const clock = Math.max(piece.clock, entry.source.clock)
      const end = Math.min(endOf(piece), endOf(entry.source))
      if (end <= clock) {
        rest.push(piece)
        continue
      }
      if (clock > piece.clock) rest.push({ ...piece, length: clock - piece.clock })
      if (end < endOf(piece)) rest.push({ client: piece.client, clock: end, length: endOf(piece) - end })
      const copy = {
        client: entry.client,
        clock: entry.clock + clock - entry.source.clock,
        length: end - clock,
      }
      found.push(...presentIds(bySource, copy, entry.order))
    }
    pending = rest
  }
  return [...pending, ...found]
}

function isClock(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
