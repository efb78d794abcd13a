import * as Y from 'yjs'

/** `length` characters that one Yjs client wrote in a row, the first with number `clock`. */
export interface IdRange {
  readonly client: number
  readonly clock: number
  readonly length: number
}

/** A set of character ids: sorted by client and clock, without overlap or touching neighbours. */
export type IdRanges = readonly IdRange[]

export function toIdRanges(ranges: Iterable<IdRange>): IdRanges {
  const sorted = [...ranges].filter((range) => range.length > 0)
  sorted.sort((a, b) => a.client - b.client || a.clock - b.clock)
  const merged: IdRange[] = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && last.client === range.client && range.clock <= endOf(last)) {
      const length = Math.max(last.length, endOf(range) - last.clock)
      merged[merged.length - 1] = { client: last.client, clock: last.clock, length }
    } else {
      merged.push(range)
    }
  }
  return merged
}

export function unite(a: IdRanges, b: IdRanges): IdRanges {
  if (a.length === 0) return b
  if (b.length === 0) return a
  return toIdRanges([...a, ...b])
}

export function intersect(a: IdRanges, b: IdRanges): IdRanges {
  const common: IdRange[] = []
  let i = 0
  let j = 0
  for (;;) {
    const left = a[i]
    const right = b[j]
    if (left === undefined || right === undefined) return common
    if (left.client !== right.client) {
      if (left.client < right.client) i++
      else j++
      continue
    }
    const clock = Math.max(left.clock, right.clock)
    const end = Math.min(endOf(left), endOf(right))
    if (end > clock) common.push({ client: left.client, clock, length: end - clock })
    if (endOf(left) < endOf(right)) i++
    else j++
  }
}

export function subtract(from: IdRanges, what: IdRanges): IdRanges {
  const rest: IdRange[] = []
  let j = 0
  for (const range of from) {
    let clock = range.clock
    while (j < what.length && isBefore(what[j], range)) j++
    for (let k = j; k < what.length; k++) {
      const hole = what[k]
      if (hole === undefined || hole.client !== range.client || hole.clock >= endOf(range)) break
      if (hole.clock > clock) rest.push({ client: range.client, clock, length: hole.clock - clock })
      clock = Math.max(clock, endOf(hole))
    }
    if (clock < endOf(range)) rest.push({ client: range.client, clock, length: endOf(range) - clock })
  }
  return rest
}

export function endOf(range: IdRange): number {
  return range.clock + range.length
}

/** Every item of the document that lies in `ranges`, split so that none reaches outside them. */
export function itemsIn(transaction: Y.Transaction, ranges: IdRanges): readonly Y.Item[] {
  const items: Y.Item[] = []
  const set = Y.createDeleteSet()
  for (const { client, clock, length } of ranges) {
    const known = set.clients.get(client) ?? []
    known.push({ clock, len: length })
    set.clients.set(client, known)
  }
  Y.iterateDeletedStructs(transaction, set, (struct) => {
    if (struct instanceof Y.Item) items.push(struct)
  })
  return items
}

function isBefore(range: IdRange | undefined, other: IdRange): boolean {
  if (range === undefined) return false
  return range.client < other.client || (range.client === other.client && endOf(range) <= other.clock)
}
