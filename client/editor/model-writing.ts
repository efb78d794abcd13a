import { isReplaced } from '../../core/lib/moved-path.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { currentPathOf } from '../../core/state/current-path.ts'
import { reviewStateOf } from '../../core/state/review.ts'
import { isRunning } from '../store/selectors.ts'

/** What a person has to look at in one file: what the model is writing, and all it wrote that nobody has judged yet. */
export function hunksToShow({ turns }: ThreadState, path: string): readonly Hunk[] {
  const hunks: Hunk[] = []
  for (const { items, copied } of turns) {
    // What a fork took over is judged where it was written.
    if (copied) continue
    for (const item of items) {
      if (item.type !== 'fileChange') continue
      for (const file of item.files) {
        if (currentPathOf(file) !== path || file.status === 'failed') continue
        for (const hunk of file.hunks) {
          if (hunk.status === 'writing' || reviewStateOf(hunk) === 'unreviewed') hunks.push(hunk)
        }
      }
    }
  }
  return hunks
}

/**
 * The model is in the middle of that file: what is there so far is half of something. Where it stands still because a
 * person writes, it is not.
 */
export function isBeingWritten({ turns }: ThreadState, path: string): boolean {
  const turn = turns.at(-1)
  if (!turn || !isRunning(turn)) return false
  return turn.items.some(
    (item) =>
      item.type === 'fileChange' &&
      item.files.some(
        (file) =>
          file.status === 'writing' &&
          (file.path === path || file.movedTo === path) &&
          !file.hunks.some(({ status, paused }) => status === 'writing' && paused),
      ),
  )
}

/** Where the file is to be shown: of one that is moved, the tab may be at the new name before the thread tells it. */
function shownPathOf(file: FileEdit, openPaths: readonly string[]): string {
  const path = currentPathOf(file)
  const { movedTo } = file
  return movedTo !== undefined && !openPaths.includes(path) && openPaths.includes(movedTo) ? movedTo : path
}

/** Where the model is writing at this moment. */
export function writingNow(
  thread: ThreadState | undefined,
  openPaths: readonly string[],
): { readonly turnId: TurnId; readonly path: string } | undefined {
  const turn = thread?.turns.at(-1)
  if (turn?.status !== 'running') return undefined
  for (const item of turn.items.toReversed()) {
    if (item.type !== 'fileChange') continue
    const file = item.files.findLast(({ status, kind }) => status === 'writing' && kind !== 'delete')
    return file && { turnId: turn.id, path: shownPathOf(file, openPaths) }
  }
  return undefined
}

/**
 * Where the model has written last in a turn that is newer than the first `known` ones. A quick edit is begun and
 * finished between two frames, so that `writingNow` never sees it. `mark` changes with each further hunk.
 */
export function writtenLast(
  thread: ThreadState | undefined,
  known: number,
  openPaths: readonly string[],
): { readonly turnId: TurnId; readonly path: string; readonly mark: string } | undefined {
  const turn = thread?.turns.at(-1)
  if (
    !thread ||
    !turn ||
    thread.turns.length <= known ||
    turn.undone ||
    turn.copied ||
    turn.mode === 'background'
  )
    return undefined
  const files = turn.items.flatMap((item) => (item.type === 'fileChange' ? item.files : []))
  const file = files.findLast(
    (file) =>
      (file.status === 'writing' || file.status === 'written') &&
      file.kind !== 'delete' &&
      !isReplaced(currentPathOf(file)),
  )
  if (!file) return undefined
  const path = shownPathOf(file, openPaths)
  return { turnId: turn.id, path, mark: `${turn.id} ${path} ${file.hunks.length}` }
}
