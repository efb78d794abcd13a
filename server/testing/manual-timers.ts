import { ManualClock } from '../../core/lib/clock.ts'
import type { Deadline, Timers } from '../timers.ts'

interface Due {
  at: number
  readonly every: number | undefined
  readonly run: () => void
}

/** Timers and their clock, moved by the test. `soon` and `later` run at `settle()` or with the next `advance`. */
export class ManualTimers implements Timers {
  readonly clock = new ManualClock()
  #due: Due[] = []
  #soon: (() => void)[] = []

  after(ms: number, run: () => void): () => void {
    return this.#add({ at: this.clock.monotonic() + ms, every: undefined, run })
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ at: this.clock.monotonic() + ms, every: ms, run })
  }

  deadline(ms: number, run: () => void): Deadline {
    let cancel = this.after(ms, run)
    const putOff = () => {
      cancel()
      cancel = this.after(ms, run)
    }
    return { putOff, cancel: () => cancel() }
  }

  soon(run: () => void): void {
    this.#soon.push(run)
  }

  later(run: () => void): void {
    this.#soon.push(run)
  }

  settle(): void {
    while (this.#soon.length > 0) for (const run of this.#soon.splice(0)) run()
  }

  advance(ms: number): void {
    const end = this.clock.monotonic() + ms
    this.settle()
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
      if (!next) break
      this.clock.advance(Math.max(0, next.at - this.clock.monotonic()))
      if (next.every === undefined) this.#remove(next)
      else next.at += next.every
      next.run()
      this.settle()
    }
    this.clock.advance(end - this.clock.monotonic())
  }

  #add(due: Due): () => void {
    this.#due.push(due)
    return () => this.#remove(due)
  }

  #remove(due: Due): void {
    this.#due = this.#due.filter((other) => other !== due)
  }
}
