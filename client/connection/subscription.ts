import type { EventFrame } from '../../core/protocol/envelope.ts'
import type { TandemEvent } from '../../core/protocol/events.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { Arrival, Connection } from './connection.ts'

type Snapshot = Extract<ResultOf<'topic/subscribe'>, { kind: 'snapshot' }>['state']

export interface SubscriptionOptions {
  readonly connection: Connection
  readonly topic: string
  /** Replaces everything known of the topic. */
  onSnapshot(state: Snapshot): void
  /** Follows what is known; events without a place in the log may come twice. `arrival`: it came by itself, just now. */
  onEvent(event: TandemEvent, arrival?: Arrival): void
  /** The server refused (the topic is gone, or not ours). A lost socket is no refusal. */
  onRefused(error: Error): void
}

/** Keeps one topic whole: through losses, gaps and lag, every logged event arrives once and in order. */
export function subscribeTopic(options: SubscriptionOptions): () => void {
  const { connection, topic } = options
  let seq: number | undefined
  let knownEpoch: string | undefined
  let epoch: string | undefined
  /** Set while an answer is awaited: what arrives meanwhile. */
  let waiting: EventFrame[] | undefined
  let askAgain = false
  let ended = false

  function subscribe(): void {
    if (waiting) {
      askAgain = true
      return
    }
    const asked: EventFrame[] = []
    waiting = asked
    const resume = seq !== undefined && epoch !== undefined && knownEpoch === epoch
    const askedEpoch = epoch
    connection.request('topic/subscribe', { topic, ...(resume && { since: seq, epoch }) }).then(
      (answer) => {
        if (ended || waiting !== asked) return
        waiting = undefined
        knownEpoch = askedEpoch
        if (answer.kind === 'snapshot') {
          seq = answer.seq
          options.onSnapshot(answer.state)
        } else {
          for (const { event } of answer.events) options.onEvent(event)
          seq = answer.seq
        }
        for (const frame of asked) receive(frame)
        if (askAgain) {
          askAgain = false
          subscribe()
        }
      },
      (error: Error) => {
        // A lost socket has reset `waiting` by now; the next one asks anew.
        if (ended || waiting !== asked) return
        waiting = undefined
        options.onRefused(error)
      },
    )
  }

  function receive(frame: EventFrame, arrival?: Arrival): void {
    if (waiting) {
      waiting.push(frame)
      return
    }
    if (frame.seq !== undefined) {
      if (seq === undefined || frame.seq <= seq) return
      if (frame.seq > seq + 1) {
        subscribe()
        return
      }
      seq = frame.seq
    }
    options.onEvent(frame.event, arrival)
  }

  const disposers = [
    connection.onEvent((frame, arrival) => {
      if (frame.topic === topic) receive(frame, arrival)
    }),
    connection.onLagging((topics) => {
      if (!topics.includes(topic)) return
      // What was left out may be deltas the log does not have: only the whole state is whole.
      seq = undefined
      subscribe()
    }),
    connection.onStatus((status, session) => {
      waiting = undefined
      askAgain = false
      if (status !== 'open' || !session) return
      epoch = session.epoch
      subscribe()
    }),
  ]
  return () => {
    ended = true
    for (const dispose of disposers) dispose()
    connection.request('topic/unsubscribe', { topic }).catch(() => {
      // Without a socket there is nothing to end.
    })
  }
}
