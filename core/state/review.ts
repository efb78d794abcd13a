import { isReplaced } from '../lib/moved-path.ts'
import type { HunkId, ItemId, TurnId } from '../protocol/ids.ts'
import type { FileEdit, Hunk } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { currentPathOf } from './current-path.ts'

/** What a person has made of a hunk. */
export type ReviewState = 'unreviewed' | 'kept' | 'undone'

export interface ReviewHunk {
  readonly turnId: TurnId
  readonly itemId: ItemId
  /** Where the text is now. */
  readonly path: string
  readonly file: FileEdit
  readonly hunk: Hunk
  readonly state: ReviewState
  /** Of a correction: who made it, and why. */
  readonly correction?: { readonly by: string; readonly reason: string } | undefined
}

/** `undefined` while it is written, and when nothing came of it. */
export function reviewStateOf(hunk: Hunk): ReviewState | undefined {
  if (hunk.status === 'undone') return 'undone'
  if (hunk.status !== 'written') return undefined
  return hunk.review ?? 'unreviewed'
}

/** Turns never change, they are replaced: while one runs, the others need not be gone through again each frame. */
const known = new WeakMap<Turn, readonly ReviewHunk[]>()

/** All hunks of a thread that can be judged, in the order they were written. */
export function hunksToReview(thread: ThreadState): readonly ReviewHunk[] {
  return thread.turns.flatMap(hunksOf)
}

/** Something of the turn stands in files. */
export function stands(turn: Turn): boolean {
  return hunksOf(turn).some(({ state }) => state !== 'undone')
}

function hunksOf(turn: Turn): readonly ReviewHunk[] {
  // What a fork took over is judged where it was written, and what a job wrote when it has come back.
  if (turn.copied || turn.mode === 'background') return []
  const found = known.get(turn)
  if (found) return found
  const hunks = turn.items.flatMap((item) => {
    if (item.type !== 'fileChange') return []
    const { checkedBy: by } = item
    const correction = by === undefined ? {} : { correction: { by, reason: turn.check?.reason ?? '' } }
    return item.files.flatMap((file) =>
      // What was in a file that another one was moved over is in none: it is judged when that is undone.
      (isReplaced(currentPathOf(file)) ? [] : file.hunks).flatMap((hunk): ReviewHunk[] => {
        const isDone = file.status === 'written' || file.status === 'undone'
        const state = isDone ? reviewStateOf(hunk) : undefined
        if (state === undefined) return []
        return [
          { turnId: turn.id, itemId: item.id, path: currentPathOf(file), file, hunk, state, ...correction },
        ]
      }),
    )
  })
  known.set(turn, hunks)
  return hunks
}

export function unreviewedIn(thread: ThreadState | undefined, path?: string): readonly HunkId[] {
  if (!thread) return []
  return hunksToReview(thread).flatMap((entry) =>
    entry.state === 'unreviewed' && (path === undefined || entry.path === path) ? [entry.hunk.id] : [],
  )
}
