import type * as Y from 'yjs'
import { type ChangeSet, changesOf, encodeChangeSet, noChanges } from '../../core/document/change-set.ts'
import { textOf } from '../../core/document/document-text.ts'
import { mergeText } from '../../core/document/merge-text.ts'
import type { Hunk } from '../../core/protocol/item.ts'
import type { DiskProblem } from '../../core/protocol/workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { EditedDocument } from './edited-document.ts'
import type { MoveRecord } from './file-records.ts'
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

/** Gives the text, with its history where the new place is free, to the document there, and removes the old file. */
export async function moveDocument(
  edited: EditedDocument,
  documents: WorkspaceDocuments,
  movedTo: string,
): Promise<MoveRecord> {
  const { document } = edited
  edited.release()
  const text = document.text()
  const there = await documents.open(movedTo)
  let record: MoveRecord = {}
  let moved: OpenDocument
  if (there.ok) {
    moved = there.value
    record = { overwrote: encodeChangeSet(replaceText(moved, text)) }
    moved.present()
  } else {
    moved = await documents.create(movedTo, document)
    moved.born()
  }
  await moved.durable()
  await moved.mirror.flush()
  await removeMoved(document, documents.workspace, { text, movedTo })
  return record
}

/** Removes the file a text was moved away from, unless somebody went on writing in it. */
export async function removeMoved(
  document: OpenDocument,
  workspace: Workspace,
  { text, movedTo }: { readonly text: string; readonly movedTo: string },
): Promise<void> {
  await document.mirror.remove({
    remove: () => workspace.trash(document.path),
    isStillWanted: () => document.text() === text && !document.mirror.isAbsent,
    problem: toldTo(document, { code: 'moved', detail: movedTo }),
  })
}

/** A problem is for people who have the document open. */
export function toldTo(document: OpenDocument, problem: DiskProblem): DiskProblem | undefined {
  return document.peers.size > 0 ? problem : undefined
}

function replaceText(document: OpenDocument, text: string): ChangeSet {
  let changes = noChanges
  const move = { from: 'move' }
  const note = (transaction: Y.Transaction) => {
    if (transaction.origin === move) changes = changesOf(transaction)
  }
  document.doc.on('afterTransaction', note)
  mergeText(textOf(document.doc), text, move)
  document.doc.off('afterTransaction', note)
  return changes
}
