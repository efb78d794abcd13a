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

/** What rows of the record say, in their order; what is no row says nothing. */
export function readRevivals(rows: readonly unknown[]): readonly Revival[] {
  return rows.flatMap((row) => {
    const revivals: Revival[] = []
    if (!Array.isArray(row)) return revivals
    for (let i = 0; i + 4 < row.length; i += 5) {
      const revival = readRevival(row.slice(i, i + 5))
      if (revival) revivals.push(revival)
    }
    return revivals
  })
}

/** Follows characters to the ids they have now. */
export function createRevivalIndex(doc: Y.Doc): (ranges: IdRanges) => IdRanges {
  const index = indexRevivals(readRevivals(doc.getArray('revived').toArray()))
  if (index.size === 0) return (ranges) => ranges
  return (ranges) => toIdRanges(ranges.flatMap((range) => follow(index, range)))
}

export type RevivalIndex = ReadonlyMap<number, readonly Entry[]>

export function indexRevivals(revivals: readonly Revival[]): RevivalIndex {
  const index = new Map<number, Entry[]>()
  for (const [order, revival] of revivals.entries()) {
    const known = index.get(revival.source.client) ?? []
    known.push({ ...revival, order })
    index.set(revival.source.client, known)
  }
  return index
}

function readRevival(numbers: readonly unknown[]): Revival | undefined {
  const [sourceClient, sourceClock, length, client, clock] = numbers
  if (!isClock(sourceClient) || !isClock(sourceClock) || !isClock(length)) return undefined
  if (!isClock(client) || !isClock(clock)) return undefined
  return { source: { client: sourceClient, clock: sourceClock, length }, client, clock }
}

/** Characters in a row, `offset` of them behind the first that was asked for. */
export interface FollowedRange extends IdRange {
  readonly offset: number
}

/**
 * Where each character of a range is now: the newest copy wins, and what has no copy stands for itself.
 * `after`: copies up to that place of the record count no more.
 */
export function follow(
  index: RevivalIndex,
  range: IdRange,
  after = -1,
  offset = 0,
): readonly FollowedRange[] {
  const found: FollowedRange[] = []
  let pending: readonly FollowedRange[] = [{ ...range, offset }]
  const known = index.get(range.client) ?? []
  for (let i = known.length - 1; i >= 0 && pending.length > 0; i--) {
    const entry = known[i]
    if (entry === undefined || entry.order <= after) break
    const rest: FollowedRange[] = []
    for (const piece of pending) {
      const clock = Math.max(piece.clock, entry.source.clock)
      const end = Math.min(endOf(piece), endOf(entry.source))
      if (end <= clock) {
        rest.push(piece)
        continue
      }
      const shift = clock - piece.clock
      if (shift > 0) rest.push({ ...piece, length: shift })
      if (end < endOf(piece)) {
        const skipped = end - piece.clock
        rest.push({
          client: piece.client,
          clock: end,
          length: endOf(piece) - end,
          offset: piece.offset + skipped,
        })
      }
      const copy = {
        client: entry.client,
        clock: entry.clock + clock - entry.source.clock,
        length: end - clock,
      }
      found.push(...follow(index, copy, entry.order, piece.offset + shift))
    }
    pending = rest
  }
  return [...pending, ...found]
}

function isClock(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
