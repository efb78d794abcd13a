import { type HunkId, hunkIdSchema } from '../protocol/ids.ts'
import type { ThreadState } from '../protocol/thread.ts'

/** Undone and brought back again is nothing to tell. */
export function untell(
  state: ThreadState,
  hunks: Readonly<Record<string, string>>,
  what: 'undone' | 'broughtBack',
): ThreadState {
  const untold = { ...state.untold }
  for (const id of hunkIdsOf(hunks)) {
    if (untold[id] !== undefined && untold[id] !== what) delete untold[id]
    else untold[id] = what
  }
  const { untold: _, ...told } = state
  return Object.keys(untold).length > 0 ? { ...told, untold } : told
}

export function hunkIdsOf(hunks: Readonly<Record<string, string>>): HunkId[] {
  return Object.keys(hunks).map((id) => hunkIdSchema.parse(id))
}
