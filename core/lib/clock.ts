/** The only way to know the time. */
export interface Clock {
  /** Wall time in integer milliseconds since 1970; what events carry. */
  now(): number
  /** Milliseconds with fractions since some start, never going back; for durations only. */
  monotonic(): number
}

/** A clock a test moves by hand. */
export class ManualClock implements Clock {
  #ms: number
  constructor(startMs = 0) {
    this.#ms = startMs
  }
  now(): number {
    return Math.floor(this.#ms)
  }
  monotonic(): number {
    return this.#ms
  }
  advance(ms: number): void {
    this.#ms += ms
  }
}
