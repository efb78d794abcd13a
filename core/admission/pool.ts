import { type BoundView, type ProviderBound, Told } from './bounds.ts'
import { type Bounds, Part } from './part.ts'

/** What a model, or models that share a pool, may be asked for. */
export interface PoolLimits extends Bounds {
  /** Calls at a time of one user, whoever else wants some. */
  readonly concurrentPerUser?: number | undefined
  /** Of each user. */
  readonly perUser?: Bounds | undefined
  /** Of each kind of work. What the other does not use is lent. */
  readonly live?: Bounds | undefined
  readonly background?: Bounds | undefined
}

/** The name of the pool a model shares, by model or by provider; `undefined`: it has its own. */
export function poolOf(modelId: string, pools: Readonly<Record<string, string>>): string | undefined {
  return pools[modelId] ?? pools[modelId.slice(0, modelId.indexOf('/'))]
}

export type WorkClass = 'live' | 'background'

export interface Ask {
  readonly id: number
  /** Whose share it comes out of. */
  readonly user: string
  readonly work: WorkClass
  /** Input and reserved output. */
  readonly tokens: number
}

export interface Waiting {
  readonly id: number
  /** 1: the next. Never more than it was. */
  readonly position: number
  /** About how long, in milliseconds. */
  readonly waitMs: number
}

/** Of what the pool can serve while both want more; what one does not use is the other's. */
const shares: Readonly<Record<WorkClass, number>> = { live: 0.75, background: 0.25 }
const works = ['live', 'background'] as const
/** What is never lent of a kind's own bounds, so that it can begin at once. */
const keptOwn: Readonly<Record<WorkClass, number>> = { live: 0.25, background: 0 }
/** Users whose bounds are remembered while they ask for nothing. */
const knownUsers = 1000
/** How long a call takes before any has been seen. */
const firstGuessMs = 3000

interface Queued {
  readonly ask: Ask
  shown: number
}

interface User {
  readonly name: string
  readonly work: WorkClass
  readonly queue: Queued[]
  running: number
  /** What it was served, in tokens; who was served least comes next. */
  served: number
}

/**
 * Who may call a model next. Users take turns by what their calls cost, so that a flood makes only its author wait.
 * Pure: times are milliseconds of one clock, given with each call.
 */
export class Pool {
  readonly #limits: PoolLimits
  /** All of it, and the calls at a time of all kinds of work. */
  readonly #all: Part
  readonly #concurrent: number
  readonly #byWork: Readonly<Record<WorkClass, Part | undefined>>
  readonly #byUser = new Map<string, Part>()
  #told: readonly Told[] = []
  readonly #users = new Map<string, User>()
  readonly #running = new Map<
    number,
    { readonly user: User; readonly since: number; readonly tokens: number; readonly parts: readonly Part[] }
  >()
  /** Per class: what it was served by its share, and what its user who comes next was served. */
  readonly #classServed: Record<WorkClass, number> = { live: 0, background: 0 }
  readonly #floor: Record<WorkClass, number> = { live: 0, background: 0 }
  #callMs = firstGuessMs

