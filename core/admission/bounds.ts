/** What a provider says is left for a while; times as everywhere here. */
export interface ProviderBound {
  readonly what: 'requests' | 'tokens' | 'percent'
  readonly windowMs?: number | undefined
  readonly limit?: number | undefined
  readonly left: number
  readonly resetAt: number
}

/** How much is left of a bound. */
export interface BoundView {
  readonly from: 'server' | 'provider'
  /** Whose; left out: of all together. */
  readonly of?: 'live' | 'background' | 'user'
  readonly what: ProviderBound['what'] | 'calls'
  readonly windowMs?: number | undefined
  readonly limit?: number | undefined
  readonly left: number
  /** When all of it is there again; `undefined`: when calls end. */
  readonly resetAt?: number | undefined
}

const minuteMs = 60_000

/** A provider's bound as it was told, less what has begun since. Full again when its time is over. */
export class Told {
  readonly #what: ProviderBound['what']
  readonly #windowMs: number | undefined
  readonly #limit: number | undefined
  #left: number
  #resetAt: number

  constructor({ what, windowMs, limit, left, resetAt }: ProviderBound) {
    this.#what = what
    this.#windowMs = windowMs
    this.#limit = limit
    this.#left = left
    this.#resetAt = resetAt
  }

  /** A call that wants more than there ever is can only be let through with all of it. */
  get mostTokens(): number {
    return this.#what === 'tokens' ? (this.#limit ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  }

  take(requests: number, tokens: number, now: number): void {
    this.#refill(now)
    this.#left -= this.#amount(requests, tokens)
  }

  msUntil(requests: number, tokens: number, now: number): number {
    this.#refill(now)
    const amount = this.#amount(requests, tokens)
    // Of a share it is not known what a call takes: as long as something is left it may be tried.
    const isEnough = this.#what === 'percent' ? this.#left > 0 : this.#left >= amount
    if (isEnough) return 0
    const size = Math.max(1, this.#limit === undefined || this.#what === 'percent' ? amount : this.#limit)
    const more = Math.max(0, Math.ceil((amount - Math.max(0, this.#left)) / size) - 1)
    return Math.max(1, this.#resetAt - now) + more * (this.#windowMs ?? minuteMs)
  }

  /** `undefined` when nobody has said how much there is now. */
  view(now: number): BoundView | undefined {
    this.#refill(now)
    if (!Number.isFinite(this.#left)) return undefined
    return {
      from: 'provider',
      what: this.#what,
      windowMs: this.#windowMs,
      limit: this.#limit,
      left: Math.max(0, this.#left),
      resetAt: this.#resetAt,
    }
  }

  #amount(requests: number, tokens: number): number {
    if (this.#what === 'percent') return 0
    return this.#what === 'requests' ? requests : tokens
  }

  #refill(now: number): void {
    if (now < this.#resetAt) return
    const windowMs = this.#windowMs ?? minuteMs
    this.#left = this.#limit ?? Number.POSITIVE_INFINITY
    this.#resetAt += (Math.floor((now - this.#resetAt) / windowMs) + 1) * windowMs
  }
}

/** Fills evenly, up to what a minute allows. */
export class Bucket {
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

  view(now: number): Omit<BoundView, 'from' | 'what'> {
    this.#fill(now)
    const resetAt = now + this.msUntil(this.#perMinute, now)
    return { left: Math.floor(this.#level), limit: this.#perMinute, windowMs: minuteMs, resetAt }
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#at)
    this.#level = Math.min(this.#perMinute, this.#level + (passed / minuteMs) * this.#perMinute)
    this.#at = Math.max(this.#at, now)
  }
}
