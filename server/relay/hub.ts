import { assert } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { EventFrame } from '../../core/protocol/envelope.ts'
import type { TandemEvent } from '../../core/protocol/events.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Params, ResultOf } from '../../core/protocol/methods.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { WorkspaceState } from '../../core/protocol/workspace.ts'
import type { EventRow, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Delta, Outbox } from './outbox.ts'

/** Where a topic's folded state is; it is asked while someone subscribes. */
export interface TopicSource {
  state(): ThreadState | WorkspaceState
  /** Text so far of what is under way, as deltas from 0: a replay ends with it, as deltas are not kept. */
  running(): readonly Delta[]
}

/** How a topic looks to those who may not see all of it. What is logged keeps its place: `undefined` is for what is not. */
export interface TopicView {
  state(full: ThreadState | WorkspaceState): ThreadState | WorkspaceState
  event(event: TandemEvent, full: ThreadState | WorkspaceState): TandemEvent | undefined
}

interface Topic {
  seq: number
  /** What the store does not have yet, in order. */
  readonly unstored: EventRow[]
  /** Who published what the store has not been given yet. */
  waiting: PromiseWithResolvers<void> | undefined
  isStoring: boolean
  readonly recent: { readonly seq: number; readonly frame: EventFrame; readonly chars: number }[]
  recentChars: number
  /** Who follows, and how it looks to them when they may not see all. */
  readonly outboxes: Map<Outbox, TopicView | undefined>
  readonly source: TopicSource
}

/**
 * Numbers events, stores them, and sends them to whoever subscribed. An event is sent before it is durable;
 * what is acknowledged (responses, saved marks) waits for `stored`. A restart begins a new epoch, in which
 * browsers take a snapshot, so that nothing that was shown but not stored is built upon.
 */
export class Hub {
  readonly epoch: string
  readonly #store: Store
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #topics = new Map<string, Topic>()

  constructor(options: { store: Store; clock: Clock; timers: Timers; epoch: string }) {
    this.epoch = options.epoch
    this.#store = options.store
    this.#clock = options.clock
    this.#timers = options.timers
  }

