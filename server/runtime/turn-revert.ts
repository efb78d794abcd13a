import { isReplaced, replacedPath } from '../../core/lib/moved-path.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { FileEdit, Hunk } from '../../core/protocol/item.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { currentPathOf } from '../../core/state/current-path.ts'
import type { RevertDirection, RevertFile } from '../documents/documents.ts'

/** What of the turns stands in files. */
export function filesToUndo(turns: readonly Turn[]): readonly RevertFile[] {
  return turns.flatMap((turn) =>
    filesOf(turn, {
      changesOf: (hunk) => (hunk.status === 'written' ? hunk.changes : undefined),
      // A file without text has no hunk to tell by.
      withoutHunks: turn.undone === undefined,
    }),
  )
}

/** What undoing a turn took out. `isWanted`: not all of it. */
export function filesToRedo(
  turn: Turn,
  isWanted: { readonly hunk: (id: Hunk['id']) => boolean; readonly withoutHunks: boolean },
): readonly RevertFile[] {
  return filesOf(turn, {
    changesOf: (hunk) =>
      hunk.status === 'undone' && isWanted.hunk(hunk.id) ? turn.undone?.[hunk.id] : undefined,
    withoutHunks: isWanted.withoutHunks && turn.undone !== undefined,
  })
}

function filesOf(
  turn: Turn,
  wanted: { readonly changesOf: (hunk: Hunk) => string | undefined; readonly withoutHunks: boolean },
): readonly RevertFile[] {
  if (turn.copied) return []
  return turn.items.flatMap((item) => {
    if (item.type !== 'fileChange') return []
    return item.files.flatMap((file): RevertFile[] => {
      if (file.status === 'failed') return []
      const hunks = file.hunks.flatMap((hunk) => {
        const changes = wanted.changesOf(hunk)
        return changes === undefined ? [] : [{ id: hunk.id, changes }]
      })
      if (hunks.length === 0 && !(wanted.withoutHunks && isWithoutHunks(file))) return []
      return [revertOf(file, hunks)]
    })
  })
}

/** A file somebody has moved on since stays where it is: only its text is reverted. */
export function revertOf(file: FileEdit, hunks: RevertFile['hunks']): RevertFile {
  const { path, kind, movedTo } = file
  const current = currentPathOf(file)
  const place = isReplaced(current) ? replacedPath(current) : current
  const rest = { hunks, ...(isReplaced(current) && { replaced: current }) }
  if (movedTo === undefined) return { path: place, kind, ...rest }
  if (place === path || place === movedTo) return { path, kind, movedTo, ...rest }
  return { path: place, kind: 'update', ...rest }
}

function isWithoutHunks({ kind, hunks }: FileEdit): boolean {
  return hunks.length === 0 && kind !== 'update'
}

/** Throws when there is nothing to do in this direction. */
export function checkDirection(turn: Turn, direction: RevertDirection): void {
  const isUndone = turn.undone !== undefined
  if (turn.copied)
    throw new RequestError('conflict', 'Its edits are those of the thread this one was forked from.')
  if (direction === 'undo' && isUndone) throw new RequestError('conflict', 'Its edits are undone already.')
  if (direction === 'redo' && !isUndone) throw new RequestError('conflict', 'Its edits are in place.')
}
