import type { Clock } from '../../core/lib/clock.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { Timers } from '../timers.ts'

interface Deps {
  readonly clock: Clock
  readonly timers: Timers
  readonly all: () => readonly Job[]
  readonly depth: (job: Job) => number
  /** Places of one depth. */
  readonly places: (depth: number) => number
  readonly run: (id: JobId) => void
}

/** The places jobs run in, a few at a time. Each depth has places of its own: who waits for agents keeps none from beginning. */
export class JobPlaces {
  readonly #deps: Deps
  /** Those that run, or wait for people while they run. */
  readonly #running = new Set<JobId>()
  #isClosed = false
  /** Of the look after those that wait for a model. */
  #cancel: (() => void) | undefined

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Lets those begin there is room for. */
  fill(): void {
    if (this.#isClosed) return
    const { all, clock, timers, depth: depthOf, places } = this.#deps
    const taken = new Map<number, number>()
    const take = (depth: number) => taken.set(depth, (taken.get(depth) ?? 0) + 1)
    const jobs = all()
    for (const job of jobs) if (this.#running.has(job.id)) take(depthOf(job))
    const waiting = jobs
      // Without a thread it is not in the ledger yet.
      .filter((job) => job.state === 'queued' && job.threadId !== '' && !this.#running.has(job.id))
      .toSorted((a, b) => a.createdAt - b.createdAt)
    const now = clock.now()
    this.#cancel?.()
    const later = waiting.flatMap(({ waits }) => (waits && waits.until > now ? [waits.until] : []))
    if (later.length > 0) this.#cancel = timers.after(Math.min(...later) - now, () => this.fill())
    for (const job of waiting) {
      if (job.waits && job.waits.until > now) continue
      const depth = depthOf(job)
      if ((taken.get(depth) ?? 0) >= places(depth)) continue
      take(depth)
      this.launch(job.id)
    }
  }

  launch(id: JobId): void {
    this.#running.add(id)
    // What was asked for is answered first.
    this.#deps.timers.later(() => this.#deps.run(id))
  }

  /** It runs no more: another may. */
  leave(id: JobId): void {
    this.#running.delete(id)
    this.fill()
  }

  /** No other begins. */
  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }
}
