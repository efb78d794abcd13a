import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { stands } from '../../core/state/review.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** Going back in a thread. */
export interface HistorySlice {
  /** Takes out what this turn and those after it wrote, the newest first; what people typed stays. Offers the way back. */
  rewindFiles(turnId: TurnId): Promise<void>
}

type Needs = HistorySlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
  }

export function createHistorySlice({ get, deps }: SliceTools<Needs>): HistorySlice {
  const { connection } = deps

  /** One after the other: each goes by the text the one before has left. Answers those that were done. */
  async function each(
    method: 'turn/undo' | 'turn/redo',
    threadId: ThreadId,
    turnIds: readonly TurnId[],
  ): Promise<TurnId[]> {
    const done: TurnId[] = []
    try {
      for (const turnId of turnIds) {
        await connection.request(method, { threadId, turnId })
        done.push(turnId)
      }
    } catch (error) {
      get().notifyFailure(error)
    }
    return done
  }

  return {
    async rewindFiles(turnId) {
      const { thread, threadId } = get()
      if (!threadId) return
      const turns = turnsToRewind(thread, turnId)
      const undone = await each(
        'turn/undo',
        threadId,
        turns.map(({ id }) => id),
      )
      if (undone.length === 0) return
      get().notify({
        tone: 'info',
        key: 'history.rewound',
        params: { count: undone.length },
        // The person may be in another thread by then.
        action: {
          key: 'history.undoRewind',
          run: () => void each('turn/redo', threadId, undone.toReversed()),
        },
      })
    },
  }
}

/** What of this turn and those after it stands in files, the newest first. */
function turnsToRewind(thread: ThreadState | undefined, turnId: TurnId): readonly Turn[] {
  const turns = thread?.turns ?? []
  const from = turns.findIndex(({ id }) => id === turnId)
  if (from < 0) return []
  return turns.slice(from).filter(isWritten).toReversed()
}

/** How many of the first turns have two or more that stand in files from there on; of one alone Undo says it better. */
export function rewindable({ turns }: ThreadState): number {
  const last = turns.findLastIndex(isWritten)
  return turns.slice(0, Math.max(0, last)).findLastIndex(isWritten) + 1
}

function isWritten(turn: Turn): boolean {
  return turn.undone === undefined && stands(turn)
}
