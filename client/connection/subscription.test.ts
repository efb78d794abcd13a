import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../core/lib/clock.ts'
import { seededRandom } from '../../core/lib/random.ts'
import type { TandemEvent } from '../../core/protocol/events.ts'
import { itemIdSchema, threadIdSchema, turnIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { createFakeRelay } from '../../core/testing/fake-relay.ts'
import { createManualTimers } from '../../core/testing/manual-timers.ts'
import { createConnection } from './relay-connection.ts'
import { subscribeTopic } from './subscription.ts'

const threadId = threadIdSchema.parse('thr_a')
const turnId = turnIdSchema.parse('trn_a')
const itemId = itemIdSchema.parse('trn_a.1')
const topic = 'thread:thr_a'

const begin: ThreadEvent = {
  type: 'thread/created',
  id: threadId,
  workspaceId: workspaceIdSchema.parse('wsp_a'),
  title: '',
  modelId: 'm',
  mode: 'live',
  at: 1,
}
const words = ['One ', 'two ', 'three ', 'four.']

/** What one turn publishes: logged events, and deltas that the log does not keep. */
function story(): { readonly event: ThreadEvent; readonly logged: boolean }[] {
  const text = words.join('')
  let offset = 0
  const deltas = words.map((word) => {
    const event: ThreadEvent = { type: 'item/delta', turnId, itemId, offset, text: word }
    offset += word.length
    return { event, logged: false }
  })
  const logged = (event: ThreadEvent) => ({ event, logged: true })
  return [
    logged({ type: 'turn/started', turnId, modelId: 'm', mode: 'live', at: 2 }),
    logged({
      type: 'item/started',
      turnId,
      item: { type: 'agentMessage', id: itemId, request: 1, status: 'streaming', text: '' },
    }),
    ...deltas,
    logged({
      type: 'item/completed',
      turnId,
      item: { type: 'agentMessage', id: itemId, request: 1, status: 'completed', text },
    }),
    logged({ type: 'thread/renamed', title: 'Counting' }),
    logged({ type: 'turn/settled', turnId, status: 'completed', at: 3 }),
  ]
}

function start() {
  let server: ThreadState = reduceThread(undefined, begin)
  let page: ThreadState | undefined
  const seen: TandemEvent[] = []
  let refusals = 0
  const relay = createFakeRelay({ topic, state: () => server })
  const timers = createManualTimers()
  const connection = createConnection({
    dial: relay.dial,
    clock: new ManualClock(),
    timers,
    random: seededRandom(1),
    onWake: () => () => {},
  })
  const unsubscribe = subscribeTopic({
    connection,
    topic,
    onSnapshot(state) {
      if ('turns' in state) page = state
    },
    onEvent(event) {
      seen.push(event)
      page = reduceThread(page, event as ThreadEvent)
    },
    onRefused: () => {
      refusals += 1
    },
  })
  return {
    relay,
    timers,
    unsubscribe,
    seen,
    tell({ event, logged }: { event: ThreadEvent; logged: boolean }) {
      server = reduceThread(server, event)
      if (logged) relay.publish(event)
      else relay.pass(event)
    },
    subscriptions: () =>
      relay.requests.filter(({ method }) => method === 'topic/subscribe').map(({ params }) => params),
    page: () => page,
    server: () => server,
    refusals: () => refusals,
  }
}

describe('a subscription', () => {
  test('[SUB-1] cut at every message, the page ends with the state of the server', async () => {
    const whole = start()
    for (const step of story()) whole.tell(step)
    const messages = (await whole.relay.run()) + story().length
    for (let cutAt = 0; cutAt <= messages; cutAt++) {
      const { relay, timers, tell, page, server, seen } = start()
      let left = cutAt
      const deliver = async (frames: number) => {
        left -= await relay.run(Math.min(frames, Math.max(0, left)))
      }
      for (const step of [undefined, ...story()]) {
        if (step) tell(step)
        await deliver(2)
        if (left <= 0 && relay.dials === 1) relay.pair.cut()
      }
      await relay.run()
      // A dial that was cut before it opened waits for its turn.
      timers.advance(limits.handshakeMs - 1)
      await relay.run()
      expect(page(), `cut at ${cutAt}`).toEqual(server())
      const logged = seen.filter(({ type }) => type !== 'item/delta').map(({ type }) => type)
      expect(new Set(logged).size, `once each, cut at ${cutAt}`).toBe(logged.length)
    }
  })

  test('[SUB-2] a gap makes it subscribe anew from the last seq', async () => {
    const { relay, tell, subscriptions, page, server } = start()
    await relay.run()
    const [first, second, ...rest] = story().filter(({ logged }) => logged)
    tell(first!)
    await relay.run()
    tell(second!)
    const deliver = relay.pair.browser.onFrame
    relay.pair.browser.onFrame = () => {}
    await relay.run()
    relay.pair.browser.onFrame = deliver
    for (const step of rest) tell(step)
    await relay.run()
    expect(subscriptions()).toEqual([{ topic }, { topic, since: 1, epoch: 'first' }])
    expect(page()).toEqual(server())
  })

  test('[SUB-3] events that overtake the answer follow it, and none is applied twice', async () => {
    const { relay, tell, seen, page, server } = start()
    relay.answers['topic/subscribe'] = () => undefined
    await relay.run()
    const steps = story().filter(({ logged }) => logged)
    for (const step of steps.slice(0, 2)) tell(step)
    const snapshot = { id: 2, result: { kind: 'snapshot', seq: 2, state: server() } }
    for (const [index, { event }] of steps.slice(0, 2).entries()) {
      relay.sendText(JSON.stringify({ topic, seq: index + 1, event }))
    }
    tell(steps[2]!)
    relay.sendText(JSON.stringify({ topic, seq: 3, event: steps[2]!.event }))
    relay.sendText(JSON.stringify(snapshot))
    await relay.run()
    expect(seen).toEqual([steps[2]!.event])
    expect(page()).toEqual(server())
  })

  test('[SUB-4] a lagging topic and a restarted server are taken as a snapshot', async () => {
    const { relay, tell, subscriptions, page, server } = start()
    await relay.run()
    tell(story()[0]!)
    await relay.run()
    relay.sendText(JSON.stringify({ lagging: ['thread:thr_b'] }))
    relay.sendText(JSON.stringify({ lagging: [topic] }))
    await relay.run()
    relay.epoch = 'second'
    relay.pair.cut()
    await relay.run()
    expect(subscriptions()).toEqual([{ topic }, { topic }, { topic }])
    expect(page()).toEqual(server())
  })

  test('[SUB-5] a refusal is told once, and nothing comes after the end', async () => {
    const { relay, refusals, unsubscribe, seen } = start()
    relay.answers['topic/subscribe'] = () => ({
      error: { code: 'notFound', message: 'gone', retriable: false },
    })
    await relay.run()
    expect(refusals()).toBe(1)
    unsubscribe()
    relay.sendText(JSON.stringify({ topic, event: { type: 'thread/renamed', title: 'late' } }))
    await relay.run()
    expect(seen).toEqual([])
    expect(relay.requests.at(-1)).toEqual({ method: 'topic/unsubscribe', params: { topic } })
  })
})
