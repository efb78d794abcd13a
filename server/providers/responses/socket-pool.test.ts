import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeModel, type FakeModel } from '../../../bench/fake-model/fake-model.ts'
import type { ModelEvent, ModelItem } from '../../../core/engine/model-stream.ts'
import { ManualClock } from '../../../core/lib/clock.ts'
import { ManualTimers } from '../../testing/manual-timers.ts'
import { patientTimeouts, requestOf, run, sessionOptions, textOf } from '../../testing/provider-requests.ts'
import { systemTimers, type Timers } from '../../timers.ts'
import { knownModels } from '../known-models.ts'
import type { ModelSession, Provider } from '../provider.ts'
import { createResponsesProvider } from './responses-provider.ts'

const user = (text: string): ModelItem => ({ type: 'message', role: 'user', text })
const assistant = (text: string): ModelItem => ({ type: 'message', role: 'assistant', text })

describe('connections to a Responses backend', () => {
  let fake: FakeModel
  let clock: ManualClock
  let provider: Provider
  const sessions: ModelSession[] = []

  function session(sharesConnection = false): ModelSession {
    const opened = provider.openSession({ ...sessionOptions(), sharesConnection })
    sessions.push(opened)
    return opened
  }
  /** Starts a request; `stop` aborts it, `over` resolves when it is done. */
  function begin(on: ModelSession, input: string | readonly ModelItem[]) {
    const stop = new AbortController()
    const begun = Promise.withResolvers<void>()
    const events: ModelEvent[] = []
    const over = on.stream(requestOf(input), stop.signal, (event) => {
      events.push(event)
      if (event.type === 'textDelta') begun.resolve()
    })
    return { stop: () => stop.abort(), over, begun: begun.promise, events }
  }
  const named = (text: string) => fake.requests.find(({ body }) => JSON.stringify(body).includes(`"${text}"`))
  const laneOf = (text: string) => named(text)?.body.stream_id

  beforeEach(async () => {
    clock = new ManualClock()
    fake = await createFakeModel({ script: () => [{ type: 'text', text: 'ok' }] })
    provider = connect()
  })
  function connect(interrupts = false, timers: Timers = systemTimers): Provider {
    return createResponsesProvider({
      id: 'fake',
      interrupts,
      baseUrl: fake.url,
      headers: {},
      transport: 'auto',
      timeouts: patientTimeouts,
      clock,
      timers,
      lister: {
        providerId: 'fake',
        transport: 'websocket',
        configured: [],
        preferred: [],
        known: knownModels,
        otherwise: { contextWindow: 1000, maxOutputTokens: 100, tools: 'custom' },
      },
    })
  }
  function reconnect(interrupts: boolean, timers?: Timers): void {
    provider.close?.()
    provider = connect(interrupts, timers)
  }
  afterEach(async () => {
    for (const each of sessions.splice(0)) each.close()
    provider.close?.()
    await fake.close()
  })

  function endless(): void {
    fake.script = () => [
      { type: 'text', text: 'on' },
      { type: 'hold', until: new Promise(() => {}) },
    ]
  }

  it('[UPLINK-1] a request tells whether its connection was opened for it, was open, or has others beside it', async () => {
    const main = session()
    const [first] = await run(main, requestOf('one'))
    expect(first).toMatchObject({ type: 'sent', connection: 'opened' })
    const [second] = await run(main, requestOf('two'))
    expect(second).toEqual({ type: 'sent', connection: 'reused', connectMs: 0 })
    await run(session(true), requestOf('three'))
    const [aside] = await run(session(true), requestOf('four'))
    expect(aside).toEqual({ type: 'sent', connection: 'lane', connectMs: 0 })
  })

  it('[UPLINK-2] a conversation has its own connection; what runs aside shares one, a lane each, and continues on it', async () => {
    reconnect(true)
    endless()
    begin(session(), 'main')
    const asides = [session(true), session(true)]
    const running = asides.map((on, index) => begin(on, `aside ${index}`))
    await Promise.all(running.map(({ begun }) => begun))
    expect(laneOf('main')).toBeUndefined()
    expect(named('aside 0')?.socketId).toBe(named('aside 1')?.socketId)
    expect(named('main')?.socketId).not.toBe(named('aside 0')?.socketId)
    expect(laneOf('aside 0')).not.toBe(laneOf('aside 1'))
    fake.script = () => [{ type: 'text', text: 'ok' }]
    const third = session(true)
    await run(third, requestOf('one'))
    await run(third, requestOf([user('one'), assistant('ok'), user('last of all')]))
    expect(named('last of all')?.body.previous_response_id).toBeDefined()
    expect(laneOf('last of all')).toBe(laneOf('one'))
  })

  it('[UPLINK-2] at most 16 responses run on one connection, and it sees at most 32 lanes', async () => {
    reconnect(true)
    endless()
    const all = Array.from({ length: 40 }, (_, index) => begin(session(true), `aside ${index}`))
    await Promise.all(all.map(({ begun }) => begun))
    const lanes = new Map<number, Set<unknown>>()
    for (const { socketId, body } of fake.requests) {
      lanes.set(socketId, (lanes.get(socketId) ?? new Set()).add(body.stream_id))
    }
    expect([...lanes.values()].map(({ size }) => size)).toEqual([16, 16, 8])
  })

  it('[UPLINK-2] a lane that nobody needs any more serves the next, and forgets what was said on it', async () => {
    for (let n = 0; n < 40; n++) {
      const aside = session(true)
      await run(aside, requestOf(`aside ${n}`))
      aside.close()
    }
    expect(new Set(fake.requests.map(({ body }) => body.stream_id)).size).toBe(1)
    expect(fake.requests.every(({ body }) => body.previous_response_id === undefined)).toBe(true)
  })

  it('[UPLINK-30] where no response can be ended alone, what runs aside runs apart, so that a stop ends it upstream within 30 ms', async () => {
    endless()
    const all = Array.from({ length: 8 }, (_, index) => begin(session(true), `aside ${index}`))
    await Promise.all(all.map(({ begun }) => begun))
    expect(new Set(fake.requests.map(({ socketId }) => socketId)).size).toBe(8)
    const at = performance.now()
    all[3]?.stop()
    await named('aside 3')?.over
    expect(performance.now() - at).toBeLessThan(30)
    expect(named('aside 3')?.cutAt).toBeDefined()
    expect(fake.requests.filter(({ cutAt }) => cutAt !== undefined)).toHaveLength(1)
  })

  it('[UPLINK-30] two that wait on one connection begin on two', async () => {
    const first = session(true)
    const second = session(true)
    for (const each of [first, second]) await run(each, requestOf('hello'))
    expect(new Set(fake.requests.map(({ socketId }) => socketId)).size).toBe(1)
    endless()
    const one = begin(first, 'aside one')
    const two = begin(second, 'aside two')
    await Promise.all([one.begun, two.begun])
    expect(named('aside one')?.socketId).not.toBe(named('aside two')?.socketId)
  })

  it('[UPLINK-3] where many run, a stop leaves what runs beside it alone, and ends upstream with the last that is wanted', async () => {
    endless()
    const apart = Array.from({ length: 8 }, (_, index) => begin(session(true), `apart ${index}`))
    await Promise.all(apart.map(({ begun }) => begun))
    const aside = begin(session(true), 'aside')
    await aside.begun
    const shared = named('aside')?.socketId
    const beside = apart.findIndex((_, index) => named(`apart ${index}`)?.socketId === shared)
    expect(beside).not.toBe(-1)
    aside.stop()
    await aside.over
    const seen = aside.events.length
    expect(named(`apart ${beside}`)?.cutAt).toBeUndefined()
    // Nothing new begins where something unwanted runs.
    const next = begin(session(true), 'next')
    await next.begun
    expect(named('next')?.socketId).not.toBe(shared)
    const at = performance.now()
    apart[beside]?.stop()
    await Promise.all([named('aside')?.over, named(`apart ${beside}`)?.over])
    expect(performance.now() - at).toBeLessThan(500)
    expect(aside.events.length).toBe(seen)
    expect(named('aside')?.cutAt).toBeDefined()
    expect(named('next')?.cutAt).toBeUndefined()
  })

  it('[UPLINK-21] where a backend ends one response when it is asked to, a stop ends it upstream within 30 ms, and its lane serves again', async () => {
    reconnect(true)
    endless()
    const one = begin(session(true), 'aside one')
    const two = begin(session(true), 'aside two')
    await Promise.all([one.begun, two.begun])
    const seen = one.events.length
    const at = performance.now()
    one.stop()
    await named('aside one')?.over
    expect(performance.now() - at).toBeLessThan(30)
    expect(one.events.length).toBe(seen)
    expect(named('aside two')?.endedAt).toBeUndefined()
    // The connection is as good as before: what begins next is on it, in a lane it has seen.
    await provider.models(new AbortController().signal)
    const three = begin(session(true), 'aside three')
    await three.begun
    expect(named('aside three')?.socketId).toBe(named('aside two')?.socketId)
    expect(laneOf('aside three')).toBe(laneOf('aside one'))
    expect(named('aside three')?.body.previous_response_id).toBeUndefined()
  })

  it('[UPLINK-21] a backend that does not end what it was asked to is not asked anything more on that connection', async () => {
    const manual = new ManualTimers()
    reconnect(true, manual)
    endless()
    const one = begin(session(true), 'aside one')
    const two = begin(session(true), 'aside two')
    await Promise.all([one.begun, two.begun])
    fake.interrupting = false
    one.stop()
    manual.advance(patientTimeouts.verdictMs)
    const three = begin(session(true), 'aside three')
    await three.begun
    expect(named('aside three')?.socketId).not.toBe(named('aside two')?.socketId)
    two.stop()
    await Promise.all([named('aside one')?.over, named('aside two')?.over])
    expect(named('aside one')?.cutAt).toBeDefined()
  })

  it('[UPLINK-33] where a response can be ended alone only the first threads have a connection each, and the others a lane they keep', async () => {
    reconnect(true)
    const threads = Array.from({ length: 24 }, () => session())
    for (const [n, each] of threads.entries()) await run(each, requestOf(`first ${n}`))
    const socketOf = (text: string) => named(text)?.socketId
    const apart = new Set(threads.slice(0, 8).map((_, n) => socketOf(`first ${n}`)))
    expect(apart.size).toBe(8)
    const shared = new Set(threads.slice(8).map((_, n) => socketOf(`first ${n + 8}`)))
    expect(shared.size).toBe(1)
    expect([...shared].filter((socket) => apart.has(socket))).toEqual([])
    endless()
    const asides = Array.from({ length: 16 }, (_, n) => begin(session(true), `aside ${n}`))
    await Promise.all(asides.map(({ begun }) => begun))
    const again = threads.map((each, n) =>
      begin(each, [user(`first ${n}`), assistant('ok'), user(`second ${n}`)]),
    )
    await Promise.all(again.map(({ begun }) => begun))
    for (const n of threads.keys()) {
      expect(socketOf(`second ${n}`)).toBe(socketOf(`first ${n}`))
      expect(laneOf(`second ${n}`)).toBe(laneOf(`first ${n}`))
      expect(named(`second ${n}`)?.body.previous_response_id).toBeDefined()
    }
  })

  it('[UPLINK-34] a stop before the response has a name ends it once it has one, and leaves what others have on the connection', async () => {
    reconnect(true)
    const [idle, early] = [session(true), session(true)]
    await run(early, requestOf('before'))
    await run(idle, requestOf('said'))
    const { promise: started, resolve: start } = Promise.withResolvers<void>()
    fake.script = () => [
      { type: 'hold', until: started },
      { type: 'text', text: 'on' },
      { type: 'hold', until: new Promise(() => {}) },
    ]
    const stopped = begin(early, 'nameless')
    await until(() => named('nameless') !== undefined)
    stopped.stop()
    await stopped.over
    expect(named('nameless')?.endedAt).toBeUndefined()
    start()
    await named('nameless')?.over
    expect(named('nameless')?.cutAt).toBeUndefined()
    fake.script = () => [{ type: 'text', text: 'ok' }]
    await run(idle, requestOf([user('said'), assistant('ok'), user('and more')]))
    expect(named('and more')?.socketId).toBe(named('said')?.socketId)
    expect(named('and more')?.body.previous_response_id).toBeDefined()
  })

  it('[UPLINK-4] a connection stands ready after a cut, and is closed when nobody uses the provider', async () => {
    endless()
    const main = session()
    const running = begin(main, 'one')
    await running.begun
    await until(() => fake.socketsSeen === 2)
    // A round trip on another connection: by then the spare one is open here too.
    await provider.models(new AbortController().signal)
    running.stop()
    fake.script = () => [{ type: 'text', text: 'ok' }]
    const events = await run(main, requestOf('the other way'))
    expect(events[0]).toEqual({ type: 'sent', connection: 'reused', connectMs: 0 })
    expect(textOf(events)).toBe('ok')
    main.close()
    provider.close?.()
    await until(() => fake.openSockets === 0)
  })

  it('[UPLINK-5] a refused upgrade is tried again after a minute, then after twice as long', async () => {
    fake.upgrade = { status: 403, body: '<html><body>Proxy</body></html>' }
    let probes = 0
    const main = session()
    const count = async () => {
      const before = fake.socketsSeen
      await run(main, requestOf('hi'))
      await until(() => true)
      probes += fake.socketsSeen > before ? 1 : 0
      return probes
    }
    expect(textOf(await run(main, requestOf('hi')))).toBe('ok')
    expect(fake.requests.at(-1)?.kind).toBe('responses-sse')
    clock.advance(59_000)
    expect(await count()).toBe(0)
    clock.advance(2000)
    expect(await count()).toBe(1)
    clock.advance(61_000)
    expect(await count()).toBe(1)
    clock.advance(61_000)
    expect(await count()).toBe(2)
  })
})

async function until(holds: () => boolean): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve))
  while (!holds())
}
