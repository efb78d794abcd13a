import * as Y from 'yjs'
import { decodeChangeSet, encodeChangeSet } from './change-set.ts'
import { endOf, type IdRanges, subtract, unite } from './id-ranges.ts'
import { revertChanges } from './revert-changes.ts'

/**
 * The document itself says which hunk is being written in it, in the same updates that carry the hunk's text.
 * So a server that died in the middle of one finds it again, however much of it reached the journal or a browser.
 */
const mapName = 'writing'
/** Deletions such a hunk made in vain, because somebody else had made them: `[hunkId, ranges]`. */
const lateName = 'late'

interface HalfWritten {
  /** Who writes it, and with which character it began. */
  readonly client: number
  readonly clock: number
  readonly deletions: IdRanges
}

export function noteWriting(doc: Y.Doc, hunkId: string, writing: HalfWritten): void {
  const { client, clock, deletions } = writing
  doc.getMap(mapName).set(hunkId, [client, clock, encodeChangeSet({ insertions: [], deletions })])
}

export function noteWritten(doc: Y.Doc, hunkId: string): void {
  doc.getMap(mapName).delete(hunkId)
}

/** What turned out not to be the hunk's to bring back. */
export function noteLate(doc: Y.Doc, hunkId: string, late: IdRanges): void {
  doc.getArray(lateName).push([[hunkId, encodeChangeSet({ insertions: [], deletions: late })]])
}

/**
 * Takes back hunks whose writer is gone; `isWriting` tells by client id who is still there. Their entries stay,
 * for a browser may bring a last piece of one later: then this is called again.
 */
export function dropHalfWritten(doc: Y.Doc, isWriting: (client: number) => boolean, origin: unknown): void {
  const entries = doc.getMap(mapName)
  for (const [hunkId, value] of [...entries.entries()]) {
    const writing = parse(value)
    if (writing === undefined || isWriting(writing.client)) continue
    const end = Y.getState(doc.store, writing.client)
    if (end > writing.doneTo) takeBack(doc, { hunkId, writing, end, origin })
  }
}

/**
 * Takes back finished hunks as if they were half-written: those of which `isUntold` says that nobody was told of them
 * before the server died.
 */
export function dropUntold(doc: Y.Doc, isUntold: (hunkId: string) => boolean, origin: unknown): void {
  const ends = new Map<number, number>()
  // A deleted entry is one of a hunk that was finished. The newest goes first: it may have changed what an older one wrote.
  for (const [hunkId, entry] of [...doc.getMap(mapName)._map].reverse()) {
    if (!entry.deleted || !isUntold(hunkId)) continue
    const writing = parse(entry.content.getContent().at(-1))
    if (writing === undefined) continue
    const end = ends.get(writing.client) ?? Y.getState(doc.store, writing.client)
    ends.set(writing.client, writing.clock)
    takeBack(doc, { hunkId, writing, end, origin })
  }
}

/** How many hunks were ever noted. */
export function countNoted(doc: Y.Doc): number {
  return doc.getMap(mapName)._map.size
}

/** The hunks that were noted after `count` others. */
export function notedAfter(doc: Y.Doc, count: number): ReadonlySet<string> {
  return new Set([...doc.getMap(mapName)._map.keys()].slice(count))
}

/** Whether the whole of a finished hunk is in the document's history. `changes`: its encoded change set. */
export function holdsHunk(doc: Y.Doc, hunkId: string, changes: string): boolean {
  if (doc.getMap(mapName).has(hunkId)) return false
  const insertions = decodeChangeSet(changes)?.insertions ?? []
  return insertions.every((range) => endOf(range) <= Y.getState(doc.store, range.client))
}

interface TakeBack {
  readonly hunkId: string
  readonly writing: HalfWritten
  /** Up to which character of its writer it goes. */
  readonly end: number
  readonly origin: unknown
}

function takeBack(doc: Y.Doc, { hunkId, writing, end, origin }: TakeBack): void {
  const { client, clock, deletions } = writing
  doc.transact(() => {
    const insertions = [{ client, clock, length: end - clock }]
    revertChanges(doc, { insertions, deletions: subtract(deletions, lateIn(doc, hunkId)) }, origin)
    const done = [client, clock, encodeChangeSet({ insertions: [], deletions }), end]
    doc.getMap(mapName).set(hunkId, done)
  }, origin)
}

function lateIn(doc: Y.Doc, hunkId: string): IdRanges {
  let late: IdRanges = []
  for (const row of doc.getArray(lateName).toArray()) {
    if (!Array.isArray(row) || row[0] !== hunkId || typeof row[1] !== 'string') continue
    late = unite(late, decodeChangeSet(row[1])?.deletions ?? [])
  }
  return late
}

function parse(value: unknown): (HalfWritten & { readonly doneTo: number }) | undefined {
  if (!Array.isArray(value)) return undefined
  const [client, clock, encoded, doneTo]: readonly unknown[] = value
  if (!isCount(client) || !isCount(clock) || typeof encoded !== 'string') return undefined
  const changes = decodeChangeSet(encoded)
  if (changes === undefined) return undefined
  return { client, clock, deletions: changes.deletions, doneTo: isCount(doneTo) ? doneTo : -1 }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
