import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ask, Pool, type WorkClass } from './pool.ts'

let nextId = 0
function ask(user: string, tokens = 100, work: WorkClass = 'live'): Ask {
  return { id: nextId++, user, tokens, work }
}

function drain(pool: Pool, now: number): Ask[] {
  const admitted: Ask[] = []
  for (let one = pool.next(now); one; one = pool.next(now)) admitted.push(one)
  return admitted
}

test('[ADMIT-1] without a bound all begin at once; with one no more begin than it allows', () => {
  const free = new Pool({}, 0)
  for (let index = 0; index < 100; index++) free.add(ask('a'))
  expect(drain(free, 0)).toHaveLength(100)

  const requests = new Pool({ requestsPerMinute: 60 }, 0)
  for (let index = 0; index < 200; index++) requests.add(ask('a'))
  expect(drain(requests, 0)).toHaveLength(60)
  expect(drain(requests, 10_000)).toHaveLength(10)

  const tokens = new Pool({ tokensPerMinute: 6000 }, 0)
  for (let index = 0; index < 200; index++) tokens.add(ask('a', 1000))
  expect(drain(tokens, 0)).toHaveLength(6)
  expect(tokens.wakeIn(0)).toBe(10_000)
  expect(drain(tokens, 10_000)).toHaveLength(1)

  const calls = new Pool({ concurrent: 2 }, 0)
  const first = ask('a')
  for (const one of [first, ask('a'), ask('a')]) calls.add(one)
  expect(drain(calls, 0)).toHaveLength(2)
  calls.end(first.id, 5)
  expect(drain(calls, 5)).toHaveLength(1)
})

test('[ADMIT-2] what a call did not use of its reserve is free again; one larger than a minute is let through', () => {
  const pool = new Pool({ tokensPerMinute: 1000 }, 0)
  const one = ask('a', 900)
  pool.add(one)
  pool.add(ask('a', 900))
  expect(drain(pool, 0)).toHaveLength(1)
  pool.end(one.id, 0, 100)
  expect(drain(pool, 0)).toHaveLength(1)
  pool.add(ask('a', 50_000))
  expect(drain(pool, 60_000 * 3)).toHaveLength(1)
})

test('[ADMIT-3] fifty users of whom one floods get shares within 10 percent of each other, by what their calls cost', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 50, max: 2000 }), { minLength: 50, maxLength: 50 }), (costs) => {
      const pool = new Pool({ tokensPerMinute: 6_000_000 }, 0)
      // The bucket's first minute is used up, so that all are served at its pace.
      pool.add(ask('before', 6_000_000))
      drain(pool, 0)
      const served = new Map<string, number>()
      const waiting = new Map<string, number>()
      for (let index = 0; index < 3000; index++) pool.add(ask('user 0', costs[0]))
      for (let now = 0; now < 60_000; now += 250) {
        for (let user = 1; user < 50; user++) {
          const name = `user ${user}`
          for (let have = waiting.get(name) ?? 0; have < 12; have++) {
            pool.add(ask(name, costs[user]))
            waiting.set(name, have + 1)
          }
        }
        for (const one of drain(pool, now)) {
          served.set(one.user, (served.get(one.user) ?? 0) + one.tokens)
          if (one.user !== 'user 0') waiting.set(one.user, (waiting.get(one.user) ?? 0) - 1)
          pool.end(one.id, now)
        }
      }
      const all = [...served.values()]
      const mean = all.reduce((sum, tokens) => sum + tokens, 0) / 50
      expect(all).toHaveLength(50)
      for (const tokens of all) expect(Math.abs(tokens - mean)).toBeLessThanOrEqual(mean * 0.1)
    }),
    { numRuns: 3 },
  )
}, 60_000)

test('[ADMIT-4] while others want some too, one user has only their part of the calls at a time', () => {
  const pool = new Pool({ concurrent: 4 }, 0)
  for (let index = 0; index < 10; index++) pool.add(ask('flood'))
  pool.add(ask('other'))
  pool.add(ask('other'))
  expect(
    drain(pool, 0)
      .map(({ user }) => user)
      .sort(),
  ).toEqual(['flood', 'flood', 'other', 'other'])
  // What nobody else wants is lent, but for what lets others begin at once.
  const wide = new Pool({ concurrent: 16 }, 0)
  wide.add(ask('other'))
  drain(wide, 0)
  for (let index = 0; index < 30; index++) wide.add(ask('flood'))
  expect(drain(wide, 0)).toHaveLength(13)
  wide.add(ask('other'))
  expect(drain(wide, 0).map(({ user }) => user)).toEqual(['other'])
})

