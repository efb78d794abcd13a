import * as Y from 'yjs'
import { type ChangeSet, decodeChangeSet, encodeChangeSet } from '../../core/document/change-set.ts'
import { revertChanges } from '../../core/document/revert-changes.ts'
import { revertOnce } from '../../core/document/revert-once.ts'
import { type HunkId, hunkIdSchema } from '../../core/protocol/ids.ts'
import type { Store } from '../store/store.ts'
import { exists } from '../workspace/trash.ts'
import type { RevertFile } from './documents.ts'
import { removeMoved, toldTo } from './file-edits.ts'
import { createFileRecords, type FileRecords, itemOf } from './file-records.ts'
import type { OpenDocument } from './open-document.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

interface Reverting {
  readonly documents: WorkspaceDocuments
  readonly records: FileRecords
  readonly inverses: Record<HunkId, string>
  readonly touched: Set<OpenDocument>
}

/** Takes change sets out, newest first, and sees to it that files are there or gone as their texts then ask. */
export async function revertFiles(
  documents: WorkspaceDocuments,
  store: Store,
  files: readonly RevertFile[],
): Promise<Readonly<Record<HunkId, string>>> {
  const records = createFileRecords(store, documents.workspace.id)
  const reverting = { documents, records, inverses: {}, touched: new Set<OpenDocument>() }
  for (const file of files.toReversed()) {
    if (file.movedTo === undefined) await revertFile(reverting, file)
    else await revertMove(reverting, file, file.movedTo)
  }
  for (const document of reverting.touched) {
    await document.durable()
    await document.mirror.flush()
  }
  return reverting.inverses
}

async function revertFile(reverting: Reverting, file: RevertFile): Promise<void> {
  const { documents, records, touched } = reverting
  const opened = await documents.open(file.path)
  if (!opened.ok) {
    if (file.kind === 'delete') await toggleTrash(documents, records, file.path)
    return
  }
  const document = opened.value
  touched.add(document)
  const changed = revertHunks(reverting, document, file.hunks)
  if (file.kind === 'update') return
  if (document.text() !== '') return document.mirror.isAbsent ? document.present() : undefined
  // Nothing of others is in it: an added file goes, a deleted one goes again; an empty one comes and goes.
  if (!document.mirror.isAbsent) await removeEmpty(documents, document)
  else if (!changed) document.present()
}

/** Answers whether any hunk changed anything. */
function revertHunks(reverting: Reverting, document: OpenDocument, hunks: RevertFile['hunks']): boolean {
  let changed = false
  for (const { id, changes } of hunks.toReversed()) {
    const decoded = decodeChangeSet(changes)
    if (decoded === undefined) continue
    const inverse = document.takeBack(() =>
      revertOnce(document.doc, { hunkId: id, changes: decoded, origin: 'revert' }),
    )
    if (!isEmpty(inverse)) changed = true
    reverting.inverses[hunkIdSchema.parse(id)] = encodeChangeSet(inverse)
  }
  return changed
}

function isEmpty({ insertions, deletions }: ChangeSet): boolean {
  return insertions.length === 0 && deletions.length === 0
}

async function removeEmpty({ workspace }: WorkspaceDocuments, document: OpenDocument): Promise<void> {
  await document.durable()
  const remove = async () => {
    const absolute = await workspace.guard.forEntry(document.path)
    if (await exists(absolute)) await workspace.trash(document.path)
  }
  const isStillWanted = () => document.text() === ''
  await document.mirror.remove({ remove, isStillWanted, problem: toldTo(document, 'It was deleted.') })
}

/** A file that is no text: back from the trash, or there again. */
async function toggleTrash(documents: WorkspaceDocuments, records: FileRecords, path: string): Promise<void> {
  const { workspace } = documents
  if (await exists(await workspace.guard.forEntry(path))) {
    await records.noteTrash(path, await workspace.trash(path))
    return
  }
  const trashId = await records.trash(path)
  if (trashId !== undefined) await workspace.restore(trashId)
}

/** Undo takes the text back to where it was; redo moves it again. Which of both: where the text is now. */
async function revertMove(reverting: Reverting, file: RevertFile, movedTo: string): Promise<void> {
  const { documents, records, touched } = reverting
  const [firstHunk] = file.hunks
  const opened = await documents.open(file.path)
  if (!opened.ok || firstHunk === undefined) return
  const source = opened.value
  touched.add(source)
  const itemId = itemOf(firstHunk.id)
  const record = (await records.move(itemId, file.path)) ?? {}
  const there = await documents.open(movedTo)
  const isMoved = source.mirror.isAbsent && there.ok && !there.value.mirror.isAbsent
  if (!isMoved) {
    revertHunks(reverting, source, file.hunks)
    await moveAgain(reverting, source, movedTo, { itemId, overwrote: record.overwrote })
    return
  }
  const target = there.value
  touched.add(target)
  if (record.overwrote === undefined) {
    // One history: what people wrote at the new place comes along.
    source.adopt(Y.encodeStateAsUpdate(target.doc))
    const text = target.text()
    await removeMoved(target, documents.workspace, { text, movedTo: file.path })
  } else {
    const changes = decodeChangeSet(record.overwrote)
    const inverse = changes && target.takeBack(() => revertChanges(target.doc, changes, 'revert'))
    if (inverse) await records.noteMove(itemId, file.path, { overwrote: encodeChangeSet(inverse) })
    if (target.text() === '') await removeEmpty(documents, target)
  }
  revertHunks(reverting, source, file.hunks)
  source.present()
}

interface Again {
  readonly itemId: string
  /** What undoing the move took out at the new place. */
  readonly overwrote: string | undefined
}

async function moveAgain(
  reverting: Reverting,
  source: OpenDocument,
  movedTo: string,
  again: Again,
): Promise<void> {
  const { documents, touched } = reverting
  const there = await documents.open(movedTo)
  const text = source.text()
  if (!there.ok) return
  const target = there.value
  touched.add(target)
  if (again.overwrote === undefined) {
    target.adopt(Y.encodeStateAsUpdate(source.doc))
  } else {
    const changes = decodeChangeSet(again.overwrote)
    const inverse = changes && target.takeBack(() => revertChanges(target.doc, changes, 'revert'))
    const { records } = reverting
    if (inverse) await records.noteMove(again.itemId, source.path, { overwrote: encodeChangeSet(inverse) })
  }
  target.present()
  await target.durable()
  await target.mirror.flush()
  await removeMoved(source, documents.workspace, { text, movedTo })
}
