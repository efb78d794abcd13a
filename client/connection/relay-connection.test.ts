import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../core/lib/clock.ts'
import { seededRandom } from '../../core/lib/random.ts'
import { closeCodes, RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { createFakeRelay } from '../../core/testing/fake-relay.ts'
import { createManualTimers } from '../../core/testing/manual-timers.ts'
import type { ConnectionStatus } from './connection.ts'
import { createConnection } from './relay-connection.ts'

const topic = 'thread:thr_a'

function start() {
  const relay = createFakeRelay({ topic, state: () => ({}) })
  const timers = createManualTimers()
  let wake = () => {}
  const connection = createConnection({
    dial: relay.dial,
    clock: new ManualClock(),
    timers,
    random: seededRandom(1),
    onWake(listener) {
      wake = listener
      return () => {
        wake = () => {}
      }
    },
  })
  const statuses: ConnectionStatus[] = []
  connection.onStatus((status) => statuses.push(status))
  return { relay, timers, connection, statuses, wake: () => wake() }
}

describe('the connection', () => {
  test('[CONN-3] every socket begins with session/open, and the status is open after its answer', async () => {
    const { relay, statuses } = start()
    await relay.run(1)
    expect(relay.requests).toEqual([{ method: 'session/open', params: { protocol: 1 } }])
    expect(statuses).toEqual(['connecting'])
    await relay.run()
    expect(statuses).toEqual(['connecting', 'open'])
  })

  test('[CONN-1] answers out of order reach their requests', async () => {
    const { relay, connection } = start()
    await relay.run()
    relay.answers['model/list'] = () => undefined
    relay.answers['session/ping'] = () => undefined
    const list = connection.request('model/list', {})
    const ping = connection.request('session/ping', {})
    await relay.run()
    relay.sendText(JSON.stringify({ id: 3, result: { at: 7, clock: 8 } }))
    relay.sendText(JSON.stringify({ id: 2, result: { models: [], defaultModelId: 'm', tiers: [] } }))
    await relay.run()
    expect(await ping).toEqual({ at: 7, clock: 8 })
    expect(await list).toEqual({ models: [], defaultModelId: 'm', tiers: [] })
  })

  test('[CONN-1] a refusal keeps its code, and an answer of the wrong form is no answer', async () => {
    const { relay, connection } = start()
    await relay.run()
    relay.answers['model/list'] = () => ({ error: { code: 'forbidden', message: 'no', retriable: false } })
    relay.answers['session/ping'] = () => ({ result: { at: 'noon' } })
    const list = connection.request('model/list', {}).catch((error: RequestError) => error.code)
    const ping = connection.request('session/ping', {}).catch((error: RequestError) => error.code)
    await relay.run()
    expect([await list, await ping]).toEqual(['forbidden', 'internal'])
  })

  test('[CONN-2] a cut socket rejects what is pending, and so does closing', async () => {
    const { relay, connection } = start()
    await relay.run()
    const lost = connection.request('model/list', {}).catch((error: RequestError) => error.code)
    relay.pair.cut()
    expect(await lost).toBe('busy')
    await relay.run()
    const closed = connection.request('model/list', {}).catch((error: RequestError) => error.code)
    connection.close()
    expect(await closed).toBe('busy')
    await expect(connection.request('model/list', {})).rejects.toThrow(RequestError)
  })

  test('[CONN-4] after a loss it dials at once, then waits longer and longer', async () => {
    const { relay, timers, statuses } = start()
    await relay.run()
    relay.pair.cut()
    expect(relay.dials).toBe(2)
    const waits: number[] = []
    for (let i = 0; i < 9; i++) {
      relay.pair.cut()
      const wait = timers.nextIn() ?? 0
      waits.push(wait)
      timers.advance(wait)
    }
    expect(relay.dials).toBe(11)
    waits.forEach((wait, attempt) => {
      const ceiling = Math.min(10_000, 250 * 2 ** attempt)
      expect(wait).toBeGreaterThanOrEqual(ceiling / 2)
      expect(wait).toBeLessThanOrEqual(ceiling)
    })
    await relay.run()
    expect(statuses).toEqual(['connecting', 'open', 'reconnecting', 'open'])
  })

  test('[CONN-4] the page coming back ends the wait', async () => {
    const { relay, wake } = start()
    await relay.run()
    relay.pair.cut()
    relay.pair.cut()
    expect(relay.dials).toBe(2)
    wake()
    expect(relay.dials).toBe(3)
  })

  test('[CONN-5] another protocol makes the page outdated for good', async () => {
    const { relay, statuses, timers, wake } = start()
    relay.answers['session/open'] = () => ({
      error: { code: 'protocolMismatch', message: 'reload', retriable: false },
    })
    await relay.run()
    timers.advance(60_000)
    wake()
    expect([statuses.at(-1), relay.dials]).toEqual(['outdated', 1])
  })

  test('[CONN-5] a refused key makes the page unauthorized for good', async () => {
    const { relay, statuses, timers } = start()
    relay.pair.cut(closeCodes.unauthorized)
    timers.advance(60_000)
    expect([statuses.at(-1), relay.dials]).toEqual(['unauthorized', 1])
  })

  test('[CONN-6] a socket that leaves a ping unanswered is replaced, one that answers is kept', async () => {
    const { relay, timers } = start()
    await relay.run()
    relay.answers['session/ping'] = () => ({ result: { at: 1, clock: 1 } })
    timers.advance(limits.pingEveryMs)
    await relay.run()
    timers.advance(limits.pingEveryMs - 1)
    expect(relay.dials).toBe(1)
    relay.answers['session/ping'] = () => undefined
    timers.advance(1)
    await relay.run()
    timers.advance(limits.pingEveryMs)
    expect(relay.dials).toBe(2)
  })

  test('[CONN-6] a dead socket is replaced although nobody answers its close', async () => {
    const { relay, timers, statuses, wake } = start()
    await relay.run()
    relay.answers['session/ping'] = () => undefined
    const dead = relay.pair
    dead.browser.close = () => {}
    wake()
    timers.advance(0)
    timers.advance(limits.connectMs)
    expect([relay.dials, statuses.at(-1)]).toEqual([2, 'reconnecting'])
    await relay.run()
    dead.cut()
    expect(statuses.at(-1)).toBe('open')
  })

  test('[CONN-6] a handshake that is not answered is given up', async () => {
    const { relay, timers } = start()
    relay.answers['session/open'] = () => undefined
    await relay.run()
    timers.advance(limits.handshakeMs)
    timers.advance(1000)
    expect(relay.dials).toBe(2)
  })

  test('[CONN-7] lists of frames are taken apart and what is no frame is ignored', async () => {
    const { relay, connection } = start()
    await relay.run()
    const texts: string[] = []
    connection.onEvent(({ event }) => texts.push(event.type))
    const renamed = { topic, event: { type: 'thread/renamed', title: 'a' } }
    for (const text of [
      '{',
      '7',
      '{"topic":"x"}',
      '[null]',
      '{"topic":"thread:thr_a","event":{"type":"new/kind"}}',
    ]) {
      relay.sendText(text)
    }
    relay.sendText(JSON.stringify([renamed, { topic, event: { type: 'new/kind' } }, renamed]))
    await relay.run()
    expect(texts).toEqual(['thread/renamed', 'thread/renamed'])
  })
})