test('[ADMIT-5] live and background work have their shares while both want more, and lend what they do not use', () => {
  const pool = new Pool({ tokensPerMinute: 60_000 }, 0)
  for (let index = 0; index < 2000; index++) pool.add(ask('a', 100, 'background'))
  expect(drain(pool, 0)).toHaveLength(600)
  for (let index = 0; index < 2000; index++) pool.add(ask('a', 100, 'live'))
  const both = drain(pool, 60_000)
  const live = both.filter(({ work }) => work === 'live').length
  expect(both).toHaveLength(600)
  expect(live).toBeGreaterThanOrEqual(440)
  expect(live).toBeLessThanOrEqual(460)
})

test('[ADMIT-23] one user never has more than their calls at a time, also when nobody else wants any', () => {
  const pool = new Pool({ concurrent: 16, concurrentPerUser: 2 }, 0)
  const asks = [ask('a'), ask('a'), ask('a'), ask('b')]
  for (const one of asks) pool.add(one)
  expect(drain(pool, 0).map(({ user }) => user)).toEqual(['a', 'b', 'a'])
  expect(pool.wakeIn(0)).toBeUndefined()
  pool.end(asks[0]?.id ?? 0, 5)
  expect(drain(pool, 5)).toEqual([asks[2]])
})

test('[ADMIT-24] each kind of work keeps to bounds of its own, and lends what it does not use but for what lets it begin at once', () => {
  const pool = new Pool({ live: { concurrent: 8 }, background: { concurrent: 2 } }, 0)
  const jobs = Array.from({ length: 20 }, () => ask('job', 100, 'background'))
  for (const one of jobs) pool.add(one)
  // Its own two, and six of the eight that nobody uses.
  expect(drain(pool, 0)).toHaveLength(8)
  for (let index = 0; index < 3; index++) pool.add(ask(`person ${index}`))
  expect(drain(pool, 0).map(({ work }) => work)).toEqual(['live', 'live'])
  for (const one of jobs.slice(0, 8)) pool.end(one.id, 5)
  // While live work wants more, background has its own only.
  for (let index = 3; index < 20; index++) pool.add(ask(`person ${index}`))
  const begun = drain(pool, 5)
  expect(begun.filter(({ work }) => work === 'live')).toHaveLength(6)
  expect(begun.filter(({ work }) => work === 'background')).toHaveLength(2)
})

test('[ADMIT-24] requests and tokens of a minute are lent too; a kind of work without bounds lends nothing', () => {
  const both = { live: { requestsPerMinute: 60 }, background: { requestsPerMinute: 20 } }
  const pool = new Pool(both, 0)
  for (let index = 0; index < 100; index++) pool.add(ask('job', 100, 'background'))
  expect(drain(pool, 0)).toHaveLength(20 + 45)
  expect(pool.wakeIn(0)).toBeGreaterThan(0)
  pool.add(ask('person'))
  expect(drain(pool, 0).map(({ work }) => work)).toEqual(['live'])
  const alone = new Pool({ background: { tokensPerMinute: 500 } }, 0)
  for (let index = 0; index < 10; index++) alone.add(ask('job', 100, 'background'))
  for (let index = 0; index < 10; index++) alone.add(ask('person'))
  expect(drain(alone, 0)).toHaveLength(15)
  expect(alone.wakeIn(0)).toBe(12_000)
})

test('[ADMIT-25] each user keeps to bounds of their own, and lets others pass whom those do not hold up', () => {
  const pool = new Pool(
    { requestsPerMinute: 100, perUser: { requestsPerMinute: 6, tokensPerMinute: 1000 } },
    0,
  )
  for (let index = 0; index < 10; index++) pool.add(ask('a'))
  pool.add(ask('b', 900))
  pool.add(ask('b', 900))
  expect(
    drain(pool, 0)
      .map(({ user }) => user)
      .toSorted(),
  ).toEqual(['a', 'a', 'a', 'a', 'a', 'a', 'b'])
  expect(pool.wakeIn(0)).toBe(10_000)
  expect(pool.waiting(0).find(({ waitMs }) => waitMs > 40_000)).toBeDefined()
  expect(drain(pool, 10_000).map(({ user }) => user)).toEqual(['a'])
  const own = pool.view(10_000, 'b').bounds.filter(({ of }) => of === 'user')
  expect(own.map(({ what, limit }) => [what, limit])).toEqual([
    ['requests', 6],
    ['tokens', 1000],
  ])
})

