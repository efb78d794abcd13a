import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '../protocol/limits.ts'
import { abandoned, admits, type Breaker, begun, closedBreaker, failed } from './breaker.ts'

const { breakerFailures, breakerBaseMs, breakerCeilingMs, breakerWindowMs } = limits

function failing(times: number, everyMs = 1): Breaker {
  let breaker = closedBreaker
  for (let index = 1; index <= times; index++) breaker = failed(breaker, index * everyMs)
  return breaker
}

test('[BREAKER-1] it opens after repeated failures in a row, at once when asked to wait, and not before', () => {
  expect(failing(breakerFailures - 1)).toMatchObject({ state: 'closed' })
  expect(failing(breakerFailures)).toMatchObject({ state: 'open' })
  expect(failing(50, breakerWindowMs + 1)).toMatchObject({ state: 'closed', failures: 1 })
  expect(failed(closedBreaker, 10, 200)).toEqual({ state: 'open', until: 210, trips: 1 })
  expect(failed(closedBreaker, 10, 3_600_000)).toMatchObject({ until: 10 + breakerCeilingMs })
})

test('[BREAKER-2] once its time is over one probe is let through, and the others when it ended', () => {
  const open = failing(breakerFailures)
  const due = breakerFailures + breakerBaseMs
  expect(admits(open, due - 1)).toBe(false)
  expect(begun(open, due - 1)).toBe(open)
  expect(admits(open, due)).toBe(true)
  const probing = begun(open, due)
  expect(admits(probing, due)).toBe(false)
  expect(admits(abandoned(probing, due + 5), due + 5)).toBe(true)
  expect(admits(probing, due + breakerCeilingMs)).toBe(true)
})

test('[BREAKER-3] a probe that fails opens it for longer, up to the ceiling', () => {
  let breaker = failing(breakerFailures)
  let now: number = breakerFailures
  const waits: number[] = []
  for (let index = 0; index < 8; index++) {
    if (breaker.state !== 'open') throw new Error('a failed probe opens it')
    waits.push(breaker.until - now)
    now = breaker.until
    breaker = failed(begun(breaker, now), now)
  }
  expect(waits.slice(0, 3)).toEqual([breakerBaseMs, 2 * breakerBaseMs, 4 * breakerBaseMs])
  expect(waits.every((wait, index) => index === 0 || wait >= (waits[index - 1] ?? 0))).toBe(true)
  expect(waits.at(-1)).toBe(breakerCeilingMs)
})

test('[BREAKER-4] whatever happens, it is never left alone longer than the ceiling, and at most one probes', () => {
  const event = fc.record({
    type: fc.constantFrom('begin', 'fail', 'abandon', 'succeed' as const),
    afterMs: fc.integer({ min: 0, max: 2 * breakerCeilingMs }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 10 * breakerCeilingMs }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let breaker = closedBreaker
      let now = 0
      for (const { type, afterMs, retryAfterMs } of events) {
        now += afterMs
        const could = admits(breaker, now)
        if (type === 'begin') {
          const next = begun(breaker, now)
          if (!could) expect(next).toBe(breaker)
          else if (breaker.state !== 'closed') expect(admits(next, now)).toBe(false)
          breaker = next
        } else if (type === 'fail') breaker = failed(breaker, now, retryAfterMs)
        else breaker = type === 'abandon' ? abandoned(breaker, now) : closedBreaker
        expect(admits(breaker, now + breakerCeilingMs)).toBe(true)
      }
    }),
  )
})
