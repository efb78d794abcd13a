import type { HunkId } from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { currentPathOf } from '../../core/state/current-path.ts'
import { hunksToReview, type ReviewHunk } from '../../core/state/review.ts'
import type { RevertFile } from '../documents/documents.ts'
import { revertOf } from './turn-revert.ts'

/** Those of `ids` that are written and nobody has kept yet, and those that were undone. */
export function toKeep(thread: ThreadState, ids: ReadonlySet<HunkId>) {
  const entries = chosen(thread, ids)
  const those = (wanted: ReviewHunk['state']) =>
    entries.flatMap(({ hunk, state }) => (state === wanted ? [hunk.id] : []))
  return { hunkIds: those('unreviewed'), undone: those('undone') }
}

/** Those that a request to take back changes: kept ones, and ones that were undone by themselves. */
export function toTakeBack(thread: ThreadState, ids: ReadonlySet<HunkId>): readonly HunkId[] {
  return chosen(thread, ids).flatMap(({ hunk, state }) =>
    state === 'kept' || (state === 'undone' && hunk.inverse !== undefined) ? [hunk.id] : [],
  )
}

/** What `Documents.revert` is to take out for an undo: what stands written of `ids`. */
export function filesToUndo(thread: ThreadState, ids: ReadonlySet<HunkId>): readonly RevertFile[] {
  return filesOf(chosen(thread, ids), (hunk) => (hunk.status === 'written' ? hunk.changes : undefined))
}

/** And to bring them back: what undoing them did. */
export function filesToBringBack(thread: ThreadState, ids: ReadonlySet<HunkId>): readonly RevertFile[] {
  return filesOf(chosen(thread, ids), (hunk) => (hunk.status === 'undone' ? hunk.inverse : undefined))
}

function chosen(thread: ThreadState, ids: ReadonlySet<HunkId>): readonly ReviewHunk[] {
  return hunksToReview(thread).filter(({ hunk }) => ids.has(hunk.id))
}

function filesOf(
  entries: readonly ReviewHunk[],
  changesOf: (hunk: Hunk) => string | undefined,
): readonly RevertFile[] {
  const byFile = new Map<FileEdit, { readonly id: HunkId; readonly changes: string }[]>()
  for (const { file, hunk } of entries) {
    const changes = changesOf(hunk)
    if (changes === undefined) continue
    const hunks = byFile.get(file) ?? []
    hunks.push({ id: hunk.id, changes })
    byFile.set(file, hunks)
  }
  return [...byFile].map(([file, hunks]) => {
    // A moved file goes back to its old name with the last of its changes; before that it is edited where it is.
    const standing = file.hunks.filter(({ status }) => status === 'written').length
    const isWhole = file.movedTo === undefined || file.status === 'undone' || standing === hunks.length
    return isWhole ? revertOf(file, hunks) : { path: currentPathOf(file), kind: 'update', hunks }
  })
}
