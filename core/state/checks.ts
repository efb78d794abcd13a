import { isReplaced } from '../lib/moved-path.ts'
import type { DeepWork } from '../protocol/check.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { currentPathOf } from './current-path.ts'
import { asksAside } from './set-aside.ts'

/** What the deep tier does in a thread unless somebody wants it otherwise. */
export const noDeepWork: DeepWork = { checks: false, plans: false }

/** Paths, as they are now, of files in which something stands that the turn wrote. */
export function changedPaths(turn: Turn): readonly string[] {
  const paths = turn.items.flatMap((item) =>
    item.type === 'fileChange'
      ? item.files.flatMap((file) =>
          file.kind !== 'delete' &&
          !isReplaced(currentPathOf(file)) &&
          file.hunks.some(({ status }) => status === 'written')
            ? [currentPathOf(file)]
            : [],
        )
      : [],
  )
  return [...new Set(paths)]
}

/** Another model can check what it did: it is over, and its changes stand in files people have. */
export function canBeChecked(turn: Turn): boolean {
  return (
    turn.status === 'completed' &&
    turn.mode === 'live' &&
    turn.copied === undefined &&
    turn.undone === undefined &&
    !asksAside(turn) &&
    changedPaths(turn).length > 0
  )
}

/** A correction the model of the next turn has not been told of. */
export function isUntoldCheck({ check }: Turn): boolean {
  return check?.status === 'corrected' && check.told === undefined
}

/** A turn begins: its model is told. */
export function tellChecks(state: ThreadState): ThreadState {
  if (!state.turns.some(isUntoldCheck)) return state
  return {
    ...state,
    turns: state.turns.map((turn) =>
      turn.check && isUntoldCheck(turn) ? { ...turn, check: { ...turn.check, told: true } } : turn,
    ),
  }
}
