import type { Clock } from '../../core/lib/clock.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'

export interface MergePaceOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** How many models write. */
  readonly writers: () => number
  /** Until the answer is called, what is merged waits, to be sent as one. */
  readonly hold: () => () => void
}

/** When the text of models reaches the people who have a document open: that of all of them at once, the less often the more they are. */
export class MergePace {
  readonly #options: MergePaceOptions
  readonly #waiting = new Set<() => void>()
  #ranAt = Number.NEGATIVE_INFINITY
  #isScheduled = false

  constructor(options: MergePaceOptions) {
    this.#options = options
  }

  /** At once when nothing was merged just now, else with what is written shortly. */
  request(merge: () => void): void {
    this.#waiting.add(merge)
    if (this.#isScheduled) return
    const { clock, timers, writers } = this.#options
    const wait = this.#ranAt + limits.mergeEveryMs * writers() - clock.monotonic()
    if (wait <= 0) return this.#run()
    this.#isScheduled = true
    timers.after(wait, () => this.#run())
  }

  /** There is nothing to merge any more. */
  drop(merge: () => void): void {
    this.#waiting.delete(merge)
  }

  #run(): void {
    this.#isScheduled = false
    this.#ranAt = this.#options.clock.monotonic()
    const release = this.#options.hold()
    try {
      // Each drops itself.
      for (const merge of this.#waiting) merge()
    } finally {
      release()
    }
  }
}
