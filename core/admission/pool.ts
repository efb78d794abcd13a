/** What a model may be asked for. What is left out has no bound. */
export interface PoolLimits {
  readonly requestsPerMinute?: number
  /** Input and reserved output together. */
  readonly tokensPerMinute?: number
  /** Calls at a time. */
  readonly concurrent?: number
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
const minuteMs = 60_000
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

  /** All that wait, in the order in which they would begin if nobody came any more. */
  waiting(now: number): readonly Waiting[] {
    const { concurrent } = this.#limits
    let tokens = 0
    return this.#order().map((queued, index) => {
      tokens += this.#cost(queued.ask)
      // Who came later and was served less goes first; that is told by the wait, not by a place lost.
      queued.shown = Math.min(queued.shown, index + 1)
      const byTime = this.#msUntil(index + 1, tokens, now)
      const byCalls = concurrent === undefined ? 0 : (this.#callMs * (index + 1)) / concurrent
      return { id: queued.ask.id, position: queued.shown, waitMs: Math.round(Math.max(byTime, byCalls)) }
    })
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
    const waiting = [...this.#users.values()].filter(({ queue }) => queue.length > 0)
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
  #cost({ tokens }: Ask): number {
    return Math.max(1, Math.min(tokens, this.#limits.tokensPerMinute ?? tokens))
  }

  #msUntil(requests: number, tokens: number, now: number): number {
    return Math.max(this.#requests?.msUntil(requests, now) ?? 0, this.#tokens?.msUntil(tokens, now) ?? 0)
  }
}

/** Fills evenly, up to what a minute allows. */
class Bucket {
  readonly #perMinute: number
  #level: number
  #at: number

  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute
    this.#level = perMinute
    this.#at = now
  }

  take(amount: number, now: number): void {
    this.#fill(now)
    this.#level -= amount
  }

  give(amount: number, now: number): void {
    this.#fill(now)
    this.#level = Math.min(this.#perMinute, this.#level + amount)
  }

  msUntil(amount: number, now: number): number {
    this.#fill(now)
    const missing = amount - this.#level
    return missing <= 0 ? 0 : Math.ceil((missing / this.#perMinute) * minuteMs)
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#at)
    this.#level = Math.min(this.#perMinute, this.#level + (passed / minuteMs) * this.#perMinute)
    this.#at = Math.max(this.#at, now)
  }
}
