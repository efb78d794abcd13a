import * as Y from 'yjs'
import { type ChangeSet, decodeChangeSet } from '../../core/document/change-set.ts'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import { lineCounts } from '../../core/document/line-counts.ts'
import { revertChanges } from '../../core/document/revert-changes.ts'
import { giveBack, takeOver } from '../../core/document/take-over.ts'
import { touchedByOthers } from '../../core/document/touched-by-others.ts'
import { type Move, movedPath } from '../../core/lib/moved-path.ts'
import type { RewindFile } from '../../core/protocol/rewind.ts'
import type { Store } from '../store/store.ts'
import { exists } from '../workspace/trash.ts'
import type { RevertFile } from './documents.ts'
import { createFileRecords, type FileRecords, itemOf } from './file-records.ts'
import { afterMoves, byPlace, openAtOnce } from './revert-places.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

/** Above every client of a document: what a copy brings back is not taken for another's text. */
const copyClients = 2 ** 32

/** One file while its revert is tried on a copy. */
interface Tried {
  readonly doc: Y.Doc
  /** `undefined`: there is no file. */
  readonly before: string | undefined
  present: boolean
  touched: boolean
}

interface Trial {
  readonly documents: WorkspaceDocuments
  readonly records: FileRecords
  readonly tried: Map<string, Tried>
  readonly rows: Map<string, RewindFile>
  readonly moves: Move[]
  /** Those of whole files. */
  readonly returns: Move[]
}

