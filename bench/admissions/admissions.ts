import { Pool } from '../../core/admission/pool.ts'
import { Admissions } from '../../server/runtime/admissions.ts'
import { systemTimers as timers } from '../../server/timers.ts'

import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const users = 50
const perSecond = 500
/** The one who floods keeps so many waiting. */
const flood = 2000
const others = Array.from({ length: users - 1 }, (_, index) => `user ${index + 1}`)

/** 500 admissions a second for 50 users of whom one floods: by a clock moved by hand, and once in real time. */
export async function measureAdmissions({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const seconds = quick ? 10 : 60
  const real = await realRun(quick ? 3 : 10)
  return [...saturated(seconds), ...flooded(seconds), ...real]
}

/** Everybody wants more than there is, in calls of different cost: whether all get the same. */
function saturated(seconds: number): readonly Row[] {
  const costOf = (user: string) => 100 + (Number(user.slice(5)) % 7) * 100
  const mean = 400
  const pool = new Pool({ tokensPerMinute: perSecond * 60 * mean }, 0)
  let id = 0
  const add = (user: string) => pool.add({ id: ++id, user, tokens: costOf(user), work: 'live' })
  // The first minute is there at once; it is used up before.
  pool.add({ id: ++id, user: 'before', tokens: perSecond * 60 * mean, work: 'live' })
  pool.next(0)
  const everybody = ['user 0', ...others]
  const served = new Map(everybody.map((user) => [user, 0]))
  const positions = new Positions()
  let begun = 0
  for (let index = 0; index < flood; index++) add('user 0')
  for (const user of others) for (let index = 0; index < 20; index++) add(user)
  for (let now = 0; now < seconds * 1000; now += 5) {
    for (let one = pool.next(now); one; one = pool.next(now)) {
      begun++
      served.set(one.user, (served.get(one.user) ?? 0) + one.tokens)
      pool.end(one.id, now)
      add(one.user)
    }
    if (now % 1000 === 0) positions.see(pool.waiting(now))
  }
  const all = [...served.values()]
  const average = all.reduce((sum, tokens) => sum + tokens, 0) / users
  const worst = Math.max(...all.map((tokens) => Math.abs(tokens - average) / average))
  return [
    row('admissions.saturated.perSecond', '/s', [begun / seconds]),
    row('admissions.saturated.shareError', '%', [worst * 100], 10),
    row('admissions.saturated.starved', 'users', [all.filter((tokens) => tokens === 0).length], 0),
    row('admissions.saturated.positionUp', 'times', [positions.wentUp], 0),
  ]
}

/** The others want less than their share: how long they wait beside the flood. */
function flooded(seconds: number): readonly Row[] {
  const pool = new Pool({ requestsPerMinute: perSecond * 60, concurrent: 200 }, 0)
  const askedAt = new Map<number, number>()
  const running: { readonly id: number; readonly end: number }[] = []
  const waits: number[] = []
  const positions = new Positions()
  let id = 0
  let floods = 0
  for (let now = 0; now < seconds * 1000; now++) {
    for (const [index, user] of others.entries()) {
      if ((now + index * 4) % 200 !== 0) continue
      askedAt.set(++id, now)
      pool.add({ id, user, tokens: 100, work: 'live' })
    }
    for (; floods < flood; floods++) pool.add({ id: ++id, user: 'user 0', tokens: 100, work: 'live' })
    for (let next = running[0]; next && next.end <= now; next = running[0]) {
      running.shift()
      pool.end(next.id, now)
    }
    for (let one = pool.next(now); one; one = pool.next(now)) {
      running.push({ id: one.id, end: now + 300 })
      const at = askedAt.get(one.id)
      if (at === undefined) floods--
      else waits.push(now - at)
      askedAt.delete(one.id)
    }
    if (now % 1000 === 0) positions.see(pool.waiting(now))
  }
  // Those who have not begun yet have waited too.
  for (const at of askedAt.values()) waits.push(seconds * 1000 - at)
  return [
    row('admissions.flood.wait.p95', 'ms', [quantile(waits, 0.95)], 2000),
    row('admissions.flood.wait.max', 'ms', [Math.max(...waits)]),
    row('admissions.flood.positionUp', 'times', [positions.wentUp], 0),
  ]
}

/** The same in real time, with everything the server puts around the pool. */
async function realRun(seconds: number): Promise<readonly Row[]> {
  const callMs = 340
  const admissions = new Admissions({ clock, timers, limits: { 'bench/model': { concurrent: 200 } } })
  const waits: number[] = []
  let begun = 0
  let wentUp = 0
  let isOver = false
  const ask = (user: string, onBegun: () => void) => {
    let shown = Number.POSITIVE_INFINITY
    admissions.ask({
      modelId: 'bench/model',
      user,
      work: 'live',
      tokens: () => 100,
      onWaiting: ({ position }) => {
        if (position > shown) wentUp++
        shown = position
      },
      onAdmitted: (ticket) => {
        begun++
        onBegun()
        setTimeout(() => ticket.end(), callMs)
      },
    })
  }
  const floodOne = () => ask('user 0', () => !isOver && floodOne())
  for (let index = 0; index < flood; index++) floodOne()
  const cpu = process.cpuUsage()
  const beginnings = others.map((user, index) =>
    setTimeout(() => {
      const again = setInterval(() => {
        const at = performance.now()
        ask(user, () => waits.push(performance.now() - at))
      }, 200)
      stops.push(() => clearInterval(again))
    }, index * 4),
  )
  const stops: (() => void)[] = beginnings.map((timer) => () => clearTimeout(timer))
  const before = begun
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  for (const stop of stops) stop()
  isOver = true
  const used = process.cpuUsage(cpu)
  return [
    row('admissions.real.perSecond', '/s', [(begun - before) / seconds]),
    row('admissions.real.wait.p95', 'ms', [quantile(waits, 0.95)], 2000),
    row('admissions.real.positionUp', 'times', [wentUp], 0),
    row('admissions.real.cpu', 'ms/1000', [(used.user + used.system) / begun]),
  ]
}

/** Whether a place that was shown ever got worse. */
class Positions {
  readonly #shown = new Map<number, number>()
  wentUp = 0

  see(waiting: readonly { readonly id: number; readonly position: number }[]): void {
    for (const { id, position } of waiting) {
      if (position > (this.#shown.get(id) ?? Number.POSITIVE_INFINITY)) this.wentUp++
      this.#shown.set(id, position)
    }
  }
}
