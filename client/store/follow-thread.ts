import type { ThreadId } from '../../core/protocol/ids.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import type { Arrival } from '../connection/connection.ts'
import { subscribeTopic } from '../connection/subscription.ts'
import { createFrameBatcher } from './frame-batcher.ts'
import type { WorkbenchDeps } from './slice.ts'

/** Keeps one thread folded from its events, at most one change per frame. Returns what ends it. */
export function followThread(options: {
  readonly deps: Pick<WorkbenchDeps, 'connection' | 'scheduleOthers'>
  readonly threadId: ThreadId
  /** `whole`: it was not known, or not all of it, until now. */
  onThread(thread: ThreadState, whole: boolean): void
  /** An event came; `onThread` tells when it is folded in. */
  onArrival?(event: ThreadEvent, arrival: Arrival): void
  onRefused(error: Error): void
}): () => void {
  const { deps, threadId, onThread, onRefused } = options
  let thread: ThreadState | undefined
  const batcher = createFrameBatcher({ schedule: deps.scheduleOthers, flush: fold })

  function fold(events: readonly ThreadEvent[]): void {
    let next = thread
    for (const event of events) {
      if (next || event.type === 'thread/created') next = reduceThread(next, event)
    }
    if (!next || next === thread) return
    thread = next
    onThread(thread, false)
  }

  const unsubscribe = subscribeTopic({
    connection: deps.connection,
    topic: `thread:${threadId}`,
    onSnapshot(snapshot) {
      if (!('turns' in snapshot)) return
      batcher.clear()
      thread = snapshot
      onThread(thread, true)
    },
    onEvent(event, arrival) {
      switch (event.type) {
        case 'threadList/added':
        case 'threadList/changed':
        case 'threadList/marked':
        case 'files/changed':
        case 'file/moved':
        case 'document/saved':
        case 'document/merged':
        case 'job/changed':
        case 'job/removed':
        case 'job/wrote':
        case 'schedules/changed':
        case 'people/changed':
        case 'store/changed':
          return
        default:
          if (arrival) options.onArrival?.(event, arrival)
          batcher.push(event)
      }
    },
    onRefused,
  })
  return () => {
    unsubscribe()
    batcher.clear()
  }
}
