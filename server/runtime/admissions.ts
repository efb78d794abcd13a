import { Pool, type PoolLimits, type WorkClass } from '../../core/admission/pool.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Timers } from '../timers.ts'

/** How often those that wait are told where they stand. */
const tellEveryMs = 250
/** A guess that was off by less is not worth a word. */
const offByMs = 1000

export interface Place {
  readonly position: number
  /** About when it begins, by the wall clock. */
  readonly readyAt: number
}

interface Request {
  readonly modelId: string
  /** Whose share it comes out of. */
  readonly user: string
  readonly work: WorkClass
  /** Input and reserved output; asked only where something is bounded. */
  readonly tokens: () => number
  readonly onWaiting: (place: Place) => void
  readonly onAdmitted: (ticket: Ticket, waited: boolean) => void
}

/** The right to one call. */
export interface Ticket {
  /** The call is over, or is not wanted any more; once is enough. */
  end(usedTokens?: number): void
}

interface Deps {
  readonly clock: Clock
  readonly timers: Timers
  /** By model. */
  readonly limits: Readonly<Record<string, PoolLimits>>
}

const freeTicket: Ticket = { end() {} }

/** Lets calls of bounded models begin in a fair order; all others at once, in the same tick. */
export class Admissions {
  readonly #deps: Deps
  readonly #lines = new Map<string, Line>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  ask(request: Request): Ticket {
    const line = this.#line(request.modelId)
    if (line) return line.ask(request)
    request.onAdmitted(freeTicket, false)
    return freeTicket
  }

  #line(modelId: string): Line | undefined {
    const known = this.#lines.get(modelId)
    if (known) return known
    const limits = this.#deps.limits[modelId]
    if (!limits) return undefined
    const line = new Line(this.#deps, limits)
    this.#lines.set(modelId, line)
    return line
  }
}

interface Waiter {
  readonly request: Request
  readonly ticket: Ticket
  told: Place | undefined
}

class Line {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #pool: Pool
  readonly #waiters = new Map<number, Waiter>()
  #asked = 0
  #isAdvancing = false
  #cancelWake = (): void => {}
  #toldAt = Number.NEGATIVE_INFINITY
  #cancelTell: (() => void) | undefined

  constructor({ clock, timers }: Deps, limits: PoolLimits) {
    this.#clock = clock
    this.#timers = timers
    this.#pool = new Pool(limits, clock.monotonic())
  }

  ask(request: Request): Ticket {
    const id = ++this.#asked
    let isOpen = true
    const ticket = {
      end: (usedTokens?: number) => {
        if (!isOpen) return
        isOpen = false
        this.#waiters.delete(id)
        this.#pool.end(id, this.#clock.monotonic(), usedTokens)
        this.#advance()
      },
    }
    const { user, work } = request
    this.#waiters.set(id, { request, ticket, told: undefined })
    this.#pool.add({ id, user, work, tokens: request.tokens() })
    this.#advance()
    return ticket
  }

  /** Who begins may end at once, which lets others begin. */
  #advance(): void {
    if (this.#isAdvancing) return
    this.#isAdvancing = true
    for (;;) {
      const next = this.#pool.next(this.#clock.monotonic())
      if (!next) break
      const waiter = this.#waiters.get(next.id)
      this.#waiters.delete(next.id)
      waiter?.request.onAdmitted(waiter.ticket, waiter.told !== undefined)
    }
    this.#isAdvancing = false
    this.#cancelWake()
    const wakeIn = this.#pool.wakeIn(this.#clock.monotonic())
    this.#cancelWake = wakeIn === undefined ? () => {} : this.#timers.after(wakeIn, () => this.#advance())
    this.#tellSoon()
  }

  #tellSoon(): void {
    if (this.#waiters.size === 0 || this.#cancelTell) return
    const wait = this.#toldAt + tellEveryMs - this.#clock.monotonic()
    if (wait <= 0) this.#tell()
    else this.#cancelTell = this.#timers.after(wait, () => this.#tell())
  }

  #tell(): void {
    this.#cancelTell = undefined
    this.#toldAt = this.#clock.monotonic()
    const now = this.#clock.now()
    for (const { id, position, waitMs } of this.#pool.waiting(this.#toldAt)) {
      const waiter = this.#waiters.get(id)
      if (!waiter) continue
      const { told } = waiter
      const readyAt = now + waitMs
      if (told?.position === position && Math.abs(told.readyAt - readyAt) < offByMs) continue
      waiter.told = { position, readyAt }
      waiter.request.onWaiting(waiter.told)
    }
  }
}
