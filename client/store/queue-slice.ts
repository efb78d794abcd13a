import type { ThreadId } from '../../core/protocol/ids.ts'
import type { QueuedPrompt, QueueId } from '../../core/protocol/queue.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** The prompts that wait for the running turn. */
export interface QueueSlice {
  editQueued(id: QueueId, text: string): void
  moveQueued(id: QueueId, to: number): void
  /** Takes it out and offers the way back. */
  removeQueued(id: QueueId): void
  resumeQueue(): void
}

type Needs = QueueSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
  }

export function createQueueSlice({ get, deps }: SliceTools<Needs>): QueueSlice {
  const { connection } = deps
  const withThread = (act: (threadId: ThreadId) => Promise<unknown>) => {
    const { threadId, notifyFailure } = get()
    if (threadId) act(threadId).catch(notifyFailure)
  }

  function putBack(threadId: ThreadId, { id, text, context }: QueuedPrompt, at: number): void {
    connection.request('queue/add', { threadId, id, text, context, at }).catch(get().notifyFailure)
  }

  return {
    editQueued: (id, text) =>
      withThread((threadId) => connection.request('queue/edit', { threadId, id, text })),
    moveQueued: (id, to) => withThread((threadId) => connection.request('queue/move', { threadId, id, to })),
    removeQueued(id) {
      const queue = get().thread?.queue ?? []
      const at = queue.findIndex((entry) => entry.id === id)
      const entry = queue[at]
      if (!entry) return
      withThread(async (threadId) => {
        await connection.request('queue/remove', { threadId, id })
        const action = { key: 'queue.putBack', run: () => putBack(threadId, entry, at) } as const
        get().notify({ tone: 'info', key: 'queue.removed', action })
      })
    },
    resumeQueue: () => withThread((threadId) => connection.request('queue/resume', { threadId })),
  }
}