  /** Makes a topic known; `seq` is the highest in the log. */
  open(topic: string, seq: number, source: TopicSource): void {
    assert(!this.#topics.has(topic), `topic ${topic} is opened once`)
    this.#topics.set(topic, {
      seq,
      unstored: [],
      waiting: undefined,
      isStoring: false,
      recent: [],
      recentChars: 0,
      outboxes: new Map(),
      source,
    })
  }

  /** Forgets a topic, unless somebody follows it or some of it is not stored. */
  release(name: string): boolean {
    const { outboxes, unstored } = this.#topic(name)
    if (outboxes.size > 0 || unstored.length > 0) return false
    return this.#topics.delete(name)
  }

  isOpen(topic: string): boolean {
    return this.#topics.has(topic)
  }

  seq(topic: string): number {
    return this.#topic(topic).seq
  }

  /** The store has all that was published; what it refused is offered again by itself. */
  isStored(topic: string): boolean {
    return (this.#topics.get(topic)?.unstored.length ?? 0) === 0
  }

  /** Resolves when the event is durable. */
  publish(name: string, event: TandemEvent): Promise<void> {
    const topic = this.#topic(name)
    const seq = ++topic.seq
    const frame: EventFrame = { topic: name, seq, event }
    const body = JSON.stringify(event)
    remember(topic, { seq, frame, chars: body.length })
    if (topic.outboxes.size > 0) {
      const text = `{"topic":${JSON.stringify(name)},"seq":${seq},"event":${body}}`
      for (const [outbox, view] of topic.outboxes) {
        const shown = view ? seen(frame, view, topic) : frame
        const frameText = shown.event === event ? text : JSON.stringify(shown)
        // That somebody else's thread runs can wait for what is sent anyway.
        if (event.type === 'threadList/changed') outbox.patient(name, frameText)
        else outbox.event(name, frameText)
      }
    }
    return this.#keep(name, topic, { seq, at: this.#clock.now(), body })
  }

  /** Hands rows to the store together, once what is under way has been sent: storing must not delay a token. */
  #keep(name: string, topic: Topic, row: EventRow): Promise<void> {
    topic.unstored.push(row)
    topic.waiting ??= Promise.withResolvers()
    const { promise } = topic.waiting
    this.#scheduleStoring(name, topic)
    return promise
  }

  #scheduleStoring(name: string, topic: Topic): void {
    if (topic.isStoring) return
    topic.isStoring = true
    this.#timers.later(() => void this.#storeRows(name, topic))
  }

  /** Rows the store refuses are kept and offered again: a gap would make it refuse every later one. */
  async #storeRows(name: string, topic: Topic): Promise<void> {
    const { waiting } = topic
    const rows = topic.unstored.slice()
    topic.waiting = undefined
    try {
      await this.#store.appendEvents(name, rows)
      topic.unstored.splice(0, rows.length)
      waiting?.resolve()
    } catch (error) {
      waiting?.reject(error)
      this.#timers.after(limits.diskRetryMs, () => void this.#storeAgain(name, topic))
      return
    }
    topic.isStoring = false
    if (topic.unstored.length > 0) this.#scheduleStoring(name, topic)
  }

  async #storeAgain(name: string, topic: Topic): Promise<void> {
    // A write that failed may have reached the disk all the same.
    const head = await this.#store.headSeq(name).catch(() => 0)
    const known = topic.unstored.findIndex(({ seq }) => seq > head)
    topic.unstored.splice(0, known < 0 ? topic.unstored.length : known)
    await this.#storeRows(name, topic)
  }

  /** Sends what the log does not keep. */
  publishPassing(name: string, event: TandemEvent): void {
    const { outboxes, source } = this.#topic(name)
    if (outboxes.size === 0) return
    const text = event.type === 'item/delta' ? undefined : JSON.stringify({ topic: name, event })
    for (const [outbox, view] of outboxes) {
      const shown = view ? view.event(event, source.state()) : event
      if (!shown) continue
      if (shown.type === 'item/delta') outbox.delta(name, shown)
      else outbox.event(name, shown === event && text ? text : JSON.stringify({ topic: name, event: shown }))
    }
  }

  subscribe(
    outbox: Outbox,
    { topic: name, since, epoch }: Params<'topic/subscribe'>,
    view?: TopicView,
  ): ResultOf<'topic/subscribe'> {
    const topic = this.#topic(name)
    topic.outboxes.set(outbox, view)
    const first = topic.recent[0]?.seq ?? topic.seq + 1
    if (since !== undefined && epoch === this.epoch && since <= topic.seq && since >= first - 1) {
      const events = topic.recent.flatMap(({ seq, frame }) =>
        seq > since ? [view ? seen(frame, view, topic) : frame] : [],
      )
      const running = topic.source.running().map((event) => ({ topic: name, event }))
      return { kind: 'replay', seq: topic.seq, events: [...events, ...running] }
    }
    const state = topic.source.state()
    return { kind: 'snapshot', seq: topic.seq, state: view ? view.state(state) : state }
  }

  unsubscribe(outbox: Outbox, name: string): void {
    this.#topics.get(name)?.outboxes.delete(outbox)
  }

  leave(outbox: Outbox): void {
    for (const topic of this.#topics.values()) topic.outboxes.delete(outbox)
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name)
    assert(topic, `topic ${name} is open`)
    return topic
  }
}

function seen(frame: EventFrame, view: TopicView, { source }: Topic): EventFrame {
  const event = view.event(frame.event, source.state())
  assert(event, 'a view keeps the place of what is logged')
  return { ...frame, event }
}

function remember(topic: Topic, entry: Topic['recent'][number]): void {
  topic.recent.push(entry)
  topic.recentChars += entry.chars
  while (topic.recent.length > limits.replayEvents || topic.recentChars > limits.replayChars) {
    topic.recentChars -= topic.recent.shift()?.chars ?? 0
  }
}
