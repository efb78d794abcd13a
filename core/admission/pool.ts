import { type BoundView, Bucket, type ProviderBound, Told } from './bounds.ts'

/** What a model may be asked for. What is left out has no bound. */
export interface PoolLimits {
  readonly requestsPerMinute?: number
  /** Input and reserved output together. */
  readonly tokensPerMinute?: number
  /** Calls at a time. */
  readonly concurrent?: number
  /** And of one user, whoever else wants some. */
  readonly concurrentPerUser?: number
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
/** How long a call takes before any has been seen. */
const firstGuessMs = 3000

interface Queued {
  readonly ask: Ask
  shown: number
}

interface User {
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
  readonly #requests: Bucket | undefined
  readonly #tokens: Bucket | undefined
  #told: readonly Told[] = []
  readonly #users = new Map<string, User>()
  readonly #running = new Map<
    number,
    { readonly user: User; readonly since: number; readonly tokens: number }
  >()
  /** Per class: what it was served by its share, and what its user who comes next was served. */
  readonly #classServed: Record<WorkClass, number> = { live: 0, background: 0 }
  readonly #floor: Record<WorkClass, number> = { live: 0, background: 0 }
  #callMs = firstGuessMs

  constructor(limits: PoolLimits, now: number) {
    this.#limits = limits
    const { requestsPerMinute, tokensPerMinute } = limits
    this.#requests = requestsPerMinute === undefined ? undefined : new Bucket(requestsPerMinute, now)
    this.#tokens = tokensPerMinute === undefined ? undefined : new Bucket(tokensPerMinute, now)
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

  /** What is left of each bound, and how many calls run and wait. */
  view(now: number): {
    readonly bounds: readonly BoundView[]
    readonly running: number
    readonly waiting: number
  } {
    const { concurrent } = this.#limits
    const running = this.#running.size
    const calls = concurrent === undefined ? undefined : { limit: concurrent, left: concurrent - running }
    const own = [
      { what: 'requests', ...this.#requests?.view(now) },
      { what: 'tokens', ...this.#tokens?.view(now) },
      { what: 'calls', ...calls },
    ] as const
    const bounds = own.flatMap(({ left, ...bound }) =>
      left === undefined ? [] : [{ from: 'server' as const, left: Math.max(0, left), ...bound }],
    )
    const waiting = [...this.#users.values()].reduce((sum, { queue }) => sum + queue.length, 0)
    return { bounds: [...bounds, ...this.#told.flatMap((told) => told.view(now) ?? [])], running, waiting }
  }

  /** It waits until `next` names it. */
  add(ask: Ask): void {
    const key = `${ask.work} ${ask.user}`
    let user = this.#users.get(key)
    if (!user) {
      user = { work: ask.work, queue: [], running: 0, served: this.#floor[ask.work] }
      this.#users.set(key, user)
    }
    if (!this.#isWaiting(ask.work)) this.#wake(ask.work)
    // Nobody saves up by not asking.
    if (user.queue.length === 0) user.served = Math.max(user.served, this.#floor[ask.work])
    user.queue.push({ ask, shown: Number.POSITIVE_INFINITY })
  }

  /** The call that may begin now, if one may. */
  next(now: number): Ask | undefined {
    const { concurrent = Number.POSITIVE_INFINITY } = this.#limits
    if (this.#running.size >= concurrent) return undefined
    const user = this.#pick()
    const ask = user?.queue[0]?.ask
    if (!user || !ask) return undefined
    const tokens = this.#cost(ask)
    // Nobody passes the one whose turn it is, or a large call would never come.
    if (this.#msUntil(1, tokens, now) > 0) return undefined
    this.#requests?.take(1, now)
    this.#tokens?.take(tokens, now)
    for (const told of this.#told) told.take(1, tokens, now)
    user.queue.shift()
    user.running++
    this.#floor[user.work] = user.served
    user.served += tokens
    this.#classServed[user.work] += tokens / shares[user.work]
    this.#running.set(ask.id, { user, since: now, tokens })
    return ask
  }

  /** It is over, or nobody waits for it any more. `usedTokens`: what it cost in the end; else what it was admitted for. */
  end(id: number, now: number, usedTokens?: number): void {
    const running = this.#running.get(id)
    if (running) {
      const { user, since, tokens } = running
      this.#running.delete(id)
      user.running--
      if (usedTokens !== undefined) this.#tokens?.give(Math.max(0, tokens - usedTokens), now)
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
    const { concurrent = Number.POSITIVE_INFINITY } = this.#limits
    const ask = this.#running.size >= concurrent ? undefined : this.#pick()?.queue[0]?.ask
    return ask && this.#msUntil(1, this.#cost(ask), now)
  }

  /** About how long who comes now would wait behind all who wait. */
  waitMs(tokens: number, now: number): number {
    const queued = this.#order().map(({ ask }) => this.#cost(ask))
    const sum = queued.reduce((all, cost) => all + cost, this.#cost({ tokens }))
    return this.#waitOf(queued.length + 1, sum, now)
  }

  /** All that wait, in the order in which they would begin if nobody came any more. */
  waiting(now: number): readonly Waiting[] {
    let tokens = 0
    return this.#order().map((queued, index) => {
      tokens += this.#cost(queued.ask)
      // Who came later and was served less goes first; that is told by the wait, not by a place lost.
      queued.shown = Math.min(queued.shown, index + 1)
      return { id: queued.ask.id, position: queued.shown, waitMs: this.#waitOf(index + 1, tokens, now) }
    })
  }

  /** Until so many have begun, which want so many tokens together. */
  #waitOf(calls: number, tokens: number, now: number): number {
    const { concurrent = Number.POSITIVE_INFINITY } = this.#limits
    const free = Math.max(0, concurrent - this.#running.size)
    const byCalls = calls <= free ? 0 : (this.#callMs * calls) / concurrent
    return Math.round(Math.max(this.#msUntil(calls, tokens, now), byCalls))
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

  #pick(): User | undefined {
    const { part, kept } = this.#parts()
    const { concurrentPerUser = Number.POSITIVE_INFINITY } = this.#limits
    const waiting = [...this.#users.values()].filter(
      ({ queue, running }) => queue.length > 0 && running < concurrentPerUser,
    )
    const within = waiting.filter(({ running }) => running < part)
    const { concurrent = Number.POSITIVE_INFINITY } = this.#limits
    // What others do not use may be had, but a little stays free for them to begin at once.
    const able = within.length > 0 || this.#running.size + kept >= concurrent ? within : waiting
    return able.reduce<User | undefined>((best, user) => {
      if (!best) return user
      if (best.work !== user.work) {
        return this.#classServed[user.work] < this.#classServed[best.work] ? user : best
      }
      return user.served < best.served ? user : best
    }, undefined)
  }

  /** Calls that are one user's part while others want some too, and those that are kept free for others. */
  #parts(): { readonly part: number; readonly kept: number } {
    const { concurrent = Number.POSITIVE_INFINITY } = this.#limits
    if (concurrent === Number.POSITIVE_INFINITY) return { part: concurrent, kept: 0 }
    const active = [...this.#users.values()].filter(({ queue, running }) => queue.length + running > 0)
    const part = Math.max(1, Math.ceil(concurrent / Math.max(1, active.length)))
    return { part, kept: active.length > 1 ? Math.ceil(concurrent / 8) : 0 }
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
    const own = [this.#requests?.msUntil(requests, now) ?? 0, this.#tokens?.msUntil(tokens, now) ?? 0]
    return Math.max(...own, ...this.#told.map((told) => told.msUntil(requests, tokens, now)))
  }
}
