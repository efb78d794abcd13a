import type { QueuedPrompt, QueueId } from '../protocol/queue.ts'

export type QueueChange =
  | { readonly type: 'add'; readonly prompt: QueuedPrompt; readonly at?: number }
  | { readonly type: 'edit'; readonly id: QueueId; readonly text: string }
  | { readonly type: 'move'; readonly id: QueueId; readonly to: number }
  | { readonly type: 'remove'; readonly id: QueueId }

/** The queue after a change; the same one when it changes nothing, as for an entry that is gone by now. */
export function changeQueue(queue: readonly QueuedPrompt[], change: QueueChange): readonly QueuedPrompt[] {
  if (change.type === 'add') {
    if (queue.some(({ id }) => id === change.prompt.id)) return queue
    return queue.toSpliced(change.at ?? queue.length, 0, change.prompt)
  }
  const index = queue.findIndex(({ id }) => id === change.id)
  const entry = queue[index]
  if (!entry) return queue
  switch (change.type) {
    case 'edit': {
      const { problem: _, ...rest } = entry
      return entry.text === change.text ? queue : queue.with(index, { ...rest, text: change.text })
    }
    case 'move':
      return change.to === index ? queue : queue.toSpliced(index, 1).toSpliced(change.to, 0, entry)
    case 'remove':
      return queue.toSpliced(index, 1)
  }
}
