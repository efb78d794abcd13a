import * as Y from 'yjs'
import { ChangeTimes, decodeTimes } from '../../core/document/change-times.ts'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import { diffText } from '../../core/document/text-diff.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random, randomInt } from '../../core/lib/random.ts'
import { err, ok, type Result } from '../../core/lib/result.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DiskMark, DocumentJournal, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { PathGuard } from '../workspace/workspace.ts'
import { type DiskFile, hashOf, isReadOnly, readDiskFile } from './disk-file.ts'
import type { OnDisk } from './disk-mirror.ts'
import { encodeText, type TextFormat } from './disk-text.ts'
import { readMeta, writeMeta } from './document-meta.ts'
import type { DocumentProblem } from './documents.ts'
import { type DocumentEvents, OpenDocument } from './open-document.ts'

export interface LoadOptions {
  readonly path: string
  readonly key: string
  readonly guard: PathGuard
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly events: DocumentEvents
}

/** Yjs clients are 32-bit numbers; the first ones are left to nobody. */
function mintClient(random: Random): number {
  return 1 + randomInt(random, 2 ** 32 - 1)
}

/**
 * The document as the journal has it, brought together with what the disk holds; without a journal, what the disk
 * holds. `wasUnsaved`: before the server stopped it had changes that the disk lacked. `isAbsent`: what is on disk there
 * now is another document's file.
 */
export async function loadDocument(
  options: LoadOptions,
  { wasUnsaved, isAbsent = false }: { readonly wasUnsaved: boolean; readonly isAbsent?: boolean },
): Promise<Result<OpenDocument, DocumentProblem>> {
  const { path, key, guard, store } = options
  // What grew while it was open, and is not all on disk, comes back all the same.
  const file: DiskFile = isAbsent
    ? { kind: 'notFound' }
    : await readDiskFile(guard, path, wasUnsaved ? limits.grownBytes : limits.documentBytes)
  const journal = await store.readJournal(key)
  const readOnly = await isReadOnly(guard, path)
  if (file.kind !== 'text' && file.kind !== 'notFound') return err(file)
  if (journal === undefined || journal.updates.length === 0) {
    return file.kind === 'text' ? ok(fromFile(options, file, readOnly)) : err(file)
  }
  const doc = createDocument(mintClient(options.random))
  const onDisk = replay(doc, journal, file)
  const meta = readMeta(doc) ?? { incarnation: mintId('doc', options.random) }
  const rows = { rows: journal.updates.length, lastRow: journal.lastRow }
  const times = new ChangeTimes(journal.times.flatMap(decodeTimes))
  const { incarnation } = meta
  const opened = new OpenDocument({
    ...options,
    doc,
    times,
    incarnation,
    readOnly,
    onDisk,
    journal: rows,
    unborn: false,
  })
  opened.dropHalfWritten()
  await opened.durable()
  if (isAbsent) return ok(opened)
  await opened.mirror.check()
  const isAhead = file.kind === 'text' ? opened.text() !== file.text : wasUnsaved
  // A file that was deleted meanwhile is made again for what it lacked.
  if (isAhead && !opened.mirror.isDirty) opened.present({ isRemade: opened.mirror.deletions > 0 })
  return ok(opened)
}

/** A document of a file that is not there yet; `like`: with all that another one is; `unborn`: nothing makes it yet. */
export function createNewDocument(
  options: LoadOptions,
  {
    like,
    unborn,
    readOnly,
  }: { readonly like?: OpenDocument | undefined; readonly unborn: boolean; readonly readOnly: boolean },
): OpenDocument {
  const doc = createDocument(mintClient(options.random))
  if (like) Y.applyUpdate(doc, Y.encodeStateAsUpdate(like.doc))
  const incarnation = mintId('doc', options.random)
  const { format, mode } = like?.mirror.onDisk ?? { format: plain, mode: undefined }
  const formerly = like?.lineage ?? []
  doc.transact(() => writeMeta(doc, { incarnation, formerly, format, mode }))
  const onDisk = { hash: '', format, mode, base: Y.snapshot(doc) }
  return new OpenDocument({
    ...options,
    doc,
    times: new ChangeTimes(like?.times.list()),
    incarnation,
    readOnly,
    onDisk,
    journal: undefined,
    unborn,
  })
}

const plain: TextFormat = { eol: 'lf', bom: false }

type TextFile = Extract<DiskFile, { kind: 'text' }>
type NoFile = Extract<DiskFile, { kind: 'notFound' }>

function fromFile(options: LoadOptions, file: TextFile, readOnly: boolean): OpenDocument {
  const { text, format, mode, hash } = file
  const incarnation = mintId('doc', options.random)
  const doc = createDocument(mintClient(options.random))
  doc.transact(() => {
    if (text !== '') textOf(doc).insert(0, text)
    writeMeta(doc, { incarnation, formerly: [], format, mode })
  })
  const onDisk = { hash, format, mode, base: Y.snapshot(doc) }
  return new OpenDocument({
    ...options,
    doc,
    times: new ChangeTimes(),
    incarnation,
    readOnly,
    onDisk,
    journal: undefined,
    unborn: false,
  })
}

/**
 * Fills the document from its journal and finds which of its states the disk holds, or held before somebody changed
 * it while the server was down. The mark may be one write behind: the text itself tells.
 */
function replay(doc: Y.Doc, { updates, disk: mark }: DocumentJournal, file: TextFile | NoFile): OnDisk {
  let same: Y.Snapshot | undefined
  for (const update of updates) {
    Y.applyUpdate(doc, update, 'journal')
    if (file.kind === 'text' && isText(doc, file.text)) same = Y.snapshot(doc)
  }
  const { format, mode } = file.kind === 'text' ? file : (readMeta(doc) ?? { format: plain, mode: undefined })
  if (file.kind === 'notFound') return { hash: mark?.hash ?? '', format, mode, base: Y.snapshot(doc) }
  if (same !== undefined) return { hash: file.hash, format, mode, base: same }
  const base = markedState(updates, mark, format) ?? nearestState(doc, updates, file.text)
  return { hash: mark?.hash ?? '', format, mode, base }
}

function isText(doc: Y.Doc, text: string): boolean {
  return textOf(doc).length === text.length && textOf(doc).toString() === text
}

/** The last state that is written as the marked bytes. */
function markedState(
  updates: readonly Uint8Array[],
  mark: DiskMark | undefined,
  format: TextFormat,
): Y.Snapshot | undefined {
  const doc = createDocument(1)
  let found: Y.Snapshot | undefined
  for (const update of updates) {
    Y.applyUpdate(doc, update)
    if (hashOf(encodeText(textOf(doc).toString(), format)) === mark?.hash) found = Y.snapshot(doc)
  }
  doc.destroy()
  return found
}

/** The first state or the last, whichever is less changed on disk. */
function nearestState(doc: Y.Doc, updates: readonly Uint8Array[], text: string): Y.Snapshot {
  const first = createDocument(1)
  for (const update of updates.slice(0, 1)) Y.applyUpdate(first, update)
  const [nearest = doc] = [doc, first].toSorted((a, b) => distance(a, text) - distance(b, text))
  const snapshot = Y.snapshot(nearest)
  first.destroy()
  return snapshot
}

function distance(doc: Y.Doc, text: string): number {
  const edits = diffText(textOf(doc).toString(), text)
  return edits.reduce((sum, edit) => sum + edit.to - edit.from + edit.insert.length, 0)
}
