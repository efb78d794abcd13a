import * as Y from 'yjs'
import { decodeChangeSet, encodeChangeSet } from './change-set.ts'
import { endOf, type IdRanges, subtract, toIdRanges, unite } from './id-ranges.ts'
import { revertChanges } from './revert-changes.ts'

/**
 * The document itself says which hunk is being written in it, in the same updates that carry the hunk's text.
 * So a server that died in the middle of one finds it again, however much of it reached the journal or a browser.
 */
const mapName = 'writing'
/** Deletions such a hunk made in vain, because somebody else had made them: `[hunkId, ranges]`. */
const lateName = 'late'

interface Writing {
  /** Who writes it, and with which character it began. */
  readonly client: number
  readonly clock: number
  readonly deletions: IdRanges
}

export function noteWriting(doc: Y.Doc, hunkId: string, writing: Writing): void {
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
 * Takes back hunks whose writer is gone; `isWriting` tells by client id who is still there. Once taken back a hunk
 * stays so: a browser may bring a further piece of it, or all the rest, and then this is called again.
 */
export function dropHalfWritten(doc: Y.Doc, isWriting: (client: number) => boolean, origin: unknown): void {
  takeBack(
    doc,
    ({ client, isOpen, doneTo }) => (isOpen || doneTo !== undefined) && !isWriting(client),
    origin,
  )
}

/**
 * Takes back finished hunks as if they were half-written: those of which `isUntold` says that nobody was told of them
 * before the server died.
 */
export function dropUntold(doc: Y.Doc, isUntold: (hunkId: string) => boolean, origin: unknown): void {
  takeBack(doc, ({ hunkId, isOpen, isLast }) => !isOpen && isLast && isUntold(hunkId), origin)
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
  const [noted] = readNoted(doc, hunkId)
  if (noted !== undefined && (noted.isOpen || noted.doneTo !== undefined)) return false
  const insertions = decodeChangeSet(changes)?.insertions ?? []
  return insertions.every((range) => endOf(range) <= Y.getState(doc.store, range.client))
}

interface Noted extends Writing {
  readonly hunkId: string
  /** Nobody wrote it anew since: who is asked for a hunk that was undone writes it as somebody else. */
  readonly isLast: boolean
  /** It was not finished as far as this document knows. */
  readonly isOpen: boolean
  /** Of one that was taken back: up to which character of its writer, and which deletions. */
  readonly doneTo: number | undefined
  readonly doneDeletions: IdRanges
}

function takeBack(doc: Y.Doc, isUnwanted: (noted: Noted) => boolean, origin: unknown): void {
  const all = [...doc.getMap(mapName)._map.keys()].flatMap((hunkId) => readNoted(doc, hunkId).toReversed())
  const gone = toIdRanges(
    all.flatMap(({ client, clock, doneTo }) =>
      doneTo === undefined ? [] : { client, clock, length: doneTo - clock },
    ),
  )
  // The newest goes first: it may have changed what an older one wrote.
  for (const noted of all.toReversed()) {
    if (!isUnwanted(noted)) continue
    const { hunkId, client, clock, deletions, doneTo = clock, doneDeletions } = noted
    const end = endOfHunk(doc, noted, all)
    if (noted.doneTo !== undefined && end <= doneTo) continue
    doc.transact(() => {
      // What was taken back before may have been changed by people since: it is theirs.
      const insertions = [{ client, clock: doneTo, length: end - doneTo }]
      const own = [{ client, clock, length: end - clock }]
      const notOurs = [doneDeletions, own, gone, lateIn(doc, hunkId)].reduce(unite)
      revertChanges(doc, { insertions, deletions: subtract(deletions, notOurs) }, origin)
      const done = [client, clock, encodeChangeSet({ insertions: [], deletions }), end]
      doc.getMap(mapName).set(hunkId, done)
    }, origin)
  }
}

/** Behind its last character: where the writer's next hunk begins. */
function endOfHunk(doc: Y.Doc, { client, clock }: Noted, all: readonly Noted[]): number {
  const next = all.filter((other) => other.client === client && other.clock > clock)
  return Math.min(Y.getState(doc.store, client), ...next.map((other) => other.clock))
}

/**
 * All that was ever noted of a hunk, by its writers, the last one first. Not the last entry alone: a server's
 * take-back and what a browser brings of the hunk do not know of each other, and of two such entries a map shows one.
 */
function readNoted(doc: Y.Doc, hunkId: string): readonly Noted[] {
  const last = doc.getMap(mapName)._map.get(hunkId) ?? null
  const byWriter = new Map<number, Noted>()
  for (let item = last; item !== null; item = item.left) {
    const entry = parse(item.content.getContent().at(-1))
    if (entry === undefined) continue
    const { client, clock, deletions, doneTo } = entry
    const known = byWriter.get(client)
    byWriter.set(client, {
      hunkId,
      client,
      clock,
      isLast: known?.isLast ?? byWriter.size === 0,
      isOpen: known?.isOpen ?? !item.deleted,
      deletions: unite(known?.deletions ?? [], deletions),
      doneTo: doneTo === undefined ? known?.doneTo : Math.max(doneTo, known?.doneTo ?? 0),
      doneDeletions: unite(known?.doneDeletions ?? [], doneTo === undefined ? [] : deletions),
    })
  }
  return [...byWriter.values()]
}

function lateIn(doc: Y.Doc, hunkId: string): IdRanges {
  let late: IdRanges = []
  for (const row of doc.getArray(lateName).toArray()) {
    if (!Array.isArray(row) || row[0] !== hunkId || typeof row[1] !== 'string') continue
    late = unite(late, decodeChangeSet(row[1])?.deletions ?? [])
  }
  return late
}

function parse(value: unknown): (Writing & { readonly doneTo: number | undefined }) | undefined {
  if (!Array.isArray(value)) return undefined
  const [client, clock, encoded, doneTo]: readonly unknown[] = value
  if (!isCount(client) || !isCount(clock) || typeof encoded !== 'string') return undefined
  const changes = decodeChangeSet(encoded)
  if (changes === undefined) return undefined
  return { client, clock, deletions: changes.deletions, doneTo: isCount(doneTo) ? doneTo : undefined }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
