import type { TurnId } from '../../core/protocol/ids.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { ClockOffset } from '../../core/state/clock-offset.ts'
import { firstCall, type Hop, hopsOf, type PageStamps } from '../../core/state/latency.ts'
import type { Arrival } from '../connection/connection.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** Round trips by which the clocks are compared, one after the other. */
const roundTrips = 4
/** Requests whose stamps are kept. */
const keptRequests = 300

/** When this page asked, and when it saw the first token of each request. In memory only: another page sees other times. */
export interface LatencySlice {
  /** By `turn/request`. */
  readonly pageStamps: ReadonlyMap<string, PageStamps>
  readonly promptStamps: ReadonlyMap<TurnId, PromptStamps>
  /** Of the turn whose last request runs once more. */
  readonly comparing: TurnId | undefined
  /** Compares the clocks of page and relay. */
  measureClock(): void
  /** A prompt leaves now. Answers who is to be told its turn. */
  timePrompt(pressedAt: number | undefined): (turnId: TurnId) => void
  timeArrival(event: ThreadEvent, arrival: Arrival): void
  /** What has arrived is in the store. */
  timeShown(): void
  /** Runs the last request of the last turn over a new HTTP connection. */
  compareLatency(): Promise<void>
}

interface PromptStamps {
  readonly pressed: number | undefined
  readonly sent: number
}

type Needs = LatencySlice &
  Pick<NoticeSlice, 'notifyFailure'> & {
    readonly epoch: string | undefined
    readonly thread: ThreadState | undefined
  }

export function createLatencySlice({ get, set, deps }: SliceTools<Needs>): LatencySlice {
  const { connection, clock, afterPaint } = deps
  const clocks = new ClockOffset()
  let epoch: string | undefined
  /** Text items of which nothing has come yet. */
  const silent = new Map<string, string>()
  /** Requests whose first token has arrived and is not in the store yet. */
  let arrived: { readonly key: string; readonly arrival: Arrival }[] = []

  async function compareClocks(): Promise<void> {
    if (epoch !== get().epoch) clocks.clear()
    epoch = get().epoch
    for (let trip = 0; trip < roundTrips; trip++) {
      const sentAt = clock.monotonic()
      const { clock: there } = await connection.request('session/ping', {})
      clocks.add({ sentAt, receivedAt: clock.monotonic(), there })
    }
  }

  function keep(key: string, stamps: PageStamps): void {
    const all = [...get().pageStamps, [key, stamps] as const]
    set({ pageStamps: new Map(all.slice(-keptRequests)) })
  }

  function first(key: string, arrival: Arrival): void {
    if (!get().pageStamps.has(key) && !arrived.some((other) => other.key === key)) {
      arrived.push({ key, arrival })
    }
  }

  return {
    pageStamps: new Map(),
    promptStamps: new Map(),
    comparing: undefined,
    measureClock() {
      // Without an answer the clocks are taken to be as they were.
      compareClocks().catch(() => {})
    },
    timePrompt(pressed) {
      const sent = clock.monotonic()
      // Behind the prompt, which they must not hold up.
      queueMicrotask(() => get().measureClock())
      return (turnId) => {
        const all = [...get().promptStamps, [turnId, { pressed, sent }] as const]
        set({ promptStamps: new Map(all.slice(-keptRequests)) })
      }
    },
    timeArrival(event, arrival) {
      if (event.type === 'item/delta') {
        const key = silent.get(event.itemId)
        if (key === undefined) return
        silent.delete(event.itemId)
        first(key, arrival)
        return
      }
      if (event.type !== 'item/started' || !('request' in event.item)) return
      const { id, request, type } = event.item
      const key = `${event.turnId}/${request}`
      if (type === 'agentMessage' || type === 'reasoning') silent.set(id, key)
      else if (type === 'toolCall' || type === 'fileChange') first(key, arrival)
    },
    timeShown() {
      if (arrived.length === 0) return
      const applied = clock.monotonic()
      const shown = arrived
      arrived = []
      for (const { key, arrival } of shown) {
        const { receivedAt: received, parsedAt: parsed } = arrival
        const stamps = { received, parsed, applied, offset: clocks.value }
        keep(key, stamps)
        afterPaint(() => keep(key, { ...stamps, painted: clock.monotonic() }))
      }
    },
    async compareLatency() {
      const { thread, comparing, notifyFailure } = get()
      const turnId = thread?.turns.at(-1)?.id
      if (!thread || !turnId || comparing) return
      set({ comparing: turnId })
      try {
        await connection.request('turn/compare', { threadId: thread.id, turnId })
      } catch (error) {
        notifyFailure(error)
      }
      set({ comparing: undefined })
    },
  }
}

/** What the figures of a turn are made from; unlike the turn, it stays the same while an answer streams. */
export interface CalledTurn {
  readonly id: Turn['id']
  readonly calls: Turn['calls'] | undefined
}

type InPage = Pick<LatencySlice, 'pageStamps' | 'promptStamps'>

/** The way of a turn's prompt to its first token, as far as it is known; `undefined`: there was none yet. */
export function wayOf(turn: CalledTurn, { pageStamps, promptStamps }: InPage): readonly Hop[] | undefined {
  const call = firstCall(turn)
  if (!call) return undefined
  const seen = pageStamps.get(`${turn.id}/${call.request}`)
  const asked = call.prompted && call === turn.calls?.[0] ? promptStamps.get(turn.id) : undefined
  return hopsOf(call, seen && { ...seen, ...asked })
}
