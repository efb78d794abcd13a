import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Call } from '../protocol/call.ts'
import { ClockOffset } from './clock-offset.ts'
import { betweenOf, hopNames, hopsOf, type PageStamps, percentile, spreadOf, sumOf } from './latency.ts'

const call: Call = {
  request: 0,
  modelId: 'test/spark',
  status: 'completed',
  prompted: true,
  at: 5_000_000,
  asked: 400,
  admitted: 1_400,
  connected: 31_400,
  sent: 31_500,
  firstToken: 72_000,
  out: 72_300,
  ended: 900_000,
  connection: 'opened',
  tokens: 800,
  stream: 800_000,
  relay: 16_000,
}
/** By a clock that is 4,000 ms behind the relay's. */
const page: PageStamps = {
  pressed: 990,
  sent: 993,
  received: 1079,
  parsed: 1079.2,
  applied: 1085,
  painted: 1092,
  offset: 4000,
}

test('[HUD-1] every hop of a prompt is told apart, from the key to the paint', () => {
  expect(hopsOf(call, page)).toEqual([
    { name: 'press', us: 3000 },
    { name: 'up', us: 7000 },
    { name: 'prepare', us: 400 },
    { name: 'queue', us: 1000 },
    { name: 'connect', us: 30_000 },
    { name: 'send', us: 100 },
    { name: 'model', us: 40_500 },
    { name: 'relay', us: 300 },
    { name: 'down', us: 6700 },
    { name: 'parse', us: 200 },
    { name: 'apply', us: 5800 },
    { name: 'paint', us: 7000 },
  ])
})

const later = fc.integer({ min: 0, max: 5_000_000 })
const anyCall = fc
  .record({
    at: fc.integer({ min: 0, max: 2 ** 40 }),
    steps: fc.array(later, { minLength: 6, maxLength: 6 }),
  })
  .map(({ at, steps }): Call => {
    const ends = steps.map((_, index) => steps.slice(0, index + 1).reduce((sum, step) => sum + step, 0))
    const [asked = 0, admitted = 0, connected = 0, sent = 0, firstToken = 0, out = 0] = ends
    return { ...call, at, asked, admitted, connected, sent, firstToken, out }
  })
const ms = fc.double({ min: 0, max: 10_000, noNaN: true })
const anyOffset = fc.option(fc.double({ min: -1e7, max: 1e7, noNaN: true }), { nil: undefined })

test('[HUD-2] hops sum to the whole to the microsecond, none of them negative, whatever the clocks say', () => {
  fc.assert(
    fc.property(anyCall, ms, ms, ms, ms, anyOffset, (one, press, up, down, rest, offset) => {
      const pressed = 100
      const sent = pressed + press
      // Nothing is received before it has left, on whichever clock.
      const received = sent + up + (one.out ?? 0) / 1000 + down
      const stamps = { pressed, sent, received, parsed: received, applied: received + rest, offset }
      const painted = received + 2 * rest
      const hops = hopsOf(one, { ...stamps, painted })
      expect(hops.map(({ name }) => name)).toEqual(hopNames)
      expect(Math.min(...hops.map(({ us }) => us))).toBeGreaterThanOrEqual(0)
      expect(
        Math.abs(sumOf(hops) - (Math.round(painted * 1000) - Math.round(pressed * 1000))),
      ).toBeLessThanOrEqual(1)
    }),
  )
})

test('[HUD-3] where a stamp is missing its hop goes to the next one, and the sum stays', () => {
  const optional = ['admitted', 'connected', 'sent', 'firstToken'] as const
  fc.assert(
    fc.property(anyCall, fc.subarray([...optional]), (one, missing) => {
      const part = Object.fromEntries(
        Object.entries(one).filter(([key]) => !missing.some((name) => name === key)),
      )
      const hops = hopsOf({
        ...call,
        ...part,
        ...Object.fromEntries(missing.map((name) => [name, undefined])),
      } as Call)
      expect(sumOf(hops)).toBe(one.out)
      expect(hops).toHaveLength(6 - missing.length)
    }),
  )
  const { pressed: _, sent: __, painted: ___, ...seen } = page
  expect(hopsOf(call, seen).map(({ name }) => name)).toEqual(hopNames.slice(2, -1))
  expect(hopsOf({ ...call, out: undefined } as never, page).map(({ name }) => name)).toEqual(
    hopNames.slice(2, 7),
  )
})

test('[HUD-4] the clocks are compared by the quickest of the latest questions', () => {
  const clocks = new ClockOffset()
  expect(clocks.value).toBeUndefined()
  clocks.add({ sentAt: 100, receivedAt: 110, there: 4105 })
  clocks.add({ sentAt: 200, receivedAt: 300, there: 4290 })
  expect(clocks.value).toBe(4000)
  for (let at = 1000; at < 1016; at++) clocks.add({ sentAt: at, receivedAt: at + 20, there: at + 4013 })
  expect(clocks.value).toBe(4003)
  clocks.clear()
  expect(clocks.value).toBeUndefined()
})

test('[HUD-5] an estimate of the clocks that would make something arrive before it left is not believed', () => {
  const hops = hopsOf(call, { ...page, offset: 4500 })
  expect(hops.find(({ name }) => name === 'up')).toEqual({ name: 'up', us: 0 })
  expect(sumOf(hops)).toBe(102_000)
  const halved = hopsOf(call, { ...page, offset: undefined })
  expect(halved.find(({ name }) => name === 'up')?.us).toBe(6850)
  expect(halved.find(({ name }) => name === 'down')?.us).toBe(6850)
})

test('[HUD-6] of several turns each hop has its median and its 95th percentile, the whole of those that are whole', () => {
  const of = (...us: number[]) => us.map((one, index) => ({ name: hopNames[index] ?? 'paint', us: one }))
  const spread = spreadOf([of(1, 10), of(2, 20), of(3, 30), of(100)])
  expect(spread.press).toEqual({ p50: 2, p95: 100, count: 4 })
  expect(spread.up).toEqual({ p50: 20, p95: 30, count: 3 })
  expect(spread.whole).toEqual({ p50: 22, p95: 33, count: 3 })
  expect(spread.paint).toBeUndefined()
  expect(spreadOf([])).toEqual({})
  expect(percentile([], 0.5)).toBeUndefined()
})

test('[HUD-7] between results of tools and the next request only the relay is', () => {
  expect(betweenOf(call)).toBeUndefined()
  expect(betweenOf({ ...call, prompted: false })).toBe(31_500)
})
