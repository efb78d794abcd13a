import { type BoundView, Bucket } from './bounds.ts'

/** What may be asked for. What is left out has no bound. */
export interface Bounds {
  readonly requestsPerMinute?: number | undefined
  /** Input and reserved output together. */
  readonly tokensPerMinute?: number | undefined
  /** Calls at a time. */
  readonly concurrent?: number | undefined
}

/** One set of bounds and what is left of each. Times are milliseconds of one clock, given with each call. */
export class Part {
  readonly #bounds: Bounds
  readonly #requests: Bucket | undefined
  readonly #tokens: Bucket | undefined
  #running = 0

  constructor(bounds: Bounds, now: number) {
    this.#bounds = bounds
    const { requestsPerMinute, tokensPerMinute } = bounds
    this.#requests = requestsPerMinute === undefined ? undefined : new Bucket(requestsPerMinute, now)
    this.#tokens = tokensPerMinute === undefined ? undefined : new Bucket(tokensPerMinute, now)
  }

  /** `Infinity`: a call has to end first. */
  msUntil(requests: number, tokens: number, now: number): number {
    if (this.#running >= this.#concurrent) return Number.POSITIVE_INFINITY
    return this.msByTime(requests, this.#capped(tokens), now)
  }

  /** As if no call ran. */
  msByTime(requests: number, tokens: number, now: number): number {
    const byRequests = this.#requests?.msUntil(requests, now) ?? 0
    return Math.max(byRequests, this.#tokens?.msUntil(tokens, now) ?? 0)
  }

  /** How many more calls can begin before one has to end. */
  get free(): number {
    return Math.max(0, this.#concurrent - this.#running)
  }

  take(tokens: number, now: number): void {
    this.#running++
    this.#requests?.take(1, now)
    this.#tokens?.take(this.#capped(tokens), now)
  }

  /** A call that was taken for so many tokens has ended, and used these; `undefined`: all of them. */
  end(tokens: number, used: number | undefined, now: number): void {
    this.#running--
    if (used !== undefined) this.#tokens?.give(Math.max(0, this.#capped(tokens) - used), now)
  }

  /** Whether a call of `other` may be taken from this one: it bounds what that does, and `kept` of it stays. */
  lends(
    other: Part,
    tokens: number,
    { kept, now }: { readonly kept: number; readonly now: number },
  ): boolean {
    const isBound = (['requestsPerMinute', 'tokensPerMinute', 'concurrent'] as const).every(
      (what) => other.#bounds[what] === undefined || this.#bounds[what] !== undefined,
    )
    if (!isBound) return false
    const { requestsPerMinute = 0, tokensPerMinute = 0, concurrent = 0 } = this.#bounds
    const calls = Math.ceil(concurrent * kept)
    if (this.#running + calls >= this.#concurrent) return false
    return this.#left(1 + requestsPerMinute * kept, tokens + tokensPerMinute * kept, now)
  }

  view(now: number): readonly Omit<BoundView, 'from'>[] {
    const { concurrent } = this.#bounds
    const calls = concurrent === undefined ? undefined : { limit: concurrent, left: this.free }
    const all = [
      { what: 'requests', ...this.#requests?.view(now) },
      { what: 'tokens', ...this.#tokens?.view(now) },
      { what: 'calls', ...calls },
    ] as const
    return all.flatMap(({ left, ...bound }) =>
      left === undefined ? [] : [{ left: Math.max(0, left), ...bound }],
    )
  }

  /** All of it is there again. */
  isFull(now: number): boolean {
    const { requestsPerMinute = 0, tokensPerMinute = 0 } = this.#bounds
    return this.#running === 0 && this.#left(requestsPerMinute, tokensPerMinute, now)
  }

  get #concurrent(): number {
    return this.#bounds.concurrent ?? Number.POSITIVE_INFINITY
  }

  #left(requests: number, tokens: number, now: number): boolean {
    const isEnough = (bucket: Bucket | undefined, amount: number) =>
      !bucket || bucket.msUntil(amount, now) === 0
    return isEnough(this.#requests, requests) && isEnough(this.#tokens, tokens)
  }

  /** What does not fit a whole minute is let through when the minute is full. */
  #capped(tokens: number): number {
    return Math.min(tokens, this.#bounds.tokensPerMinute ?? tokens)
  }
}
