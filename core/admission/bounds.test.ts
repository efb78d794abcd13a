import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ProviderBound } from './bounds.ts'
import { Pool } from './pool.ts'

let nextId = 1
const ask = (tokens = 100) => ({ id: nextId++, user: 'a', tokens, work: 'live' as const })
const tokens = (left: number, resetAt: number, limit = 1000): ProviderBound => ({
  what: 'tokens',
  windowMs: 60_000,
  limit,
  left,
  resetAt,
})
const requests = (left: number, resetAt: number): ProviderBound => ({ what: 'requests', left, resetAt })

function drain(pool: Pool, now: number): number {
  let count = 0
  while (pool.next(now)) count++
  return count
}

test('[ADMIT-20] a call that its provider would refuse waits until it is told there is room again, and no longer', () => {
  const pool = new Pool({}, 0)
  const first = ask()
  pool.add(first)
  expect(drain(pool, 0)).toBe(1)
  pool.learn(first.id, [tokens(250, 8000), requests(50, 1000)], 10)
  for (let index = 0; index < 4; index++) pool.add(ask())
  expect(drain(pool, 10)).toBe(2)
  expect(pool.wakeIn(10)).toBe(7990)
  expect(pool.waiting(10).map(({ waitMs }) => waitMs)).toEqual([7990, 7990])
  expect(drain(pool, 7999)).toBe(0)
  expect(drain(pool, 8000)).toBe(2)
})

test('[ADMIT-20] of requests without a size nothing is known once their time is over; what never fits goes when all is there', () => {
  const pool = new Pool({}, 0)
  const first = ask()
  pool.add(first)
  drain(pool, 0)
  pool.learn(first.id, [requests(0, 500)], 0)
  for (let index = 0; index < 9; index++) pool.add(ask())
  expect([drain(pool, 499), drain(pool, 500)]).toEqual([0, 9])
  pool.learn(first.id, [tokens(900, 60_000)], 600)
  pool.add(ask(50_000))
  expect([drain(pool, 700), drain(pool, 60_000)]).toEqual([0, 1])
})

test('[ADMIT-20] of an allowance in percent calls begin as long as anything is left', () => {
  const pool = new Pool({}, 0)
  const first = ask()
  pool.add(first)
  drain(pool, 0)
  const bound = (left: number) => ({ what: 'percent', limit: 100, left, resetAt: 90_000 }) as const
  pool.learn(first.id, [bound(1)], 0)
  pool.add(ask(1_000_000))
  expect(drain(pool, 0)).toBe(1)
  pool.learn(first.id, [bound(0)], 1)
  pool.add(ask())
  expect([drain(pool, 2), pool.wakeIn(2)]).toEqual([0, 89_998])
})

test('[ADMIT-21] what began since the call that was answered is taken off what the answer says is left', () => {
  const pool = new Pool({}, 0)
  const first = ask()
  pool.add(first)
  drain(pool, 0)
  pool.add(ask(300))
  drain(pool, 5)
  pool.learn(first.id, [tokens(400, 9000)], 10)
  expect(pool.view(10)).toMatchObject({
    bounds: [{ from: 'provider', what: 'tokens', left: 100, limit: 1000, resetAt: 9000 }],
    running: 2,
    waiting: 0,
  })
})

test('[ADMIT-22] whatever providers say and whoever comes, a provider that counts as it says refuses nothing, and all begin in the end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(5000)), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 100, max: 2000 }),
      fc.integer({ min: 1, max: 20 }),
      (calls, limit, most) => {
        const windowMs = 10_000
        const pool = new Pool({}, 0)
        const provider = { tokens: limit, requests: most, resetAt: windowMs }
        const refill = (now: number) => {
          while (now >= provider.resetAt) {
            provider.tokens = limit
            provider.requests = most
            provider.resetAt += windowMs
          }
        }
        let began = 0
        let known = false
        let now = 0
        const begin = () => {
          for (let one = pool.next(now); one; one = pool.next(now)) {
            refill(now)
            const cost = Math.min(one.tokens, limit)
            // Until it has answered once nobody knows.
            if (known) expect(provider.tokens >= cost && provider.requests >= 1).toBe(true)
            provider.tokens = Math.max(0, provider.tokens - cost)
            provider.requests = Math.max(0, provider.requests - 1)
            began++
            const { resetAt } = provider
            pool.learn(
              one.id,
              [
                { what: 'tokens', windowMs, limit, left: provider.tokens, resetAt },
                { what: 'requests', windowMs, limit: most, left: provider.requests, resetAt },
              ],
              now,
            )
            known = true
            pool.end(one.id, now)
          }
        }
        for (const [cost, pause] of calls) {
          pool.add(ask(cost))
          begin()
          now += pause
          refill(now)
        }
        for (let wake = pool.wakeIn(now); wake !== undefined; wake = pool.wakeIn(now)) {
          now += wake
          begin()
        }
        expect(began).toBe(calls.length)
      },
    ),
  )
})
