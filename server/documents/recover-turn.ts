import { holdsHunk } from '../../core/document/half-written.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { InterruptedTurn, RecoveredTurn } from './documents.ts'
import type { OpenDocument } from './open-document.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

/**
 * Brings the documents and the log of a turn together: text and events reach the disk one shortly after the other, and
 * the server may have died in between.
 */
export async function recoverTurn(
  documents: WorkspaceDocuments,
  { turnId, paths, settled, written }: InterruptedTurn,
): Promise<RecoveredTurn> {
  const found = new Map<string, OpenDocument>()
  const present = new Set<string>()
  const isUntold = (hunkId: string) => hunkId.startsWith(`${turnId}.`) && !settled.has(hunkId)
  // What was unsaved may hold hunks of files that the log does not name yet.
  for (const path of new Set([...(await documents.unsavedBefore()), ...paths])) {
    const opened = await documents.open(path)
    if (!opened.ok) {
      if (opened.error.kind !== 'notFound') present.add(path)
      continue
    }
    // Half-written hunks it took back by itself when it was loaded.
    opened.value.dropUntold(isUntold)
    await opened.value.durable()
    found.set(path, opened.value)
    if (!opened.value.mirror.isAbsent) present.add(path)
  }
  const lost = new Set<HunkId>()
  for (const { path, id, changes } of written) {
    const document = found.get(path)
    if (document === undefined || !holdsHunk(document.doc, id, changes)) lost.add(id)
  }
  return { lost, present }
}
