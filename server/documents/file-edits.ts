import { encodeChangeSet } from '../../core/document/change-set.ts'
import { textOf } from '../../core/document/document-text.ts'
import { liveIn } from '../../core/document/take-over.ts'
import { replacedPlace } from '../../core/lib/moved-path.ts'
import type { Hunk } from '../../core/protocol/item.ts'
import type { DiskProblem } from '../../core/protocol/workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { EditedDocument } from './edited-document.ts'
import type { FileRecords, MoveRecord } from './file-records.ts'
import type { OpenDocument } from './open-document.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

/**
 * Deletes what the model saw of the text and, when nothing else is in it, the file. A copy of the file goes to the
 * trash; the text itself stays in the document's journal, so that undo brings it back.
 */
export async function deleteDocument(
  edited: EditedDocument,
  workspace: Workspace,
  hunkId: string,
): Promise<Pick<Hunk, 'status' | 'removedLines' | 'removedText' | 'changes'>> {
  const { document, fork } = edited
  await document.mirror.flush()
  const removedText = fork.text()
  fork.beginHunk(hunkId)
  fork.replace(0, removedText.length, '')
  fork.endHunk(hunkId)
  fork.merge()
  const changes = encodeChangeSet(fork.changes(hunkId))
  await document.durable()
  const isStillWanted = () => document.text() === ''
  const remove = () => workspace.trash(document.path)
  const isGone = await document.mirror.remove({
    remove,
    isStillWanted,
    problem: toldTo(document, { code: 'deleted', detail: '' }),
  })
  if (!isGone && isStillWanted()) {
    fork.revertHunk(hunkId)
    edited.release()
    throw new Error('it could not be deleted')
  }
  edited.release()
  // What the model had not seen is still there.
  if (!isGone) await document.mirror.flush()
  const removedLines = removedText === '' ? 0 : removedText.replace(/\n$/, '').split('\n').length
  return { status: 'written', removedLines, removedText, changes }
}

/** Gives the text with its history to the document at the new place, and removes the old file. */
export async function moveDocument(
  edited: EditedDocument,
  documents: WorkspaceDocuments,
  {
    movedTo,
    itemId,
    records,
  }: { readonly movedTo: string; readonly itemId: string; readonly records: FileRecords },
): Promise<void> {
  const { document } = edited
  edited.release()
  const there = await documents.open(movedTo)
  const moved = there.ok ? there.value : await documents.create(movedTo, document)
  const record = there.ok ? replacedBy(moved, replacedPlace(itemId, movedTo)) : {}
  // In one go with what follows: what is typed from here on goes to the new place.
  const noted = records.noteMove(itemId, document.path, record)
  moved.takeOver(document)
  document.handOver(moved)
  if (there.ok) moved.present()
  else moved.born()
  await Promise.all([noted, moved.durable()])
  await documents.noteMove(document.path, movedTo, record.replaced)
  await moved.mirror.flush()
  await removeMoved(document, documents.workspace)
}

/** What undo has to know of a document that is about to take another one over. */
export function replacedBy({ mirror, doc }: OpenDocument, replaced: string): MoveRecord {
  const wasAbsent = mirror.isAbsent
  // The text of a file that was moved away is of use only there.
  if (wasAbsent && textOf(doc).length > 0) return { replaced, wasAbsent }
  return { replaced, wasAbsent, live: encodeChangeSet({ insertions: liveIn(doc), deletions: [] }) }
}

/** Removes the file whose text is at another place now. */
export async function removeMoved(document: OpenDocument, workspace: Workspace): Promise<void> {
  await document.mirror.remove({
    remove: () => workspace.trash(document.path),
    isStillWanted: () => !document.mirror.isAbsent,
    problem: undefined,
  })
}

/** A problem is for people who have the document open. */
export function toldTo(document: OpenDocument, problem: DiskProblem): DiskProblem | undefined {
  return document.peers.size > 0 ? problem : undefined
}
