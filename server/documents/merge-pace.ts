import type { Clock } from '../../core/lib/clock.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'

/** A document that a model writes in. */
export interface PacedWriter {
  readonly document: { readonly peers: { hold(): () => void } }
  merge(): void
}

/**
 * When the text of models reaches the people who have their documents open: that of all models of a workspace at once,
 * the less often the more they are. Each merge and each message is work here and on every page.
 */
export class MergePace {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #waiting = new Set<PacedWriter>()
  #ranAt = Number.NEGATIVE_INFINITY
  /** How many wrote in the last round. */
  #writers = 0
  #isScheduled = false

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock
    this.#timers = timers
  }

  /** At once when nothing was merged just now, else with what is written shortly. */
  request(writer: PacedWriter): void {
    this.#waiting.add(writer)
    if (this.#isScheduled) return
    const everyMs = Math.min(limits.mergeEveryMs * this.#writers ** 2, limits.mergeLatestMs)
    const wait = this.#ranAt + everyMs - this.#clock.monotonic()
    if (wait <= 0) return this.#run()
    this.#isScheduled = true
    this.#timers.after(wait, () => this.#run())
  }

  /** There is nothing to merge any more. */
  drop(writer: PacedWriter): void {
    this.#waiting.delete(writer)
  }

  #run(): void {
    this.#isScheduled = false
    this.#ranAt = this.#clock.monotonic()
    this.#writers = this.#waiting.size
    const peers = new Set([...this.#waiting].map(({ document }) => document.peers))
    const releases = [...peers].map((each) => each.hold())
    try {
      // Each drops itself.
      for (const writer of this.#waiting) writer.merge()
    } finally {
      for (const release of releases) release()
    }
  }
}