  constructor(limits: PoolLimits, now: number) {
    this.#limits = limits
    this.#all = new Part(limits, now)
    const { live, background } = limits
    const both = (live?.concurrent ?? Number.NaN) + (background?.concurrent ?? Number.NaN)
    this.#concurrent = limits.concurrent ?? (Number.isNaN(both) ? Number.POSITIVE_INFINITY : both)
    this.#byWork = {
      live: live && new Part(live, now),
      background: background && new Part(background, now),
    }
  }

  /**
   * What the provider answered to a call. It knew nothing of those that began since, so that they are still to be
   * taken off.
   */
  learn(id: number, bounds: readonly ProviderBound[], now: number): void {
    const since = this.#running.get(id)?.since ?? now
    const later = [...this.#running.values()].filter((other) => other.since > since)
    this.#told = bounds.map((bound) => {
      const told = new Told(bound)
      for (const { tokens } of later) told.take(1, tokens, now)
      return told
    })
  }

  /** What is left of each bound, and how many calls run and wait. `user`: whose own bounds are told too. */
  view(
    now: number,
    user?: string,
  ): {
    readonly bounds: readonly BoundView[]
    readonly running: number
    readonly waiting: number
  } {
    const own = user === undefined ? undefined : this.#userPart(user, now)
    const parts = [
      { of: {}, part: this.#all },
      { of: { of: 'live' }, part: this.#byWork.live },
      { of: { of: 'background' }, part: this.#byWork.background },
      { of: { of: 'user' }, part: own },
    ] as const
    const bounds = parts.flatMap(({ of, part }) =>
      (part?.view(now) ?? []).map((bound): BoundView => ({ from: 'server', ...of, ...bound })),
    )
    const waiting = [...this.#users.values()].reduce((sum, { queue }) => sum + queue.length, 0)
    const told = this.#told.flatMap((one) => one.view(now) ?? [])
    return { bounds: [...bounds, ...told], running: this.#running.size, waiting }
  }

  /** It waits until `next` names it. */
  add(ask: Ask): void {
    const key = `${ask.work} ${ask.user}`
    let user = this.#users.get(key)
    if (!user) {
      user = { name: ask.user, work: ask.work, queue: [], running: 0, served: this.#floor[ask.work] }
      this.#users.set(key, user)
    }
    if (!this.#isWaiting(ask.work)) this.#wake(ask.work)
    // Nobody saves up by not asking.
    if (user.queue.length === 0) user.served = Math.max(user.served, this.#floor[ask.work])
    user.queue.push({ ask, shown: Number.POSITIVE_INFINITY })
  }

  /** The call that may begin now, if one may. */
  next(now: number): Ask | undefined {
    if (this.#running.size >= this.#concurrent) return undefined
    const user = this.#pick(now)
    const ask = user?.queue[0]?.ask
    if (!user || !ask) return undefined
    const tokens = this.#cost(ask)
    // Nobody passes the one whose turn it is, or a large call would never come.
    if (this.#msUntil(1, tokens, now) > 0) return undefined
    const parts = [this.#all, this.#partFor(user, tokens, now), this.#userPart(user.name, now)].filter(
      (part) => part !== undefined,
    )
    for (const part of parts) part.take(tokens, now)
    for (const told of this.#told) told.take(1, tokens, now)
    user.queue.shift()
    user.running++
    this.#floor[user.work] = user.served
    user.served += tokens
    this.#classServed[user.work] += tokens / shares[user.work]
    this.#running.set(ask.id, { user, since: now, tokens, parts })
    return ask
  }

  /** It is over, or nobody waits for it any more. `usedTokens`: what it cost in the end; else what it was admitted for. */
  end(id: number, now: number, usedTokens?: number): void {
    const running = this.#running.get(id)
    if (running) {
      const { user, since, tokens, parts } = running
      this.#running.delete(id)
      user.running--
      for (const part of parts) part.end(tokens, usedTokens, now)
      this.#callMs += (now - since - this.#callMs) / 8
    }
    for (const [key, user] of this.#users) {
      const index = user.queue.findIndex(({ ask }) => ask.id === id)
      if (index >= 0) user.queue.splice(index, 1)
      const isGone = user.queue.length === 0 && user.running === 0
      if (isGone && user.served <= this.#floor[user.work]) this.#users.delete(key)
    }
  }

  /** Milliseconds until time alone lets the next one begin; `undefined`: none waits, or a call must end first. */
  wakeIn(now: number): number | undefined {
    if (this.#running.size >= this.#concurrent) return undefined
    const ask = this.#pick(now)?.queue[0]?.ask
    if (ask) return this.#msUntil(1, this.#cost(ask), now)
    const { concurrentPerUser = Number.POSITIVE_INFINITY } = this.#limits
    const waits = [...this.#users.values()].flatMap((user) => {
      const first = user.queue[0]?.ask
      return first && user.running < concurrentPerUser ? [this.#msOfParts(user, this.#cost(first), now)] : []
    })
    const least = Math.min(...waits)
    return Number.isFinite(least) ? least : undefined
  }

  /** About how long who comes now would wait behind all who wait. */
  waitMs({ user, work, tokens }: Omit<Ask, 'id'>, now: number): number {
    const line = new Line()
    for (const { ask } of this.#order()) line.add(ask, this.#cost(ask))
    const newcomer = { id: -1, user, work, tokens }
    line.add(newcomer, this.#cost(newcomer))
    return this.#waitOf(newcomer, line, now)
  }

  /** All that wait, in the order in which they would begin if nobody came any more. */
  waiting(now: number): readonly Waiting[] {
    const line = new Line()
    return this.#order().map((queued, index) => {
      line.add(queued.ask, this.#cost(queued.ask))
      // Who came later and was served less goes first; that is told by the wait, not by a place lost.
      queued.shown = Math.min(queued.shown, index + 1)
      return { id: queued.ask.id, position: queued.shown, waitMs: this.#waitOf(queued.ask, line, now) }
    })
  }

  /** Until the last of the line has begun: with all of them, with those of its kind, and with its user's. */
  #waitOf({ user, work }: Ask, line: Line, now: number): number {
    const byCalls = (calls: number, free: number, most: number) =>
      calls <= free ? 0 : (this.#callMs * calls) / most
    const all = line.of('')
    const free = Math.max(0, this.#concurrent - this.#running.size)
    const waits = [this.#msUntil(all.calls, all.tokens, now), byCalls(all.calls, free, this.#concurrent)]
    const { perUser } = this.#limits
    const parts = [
      { part: this.#byWork[work], most: this.#limits[work]?.concurrent, sum: line.of(work) },
      { part: this.#userPart(user, now), most: perUser?.concurrent, sum: line.of(`user ${user}`) },
    ]
    for (const { part, most = Number.POSITIVE_INFINITY, sum } of parts) {
      if (!part) continue
      waits.push(part.msByTime(sum.calls, sum.tokens, now), byCalls(sum.calls, part.free, most))
    }
    return Math.round(Math.max(...waits))
  }

  #isWaiting(work: WorkClass): boolean {
    return this.#of(work).some(({ queue }) => queue.length > 0)
  }

  #of(work: WorkClass): readonly User[] {
    return [...this.#users.values()].filter((user) => user.work === work)
  }

  /** A class that asked for nothing has lent its share for good. */
  #wake(work: WorkClass): void {
    const others = works.filter((other) => other !== work && this.#isWaiting(other))
    const least = Math.min(...others.map((other) => this.#classServed[other]))
    if (others.length > 0) this.#classServed[work] = Math.max(this.#classServed[work], least)
  }

  #pick(now: number): User | undefined {
    const fair = { live: this.#fair('live'), background: this.#fair('background') }
    const { concurrentPerUser = Number.POSITIVE_INFINITY } = this.#limits
    const waiting = [...this.#users.values()].filter((user) => {
      const ask = user.queue[0]?.ask
      // Whom only their own bounds hold up lets others pass.
      return ask && user.running < concurrentPerUser && this.#msOfParts(user, this.#cost(ask), now) === 0
    })
    const within = waiting.filter(({ work, running }) => running < fair[work].part)
    // What others do not use may be had, but a little stays free for them to begin at once.
    const able = within.length > 0 ? within : waiting.filter(({ work }) => fair[work].hasMore)
    return able.reduce<User | undefined>((best, user) => {
      if (!best) return user
      if (best.work !== user.work) {
        return this.#classServed[user.work] < this.#classServed[best.work] ? user : best
      }
      return user.served < best.served ? user : best
    }, undefined)
  }

  /** Until the bounds of its kind of work, or what the other lends, and those of its user allow it. */
  #msOfParts({ name, work }: User, tokens: number, now: number): number {
    const own = this.#byWork[work]
    const byWork = !own || this.#lender(work, tokens, now) ? 0 : own.msUntil(1, tokens, now)
    return Math.max(byWork, this.#userPart(name, now)?.msUntil(1, tokens, now) ?? 0)
  }

  /** What a call that may begin is taken from. */
  #partFor({ work }: User, tokens: number, now: number): Part | undefined {
    const own = this.#byWork[work]
    return own?.msUntil(1, tokens, now) === 0 ? own : (this.#lender(work, tokens, now) ?? own)
  }

  /** The bounds of the other kind of work, when it wants nothing and has enough left. */
  #lender(work: WorkClass, tokens: number, now: number): Part | undefined {
    const own = this.#byWork[work]
    const other = work === 'live' ? 'background' : 'live'
    const lender = this.#byWork[other]
    if (!own || !lender || this.#isWaiting(other)) return undefined
    return lender.lends(own, tokens, { kept: keptOwn[other], now }) ? lender : undefined
  }

  #userPart(name: string, now: number): Part | undefined {
    const { perUser } = this.#limits
    if (!perUser) return undefined
    const known = this.#byUser.get(name)
    if (known) return known
    if (this.#byUser.size >= knownUsers) {
      for (const [other, part] of this.#byUser) if (part.isFull(now)) this.#byUser.delete(other)
    }
    const part = new Part(perUser, now)
    this.#byUser.set(name, part)
    return part
  }

  /**
   * Calls that are one user's part while others want some too, and whether there are more than are kept free for others.
   * A kind of work that has bounds of its own and is lent nothing shares those.
   */
  #fair(work: WorkClass): { readonly part: number; readonly hasMore: boolean } {
    const own = this.#limits[work]?.concurrent
    const isAlone = own !== undefined && this.#isWaiting(work === 'live' ? 'background' : 'live')
    const concurrent = isAlone ? own : this.#concurrent
    if (concurrent === Number.POSITIVE_INFINITY) return { part: concurrent, hasMore: true }
    const users = isAlone ? this.#of(work) : [...this.#users.values()]
    const active = users.filter(({ queue, running }) => queue.length + running > 0)
    const running = users.reduce((sum, user) => sum + user.running, 0)
    const kept = active.length > 1 ? Math.ceil(concurrent / 8) : 0
    return {
      part: Math.max(1, Math.ceil(concurrent / Math.max(1, active.length))),
      hasMore: running + kept < concurrent,
    }
  }

  #order(): readonly Queued[] {
    const served = new Map([...this.#users.values()].map((user) => [user, { at: user.served, index: 0 }]))
    const classes = { ...this.#classServed }
    const order: Queued[] = []
    for (;;) {
      let best: { user: User; at: number; queued: Queued } | undefined
      for (const [user, { at, index }] of served) {
        const queued = user.queue[index]
        if (!queued) continue
        const isFirst =
          !best ||
          (best.user.work === user.work ? at < best.at : classes[user.work] < classes[best.user.work])
        if (isFirst) best = { user, at, queued }
      }
      if (!best) return order
      const { user, at, queued } = best
      const cost = this.#cost(queued.ask)
      order.push(queued)
      served.set(user, { at: at + cost, index: (served.get(user)?.index ?? 0) + 1 })
      classes[user.work] += cost / shares[user.work]
    }
  }

  /** What does not fit a whole minute is let through when the minute is full. */
  #cost({ tokens }: Pick<Ask, 'tokens'>): number {
    const told = this.#told.map(({ mostTokens }) => mostTokens)
    return Math.max(1, Math.min(tokens, this.#limits.tokensPerMinute ?? tokens, ...told))
  }

  #msUntil(requests: number, tokens: number, now: number): number {
    const own = this.#all.msByTime(requests, tokens, now)
    return Math.max(own, ...this.#told.map((told) => told.msUntil(requests, tokens, now)))
  }
}

/** What those in a line want together: all, those of a kind of work, those of a user. */
class Line {
  readonly #sums = new Map<string, { readonly calls: number; readonly tokens: number }>()

  add({ user, work }: Ask, cost: number): void {
    for (const key of ['', work, `user ${user}`]) {
      const { calls, tokens } = this.of(key)
      this.#sums.set(key, { calls: calls + 1, tokens: tokens + cost })
    }
  }

  of(key: string): { readonly calls: number; readonly tokens: number } {
    return this.#sums.get(key) ?? { calls: 0, tokens: 0 }
  }
}
