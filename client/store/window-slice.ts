import type { WindowUse } from '../../core/protocol/compaction.ts'
import type { CompactionId, ItemId, ThreadId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { splitTurns } from '../../core/state/compaction.ts'
import { isSaid } from '../../core/state/steers.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** The model's window: what fills it, summaries of earlier turns, and messages that stay whatever happens. */
export interface WindowSlice {
  /** Of the thread in view, when it was asked for last; `failed`: the server gave none. */
  readonly windowUse: WindowUse | 'failed' | undefined
  loadWindowUse(): Promise<void>
  compact(): void
  stopCompact(): void
  /** The whole conversation is sent again. */
  uncompact(id: CompactionId): void
  pinMessage(itemId: ItemId, pinned: boolean): void
}

type Needs = WindowSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
  }

export function createWindowSlice({ get, set, deps }: SliceTools<Needs>): WindowSlice {
  const { connection } = deps
  const withThread = (act: (threadId: ThreadId) => Promise<unknown>) => {
    const { threadId, notifyFailure } = get()
    if (threadId) act(threadId).catch(notifyFailure)
  }
  return {
    windowUse: undefined,
    async loadWindowUse() {
      const { threadId } = get()
      set({ windowUse: undefined })
      if (!threadId) return
      const windowUse = await connection.request('thread/window', { threadId }).catch(() => 'failed' as const)
      // The person may be in another thread by then.
      if (get().threadId === threadId) set({ windowUse })
    },
    compact() {
      withThread(async (threadId) => {
        await connection.request('thread/compact', { threadId })
        if (get().thread?.compacting) get().notify({ tone: 'info', key: 'compact.begun' })
      })
    },
    stopCompact: () => withThread((threadId) => connection.request('thread/stopCompact', { threadId })),
    uncompact(compactionId) {
      withThread(async (threadId) => {
        await connection.request('thread/uncompact', { threadId, compactionId })
        get().notify({ tone: 'info', key: 'compact.undone' })
      })
    },
    pinMessage: (itemId, pinned) =>
      withThread((threadId) => connection.request('message/pin', { threadId, itemId, pinned })),
  }
}

/** There are turns that could be summarised. */
export function canCompact(thread: ThreadState | undefined): boolean {
  return thread !== undefined && splitTurns(thread).turns.length > limits.keptTurns
}

/** What the person said last. */
export function lastSaid(thread: ThreadState | undefined): ItemId | undefined {
  const turn = thread?.turns.findLast(({ items }) => items.some(isSaid))
  return turn?.items.findLast(isSaid)?.id
}
