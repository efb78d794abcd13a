import type { Clock } from '../../core/lib/clock.ts'
import type { Timers } from '../timers.ts'

/** From here on handling each piece alone takes so much of the server's time that all of them wait for each other. */
const busyPerSecond = 5000
const windowMs = 100
/** How long what is no text may keep text waiting. */
const sliceMs = 2

/** How many pieces of models' text the server reads at the moment, over all threads, and what waits because of that. */
export class StreamLoad {
  readonly #clock: Clock
  readonly #timers: Timers
  #since = Number.NEGATIVE_INFINITY
  #pieces = 0
  #isBusy = false
  readonly #waiting: (() => void)[] = []
  #isScheduled = false

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock
    this.#timers = timers
  }

  /** As known by the latest piece. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** A piece was read at that time, in monotonic milliseconds: whether there are too many to handle each alone. */
  piece(at: number): boolean {
    const ms = at - this.#since
    if (ms >= windowMs) {
      this.#isBusy = (this.#pieces / ms) * 1000 > busyPerSecond
      this.#since = at
      this.#pieces = 0
    }
    this.#pieces++
    return this.#isBusy
  }

  /** Runs it when what is ready to be read has been read: in order, and a little at a time. */
  between(run: () => void): void {
    this.#waiting.push(run)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return
    this.#isScheduled = true
    this.#timers.later(() => this.#runSome())
  }

  #runSome(): void {
    const until = this.#clock.monotonic() + sliceMs
    try {
      do this.#waiting.shift()?.()
      while (this.#waiting.length > 0 && this.#clock.monotonic() < until)
    } finally {
      this.#isScheduled = false
      this.#schedule()
    }
  }
}