/** What `revertFiles` would do with these files now, leaving those that are gone: tried on copies, exactly. */
export async function previewRevert(
  documents: WorkspaceDocuments,
  store: Store,
  files: readonly RevertFile[],
): Promise<readonly RewindFile[]> {
  await openAtOnce(documents, files)
  const records = createFileRecords(store, documents.workspace.id)
  const rows: RewindFile[] = []
  for (const place of byPlace(files)) {
    const trial: Trial = {
      documents,
      records,
      tried: new Map(),
      rows: new Map(),
      moves: [],
      returns: [],
    }
    for (const each of place.toReversed()) {
      const file = afterMoves(each, trial.moves)
      if (file.replaced !== undefined) {
        const at = file.movedTo ?? file.path
        trial.rows.set(at, row(at, 'gone'))
        continue
      }
      if (file.movedTo === undefined) await tryInPlace(trial, file)
      else await tryBack(trial, file, file.movedTo)
    }
    rows.push(...outcomes(trial))
    for (const { doc } of trial.tried.values()) doc.destroy()
  }
  return rows.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function tryInPlace(trial: Trial, file: RevertFile): Promise<void> {
  const { path, kind, hunks } = file
  if (kind === 'delete' && hunks.length === 0) {
    const isThere = await exists(await trial.documents.workspace.guard.forEntry(path))
    const isKept = (await trial.records.trash(path)) !== undefined
    if (!isThere) trial.rows.set(path, row(path, isKept ? 'restored' : 'gone'))
    return
  }
  const found = await open(trial, path)
  if (typeof found === 'string') return void trial.rows.set(path, row(path, found))
  if (!found.present && kind !== 'delete') {
    if (kind === 'update') trial.rows.set(path, row(path, 'gone'))
    return
  }
  takeOut(found, hunks)
  if (kind !== 'update') found.present = kind === 'delete' || textOf(found.doc).length > 0
}

async function tryBack(trial: Trial, file: RevertFile, movedTo: string): Promise<void> {
  const [firstHunk] = file.hunks
  const source = await open(trial, file.path)
  const target = await open(trial, movedTo)
  if (typeof source === 'string' || firstHunk === undefined)
    return void trial.rows.set(file.path, row(file.path, 'gone'))
  // Somebody moved it back already.
  if (source.present && (typeof target === 'string' || !target.present)) return takeOut(source, file.hunks)
  if (typeof target === 'string' || !target.present) return void trial.rows.set(movedTo, row(movedTo, 'gone'))
  // Another file is where it was.
  if (source.present) return takeOut(target, file.hunks)
  const record = (await trial.records.move(itemOf(firstHunk.id), file.path)) ?? {}
  const { live, wasAbsent = false, replaced } = record
  trial.moves.push({ from: movedTo, to: file.path })
  if (replaced !== undefined) trial.moves.push({ from: replaced, to: movedTo })
  const before = live === undefined ? undefined : decodeChangeSet(live)
  if (before) {
    takeOver(source.doc, target.doc, { own: undefined, others: undefined })
    giveBack(target.doc, { name: movedTo, live: before.insertions, origin: undefined })
    target.present = !wasAbsent && textOf(target.doc).length > 0
    if (wasAbsent) trial.returns.push({ from: movedTo, to: file.path })
  } else {
    Y.applyUpdate(source.doc, Y.encodeStateAsUpdate(target.doc))
    target.present = false
    trial.returns.push({ from: movedTo, to: file.path })
  }
  takeOut(source, file.hunks)
  source.touched ||= target.touched
  source.present = true
}

/** A copy of the document, to be changed at will. */
async function open(trial: Trial, path: string): Promise<Tried | 'gone' | 'notText'> {
  const known = trial.tried.get(path)
  if (known) return known
  const opened = await trial.documents.open(path)
  if (!opened.ok) return opened.error.kind === 'notFound' ? 'gone' : 'notText'
  const { mirror, doc } = opened.value
  if (!mirror.isText) return 'notText'
  const copy = createDocument(copyClients + trial.tried.size)
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const present = !mirror.isAbsent
  const before = present ? opened.value.text() : undefined
  const tried = { doc: copy, before, present, touched: false }
  trial.tried.set(path, tried)
  return tried
}

function takeOut(tried: Tried, hunks: RevertFile['hunks']): void {
  const changes = hunks.flatMap((hunk): ChangeSet[] => {
    const decoded = decodeChangeSet(hunk.changes)
    return decoded === undefined ? [] : [decoded]
  })
  // Later edits are out by now: what differs from what these wrote was done by people.
  tried.touched ||= touchedByOthers(tried.doc, changes)
  for (const change of changes.toReversed()) revertChanges(tried.doc, change, undefined)
}

function outcomes({ tried, rows, returns: moves }: Trial): readonly RewindFile[] {
  const known = [...rows.values()]
  // Where files return to at last, by where they are, and the other way round: to and fro is no return.
  const returns = new Map(
    [...tried].flatMap(([path, { before }]): [string, string][] => {
      const to = before === undefined ? path : moves.reduce(movedPath, path)
      return to === path ? [] : [[path, to]]
    }),
  )
  const from = new Map([...returns].map(([path, to]) => [to, path]))
  for (const [path, { doc, before, present, touched }] of tried) {
    if (rows.has(path)) continue
    const after = present ? textOf(doc).toString() : undefined
    const movedFrom = from.get(path)
    const origin = movedFrom === undefined ? undefined : tried.get(movedFrom)
    const isReturn = origin !== undefined && before === undefined && !origin.present
    if (returns.has(path) && after === undefined && tried.get(returns.get(path) ?? '')?.before === undefined)
      continue
    if (before === after && !isReturn) continue
    const { added, removed } = lineCounts((isReturn ? origin.before : before) ?? '', after ?? '')
    const counts = { addedLines: added, removedLines: removed, touched }
    if (isReturn) known.push({ ...row(path, 'returned'), ...counts, ...(movedFrom && { movedFrom }) })
    else {
      const outcome = before === undefined ? 'restored' : after === undefined ? 'removed' : 'changed'
      known.push({ ...row(path, outcome), ...counts })
    }
  }
  return known
}

function row(path: string, outcome: RewindFile['outcome']): RewindFile {
  return { path, outcome, addedLines: 0, removedLines: 0, touched: false }
}
