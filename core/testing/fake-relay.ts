import type { TandemEvent } from '../protocol/events.ts'
import type { Method } from '../protocol/methods.ts'
import { protocolVersion } from '../protocol/version.ts'
import { createSocketPair, type SocketPair } from './socket-pair.ts'

type Answer =
  | { readonly result: unknown }
  | { readonly error: { code: string; message: string; retriable: boolean } }
interface LoggedEvent {
  readonly seq: number
  readonly event: TandemEvent
}

/** A relay of one topic in memory: it numbers, replays and snapshots as the real one does. */
export interface FakeRelay {
  /** Dials it; hand this to a connection. */
  readonly dial: (handlers: {
    onOpen(): void
    onFrame(frame: string | Uint8Array): void
    onClose(code: number): void
  }) => { send(frame: string | Uint8Array): void; bufferedBytes(): number; close(): void }
  /** The newest socket. */
  readonly pair: SocketPair
  readonly dials: number
  /** Requests seen, in order. */
  readonly requests: { readonly method: string; readonly params: unknown }[]
  /** Answers instead of the relay's own; `undefined` leaves a request unanswered. */
  answers: Partial<Record<Method, (params: unknown) => Answer | undefined>>
  epoch: string
  publish(event: TandemEvent): void
  /** Sends what the log does not keep. */
  pass(event: TandemEvent): void
  /** Sends text as it is to the newest socket. */
  sendText(text: string): void
  /** Delivers frames until none waits, letting promises run in between; stops after `frames`. */
  run(frames?: number): Promise<number>
}

export function createFakeRelay(options: { topic: string; state: () => unknown }): FakeRelay {
  const { topic, state } = options
  const log: LoggedEvent[] = []
  const subscribed = new Set<SocketPair>()
  let pair = createSocketPair()
  let seq = 0

  function answer(method: string, params: unknown, to: SocketPair): Answer | undefined {
    const own = Object.entries(relay.answers).find(([name]) => name === method)?.[1]
    if (own) return own(params)
    if (method === 'session/open') {
      const { epoch } = relay
      const deep = { checks: false, plans: false }
      const nothing = {
        workspaces: [],
        models: [],
        defaultModelId: '',
        tiers: [],
        deep,
        speculation: 'connection',
      }
      return { result: { protocol: protocolVersion, epoch, sessionId: 's', ...nothing } }
    }
    if (method === 'topic/subscribe') {
      subscribed.add(to)
      const { since, epoch } = params as { since?: number; epoch?: string }
      if (since === undefined || epoch !== relay.epoch) {
        return { result: { kind: 'snapshot', seq, state: state() } }
      }
      const events = log.filter((entry) => entry.seq > since).map((entry) => ({ topic, ...entry }))
      return { result: { kind: 'replay', seq, events } }
    }
    return { result: {} }
  }

  const relay: FakeRelay = {
    dials: 0,
    requests: [],
    answers: {},
    epoch: 'first',
    get pair() {
      return pair
    },
    dial(handlers) {
      const mine = createSocketPair()
      pair = mine
      Object.assign(relay, { dials: relay.dials + 1 })
      mine.browser.onFrame = handlers.onFrame
      mine.browser.onClose = handlers.onClose
      mine.server.onClose = () => subscribed.delete(mine)
      mine.server.onFrame = (frame) => {
        if (typeof frame !== 'string') return
        const { id, method, params } = JSON.parse(frame) as { id: number; method: string; params: unknown }
        relay.requests.push({ method, params })
        const reply = answer(method, params, mine)
        if (reply) mine.server.send(JSON.stringify({ id, ...reply }))
      }
      queueMicrotask(() => handlers.onOpen())
      return mine.browser
    },
    publish(event) {
      seq += 1
      log.push({ seq, event })
      for (const { server } of subscribed) server.send(JSON.stringify({ topic, seq, event }))
    },
    pass(event) {
      for (const { server } of subscribed) server.send(JSON.stringify({ topic, event }))
    },
    sendText: (text) => pair.server.send(text),
    async run(frames = Number.POSITIVE_INFINITY) {
      let delivered = 0
      await drain()
      while (delivered < frames && pair.deliverOne()) {
        delivered += 1
        await drain()
      }
      return delivered
    },
  }
  return relay
}

/** Lets every promise that can settle do so. */
async function drain(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve()
}
