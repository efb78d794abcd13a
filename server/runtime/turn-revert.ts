import { RequestError } from '../../core/protocol/errors.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { RevertFile } from '../documents/documents.ts'

export type RevertDirection = 'undo' | 'redo'

/** What `Documents.revert` is to take out: the turn's hunks, or on redo what undoing them did. */
export function revertFilesOf(turn: Turn, direction: RevertDirection): RevertFile[] {
  const status = direction === 'undo' ? 'written' : 'undone'
  return turn.items.flatMap((item) => {
    if (item.type !== 'fileChange') return []
    const files = item.files.filter((file) => file.status !== 'failed')
    return files.map(({ path, kind, movedTo, hunks }) => {
      const changed = hunks.flatMap((hunk) => {
        const changes = direction === 'undo' ? hunk.changes : turn.undone?.[hunk.id]
        return hunk.status === status && changes !== undefined ? [{ id: hunk.id, changes }] : []
      })
      return { path, kind, hunks: changed, ...(movedTo !== undefined && { movedTo }) }
    })
  })
}

/** Throws when there is nothing to do in this direction. */
export function checkDirection(turn: Turn, direction: RevertDirection): void {
  const isUndone = turn.undone !== undefined
  if (direction === 'undo' && isUndone) throw new RequestError('conflict', 'Its edits are undone already.')
  if (direction === 'redo' && !isUndone) throw new RequestError('conflict', 'Its edits are in place.')
}
