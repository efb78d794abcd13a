import type { Clock } from '../../core/lib/clock.ts'
import type { Timers } from '../timers.ts'

/** How long they may keep what else there is to read waiting. */
const sliceMs = 2
/** What they may take again for each millisecond that others had. With less of it, many would take too long. */
const returned = 0.25
/** When what was ready to be read took no longer than this there was next to nothing. */
const quietMs = 0.2

/**
 * Beginnings and ends of answers, over all threads. Each costs as much as a hundred words. Many that come at once
 * have their turn a few at a time, and what has come of other answers is read between them: where there is much of
 * that, it has four fifths of the time.
 */
export class Portions {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #waiting: (() => void)[] = []
  /** Milliseconds they took and have not been given back. */
  #spent = 0
  /** When others last got the time, later by what was taken of it since. */
  #since = 0
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
    const took = this.#clock.monotonic() - from
    this.#spent += took
    this.#since += took
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#timers.later(() => this.#runSome())
  }

  #runSome(): void {
    this.#isScheduled = false
    const now = this.#clock.monotonic()
    const othersHad = now - this.#since
    this.#since = now
    this.#spent = othersHad <= quietMs ? 0 : Math.max(0, this.#spent - othersHad * returned)
    while (this.#spent < sliceMs) {
      const work = this.#waiting.shift()
      if (!work) break
      this.#timed(work)
    }
    if (this.#spent > 0) this.#schedule()
  }
}