type Event =
  | { readonly type: 'add'; readonly user: number; readonly tokens: number; readonly work: WorkClass }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'end' | 'cancel'; readonly pick: number }

const events = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('add' as const),
      user: fc.nat(6),
      tokens: fc.integer({ min: 1, max: 3000 }),
      work: fc.constantFrom<WorkClass>('live', 'background'),
    }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.nat(5000) }),
    fc.record({ type: fc.constantFrom('end' as const, 'cancel' as const), pick: fc.nat(50) }),
  ),
  { maxLength: 80 },
)

const some = fc.record(
  {
    requestsPerMinute: fc.integer({ min: 1, max: 100 }),
    tokensPerMinute: fc.integer({ min: 500, max: 20_000 }),
    concurrent: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
)
const limits = fc.record(
  {
    requestsPerMinute: fc.integer({ min: 1, max: 200 }),
    tokensPerMinute: fc.integer({ min: 500, max: 50_000 }),
    concurrent: fc.integer({ min: 1, max: 5 }),
    concurrentPerUser: fc.integer({ min: 1, max: 3 }),
    live: some,
    background: some,
    perUser: some,
  },
  { requiredKeys: [] },
)

test('[ADMIT-6] whatever happens, a position never goes up', () => {
  fc.assert(
    fc.property(limits, events, (bounds, happening: readonly Event[]) => {
      const pool = new Pool(bounds, 0)
      const running: Ask[] = []
      const shown = new Map<number, number>()
      let now = 0
      for (const event of happening) {
        if (event.type === 'add') pool.add(ask(`u${event.user}`, event.tokens, event.work))
        else if (event.type === 'pass') now += event.ms
        else if (event.type === 'end') {
          const [one] = running.splice(event.pick % Math.max(1, running.length), 1)
          if (one) pool.end(one.id, now)
        } else {
          const all = pool.waiting(now)
          const one = all[event.pick % Math.max(1, all.length)]
          if (one) pool.end(one.id, now)
        }
        running.push(...drain(pool, now))
        for (const { id, position, waitMs } of pool.waiting(now)) {
          expect(position).toBeLessThanOrEqual(shown.get(id) ?? Number.POSITIVE_INFINITY)
          expect(position).toBeGreaterThanOrEqual(1)
          expect(waitMs).toBeGreaterThanOrEqual(0)
          shown.set(id, position)
        }
      }
    }),
  )
})

test('[ADMIT-7] nobody starves: once no more come, all that wait begin', () => {
  fc.assert(
    fc.property(limits, events, (bounds, happening: readonly Event[]) => {
      const pool = new Pool(bounds, 0)
      const running: Ask[] = []
      let added = 0
      let begun = 0
      let now = 0
      for (const event of happening) {
        if (event.type === 'add') {
          pool.add(ask(`u${event.user}`, event.tokens, event.work))
          added++
        } else if (event.type === 'pass') now += event.ms
      }
      for (let rounds = 0; rounds < 400 && begun < added; rounds++) {
        const admitted = drain(pool, now)
        begun += admitted.length
        running.push(...admitted)
        now += pool.wakeIn(now) ?? 1000
        for (const one of running.splice(0)) pool.end(one.id, now)
      }
      expect(begun).toBe(added)
    }),
  )
})

test('[ADMIT-8] a flood does not hold up others: at 500 calls a second of 50 users their wait is at most two seconds for 95 of 100', () => {
  const pool = new Pool({ requestsPerMinute: 30_000, concurrent: 200 }, 0)
  const askedAt = new Map<number, number>()
  const running: { readonly id: number; readonly end: number }[] = []
  const waits: number[] = []
  let begun = 0
  for (let now = 0; now < 10_000; now++) {
    for (let user = 1; user < 50; user++) {
      if ((now + user * 4) % 200 !== 0) continue
      const one = ask(`user ${user}`)
      askedAt.set(one.id, now)
      pool.add(one)
    }
    if (now % 2 === 0) pool.add(ask('flood'))
    for (let next = running[0]; next && next.end <= now; next = running[0]) {
      running.shift()
      pool.end(next.id, now)
    }
    for (const { id } of drain(pool, now)) {
      begun++
      running.push({ id, end: now + 300 })
      const at = askedAt.get(id)
      if (at !== undefined) waits.push(now - at)
    }
  }
  const slowest = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)]
  expect(waits.length).toBeGreaterThan(2400)
  expect(slowest).toBeLessThanOrEqual(2000)
  // And the flood has what is left.
  expect(begun).toBeGreaterThan(5000)
})
