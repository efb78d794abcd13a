import type { Clock } from '../../core/lib/clock.ts'
import type { Timers } from '../timers.ts'

/** How long they may keep what else there is to read waiting. With less of it, many would take too long. */
const sliceMs = 4

/**
 * Beginnings and ends of answers, over all threads. Each costs as much as a hundred words. Many that come at once
 * have their turn a few at a time, and what has come of other answers is read between them.
 */
export class Portions {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #waiting: (() => void)[] = []
  /** Milliseconds they took since there was last something else to do. */
  #spent = 0
  #isScheduled = false

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock
    this.#timers = timers
  }

  /** Runs it now unless others took their time already; else in its order, soon. */
  run(work: () => void): void {
    if (this.#waiting.length > 0 || this.#spent >= sliceMs) this.#waiting.push(work)
    else this.#timed(work)
  }

  #timed(work: () => void): void {
    this.#schedule()
    const from = this.#clock.monotonic()
    work()
    this.#spent += this.#clock.monotonic() - from
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#timers.later(() => this.#runSome())
  }

  #runSome(): void {
    this.#isScheduled = false
    this.#spent = 0
    while (this.#spent < sliceMs) {
      const work = this.#waiting.shift()
      if (!work) return
      this.#timed(work)
    }
  }
}
