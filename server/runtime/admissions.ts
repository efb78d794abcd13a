import { Pool, type PoolLimits, poolOf, type WorkClass } from '../../core/admission/pool.ts'
import type { BackendTiming } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { PoolView, Quota } from '../../core/protocol/quota.ts'
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

/** The right to one call, which tells what its model's provider says about it. */
export interface Ticket {
  learn(quotas: readonly Quota[]): void
  timed(timing: BackendTiming, outputTokens: number): void
  /** The call is over, or is not wanted any more; once is enough. */
  end(usedTokens?: number): void
}

interface Deps {
  readonly clock: Clock
  readonly timers: Timers
  /** By model, or by the name of a pool. */
  readonly limits: Readonly<Record<string, PoolLimits>>
  /** Names of shared pools, by model or provider. */
  readonly pools?: Readonly<Record<string, string>>
}

/** Lets calls of bounded models begin in a fair order; all others at once, in the same tick. */
export class Admissions {
  readonly #deps: Deps
  readonly #lines = new Map<string, Line>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  ask(request: Request): Ticket {
    const { modelId } = request
    const line = this.#find(modelId)
    if (line) return line.ask(request)
    const free: Ticket = {
      end() {},
      // From now on it has bounds.
      learn: (quotas) => this.#open(modelId).learn(0, quotas),
      timed: (timing, outputTokens) => this.#open(modelId).timed(timing, outputTokens),
    }
    request.onAdmitted(free, false)
    return free
  }

  /** For work that nobody watches: resolves when it may begin. */
  admitted(request: Omit<Request, 'onWaiting' | 'onAdmitted'>, signal: AbortSignal): Promise<Ticket> {
    return new Promise((resolve, reject) => {
      const ticket = this.ask({ ...request, onWaiting: () => {}, onAdmitted: resolve })
      // A right that was given away by then is ended by who has it.
      const leave = () => {
        ticket.end()
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** What is left of the model now. */
  view(modelId: string, user?: string): PoolView {
    const pool = poolOf(modelId, this.#deps.pools ?? {})
    const named = pool === undefined ? { modelId } : { modelId, pool }
    const line = this.#find(modelId)
    return line ? { ...named, ...line.view(user) } : { ...named, bounds: [], running: 0, waiting: 0 }
  }

  /** About how long such a call would wait there, if it came now. */
  waitMs({
    modelId,
    ...ask
  }: Pick<Request, 'modelId' | 'user' | 'work'> & { readonly tokens: number }): number {
    return this.#find(modelId)?.waitMs(ask) ?? 0
  }

  /** `undefined`: it has no bounds. */
  #find(modelId: string): Line | undefined {
    const key = this.#keyOf(modelId)
    return this.#lines.get(key) ?? (this.#deps.limits[key] && this.#open(modelId))
  }

  #open(modelId: string): Line {
    const key = this.#keyOf(modelId)
    const line = this.#lines.get(key) ?? new Line(this.#deps, this.#deps.limits[key] ?? {})
    this.#lines.set(key, line)
    return line
  }

  #keyOf(modelId: string): string {
    return poolOf(modelId, this.#deps.pools ?? {}) ?? modelId
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
  #timing: Pick<PoolView, 'timing' | 'tokensPerSecond'> = {}
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
      learn: (quotas: readonly Quota[]) => this.learn(id, quotas),
      timed: (timing: BackendTiming, outputTokens: number) => this.timed(timing, outputTokens),
    }
    const { user, work } = request
    this.#waiters.set(id, { request, ticket, told: undefined })
    this.#pool.add({ id, user, work, tokens: request.tokens() })
    this.#advance()
    return ticket
  }

  learn(id: number, quotas: readonly Quota[]): void {
    const now = this.#clock.monotonic()
    const shift = now - this.#clock.now()
    const bounds = quotas.map((quota) => ({ ...quota, resetAt: quota.resetAt + shift }))
    this.#pool.learn(id, bounds, now)
    this.#advance()
  }

  timed(timing: BackendTiming, outputTokens: number): void {
    const { completionMs } = timing
    const tokensPerSecond = completionMs > 0 ? (outputTokens / completionMs) * 1000 : 0
    this.#timing = { timing, tokensPerSecond }
  }

  view(user: string | undefined): Omit<PoolView, 'modelId' | 'pool'> {
    const now = this.#clock.monotonic()
    const shift = this.#clock.now() - now
    const { bounds, ...counts } = this.#pool.view(now, user)
    const shown = bounds.map(({ windowMs, limit, resetAt, ...bound }) => ({
      ...bound,
      ...(windowMs !== undefined && { windowMs }),
      ...(limit !== undefined && { limit }),
      ...(resetAt !== undefined && { resetAt: Math.round(resetAt + shift) }),
    }))
    return { bounds: shown, ...counts, ...this.#timing }
  }

  waitMs(ask: Parameters<Pool['waitMs']>[0]): number {
    return this.#pool.waitMs(ask, this.#clock.monotonic())
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
