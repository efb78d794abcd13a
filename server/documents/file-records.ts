import { z } from 'zod'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Store } from '../store/store.ts'

const moveSchema = z.object({
  /** Where the text is of the document that was at the new place (core/lib/moved-path); missing when there was none. */
  replaced: z.string().optional(),
  /** What that text was made of, as insertions (core/document/change-set); missing of one that moved away before. */
  live: z.string().optional(),
  /** Its file was not there any more. */
  wasAbsent: z.boolean().optional(),
  /** Undone it stayed at the new place, as another file was at the old one. */
  stays: z.boolean().optional(),
  /** By which changes of its first hunk that was found out. */
  undoing: z.string().optional(),
  /** How often it was moved again after that was undone. */
  again: z.number().int().optional(),
})
export type MoveRecord = z.infer<typeof moveSchema>

/** What undo has to know of files beside the change sets of their hunks. */
export interface FileRecords {
  noteMove(itemId: string, path: string, record: MoveRecord): Promise<void>
  move(itemId: string, path: string): Promise<MoveRecord | undefined>
  /** A file that is no document lies in the trash under this id. */
  noteTrash(path: string, trashId: string): Promise<void>
  trash(path: string): Promise<string | undefined>
}

export function createFileRecords(store: Store, workspaceId: WorkspaceId): FileRecords {
  const moveKey = (itemId: string, path: string) => `moved:${workspaceId}:${itemId}:${path}`
  const trashKey = (path: string) => `trashed:${workspaceId}:${path}`
  return {
    noteMove: (itemId, path, record) => store.setValue(moveKey(itemId, path), JSON.stringify(record)),
    async move(itemId, path) {
      const value = await store.getValue(moveKey(itemId, path))
      return value === undefined ? undefined : moveSchema.parse(JSON.parse(value))
    },
    noteTrash: (path, trashId) => store.setValue(trashKey(path), trashId),
    trash: (path) => store.getValue(trashKey(path)),
  }
}

/** Hunks are numbered within their item. */
export function itemOf(hunkId: string): string {
  return hunkId.slice(0, hunkId.lastIndexOf('.'))
}
