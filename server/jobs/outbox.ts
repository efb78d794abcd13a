import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import type { EffectDecision } from '../../core/protocol/job.ts'
import type { EffectRow, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'

/** How one attempt at an effect ended. `unknown`: it may have been done. */
export type Attempt =
  | { readonly is: 'done'; readonly result?: string }
  | { readonly is: 'failed'; readonly problem: string }
  | { readonly is: 'later'; readonly problem: string }
  | { readonly is: 'unknown'; readonly problem: string }

/** What an effect came to, for the job that wanted it. `doubt`: a person has to say whether it was done. */
export type Settled =
  | Extract<Attempt, { is: 'done' | 'failed' }>
  | { readonly is: 'doubt'; readonly problem: string }

export interface EffectKind {
  /** Doing it twice is like doing it once, so that nobody has to be asked. */
  readonly isRepeatable: boolean
  /** Times it is tried before it has failed. */
  readonly attempts: number
  /** Of one attempt; left out: `attemptMs`. */
  readonly ms?: number
  perform(effect: EffectRow, signal: AbortSignal): Promise<Attempt>
  /** It may have been done: looks whether it was. Without it a person is asked. */
  look?(effect: EffectRow, signal: AbortSignal): Promise<Attempt>
  settled(effect: EffectRow, settled: Settled): Promise<void>
}

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  /** Of an effect that is not known any more there is nothing to do. */
  readonly kindOf: (effect: EffectRow) => EffectKind | undefined
  readonly onBug: (error: unknown, where: string) => void
  /** Moments at which tests let the server die. */
  readonly crash?: (point: 'sending' | 'performed' | 'settled') => Promise<void>
}

const retryBaseMs = 5000
const retryCeilingMs = 3_600_000
const attemptMs = 20_000
const atOnce = 4
const stopped = 'The server was stopped before it knew how that ended.'

/**
 * Does what jobs want done outside of their copies, from a table: what is in it is done, however often the server
 * dies. Each effect has one id, by which who receives it knows it again; what cannot be repeated and may have been
 * done is not done again before somebody has said so.
 */
export class Outbox {
  readonly #deps: Deps
  readonly #running = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  #cancel: (() => void) | undefined

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** What a server that died was about is looked into, then everything that is due is done. */
  async start(): Promise<void> {
    for (const effect of await this.#deps.store.readEffects()) {
      if (effect.state === 'waiting') continue
      const kind = this.#deps.kindOf(effect)
      if (kind && effect.state === 'doubt') {
        // The one before may have died before it could ask.
        await kind.settled(effect, { is: 'doubt', problem: stopped })
        continue
      }
      if (!kind) await this.#deps.store.removeEffect(effect.id)
      else if (kind.isRepeatable) await this.#move(effect, 'waiting', 0)
      else this.#begin(effect, () => this.#lookInto(effect, kind))
    }
    this.wake()
  }

  /** There is something new. */
  wake(): void {
    this.#deps.timers.later(() => {
      if (!this.#stop.signal.aborted) void this.#tick().catch((error) => this.#deps.onBug(error, 'outbox'))
    })
  }

  /** A person knows about an effect in doubt: it was done, is to be done again, or nobody wants it any more. */
  async decide(id: string, what: EffectDecision): Promise<void> {
    const effect = (await this.#deps.store.readEffects()).find((row) => row.id === id)
    if (effect?.state !== 'doubt') return
    const kind = this.#deps.kindOf(effect)
    if (what === 'again' && kind) {
      await this.#move(effect, 'waiting', 0)
      return this.wake()
    }
    await kind?.settled(effect, what === 'skip' ? { is: 'failed', problem: 'skipped' } : { is: 'done' })
    await this.#deps.store.removeEffect(id)
  }

  /** Resolves when nothing is under way; nothing new is begun. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#cancel?.()
    await Promise.allSettled(this.#running.values())
  }

  async #tick(): Promise<void> {
    const { store, clock, timers, kindOf } = this.#deps
    this.#cancel?.()
    this.#cancel = undefined
    const rows = (await store.readEffects()).filter(
      ({ id, state }) => state === 'waiting' && !this.#running.has(id),
    )
    if (this.#stop.signal.aborted) return
    const now = clock.now()
    const due = rows.filter((row) => row.due <= now)
    for (const effect of due) {
      if (this.#running.size >= atOnce) return
      const kind = kindOf(effect)
      if (kind) this.#begin(effect, () => this.#do(effect, kind))
      else this.#begin(effect, () => store.removeEffect(effect.id))
    }
    const next = Math.min(...rows.filter((row) => row.due > now).map((row) => row.due))
    if (Number.isFinite(next)) this.#cancel = timers.after(Math.max(0, next - now), () => this.wake())
  }

  #begin(effect: EffectRow, work: () => Promise<void>): void {
    if (this.#running.has(effect.id)) return
    const running = work()
      .catch((error) => this.#deps.onBug(error, `effect ${effect.id}`))
      .finally(() => {
        this.#running.delete(effect.id)
        this.wake()
      })
    this.#running.set(effect.id, running)
  }

  async #do(effect: EffectRow, kind: EffectKind): Promise<void> {
    const sending = { ...effect, state: 'sending', attempts: effect.attempts + 1 } as const
    await this.#move(sending, 'sending', 0, effect.state)
    await this.#deps.crash?.('sending')
    const attempt = await this.#attempt(sending, kind, kind.perform)
    await this.#deps.crash?.('performed')
    // The next server looks into what this one has cut short.
    if (this.#stop.signal.aborted && attempt.is !== 'done') return
    if (attempt.is !== 'unknown') return this.#settle(sending, kind, attempt)
    if (kind.isRepeatable) return this.#settle(sending, kind, { is: 'later', problem: attempt.problem })
    return this.#lookInto(sending, kind)
  }

  async #lookInto(effect: EffectRow, kind: EffectKind): Promise<void> {
    const seen = kind.look ? await this.#attempt(effect, kind, kind.look) : undefined
    if (seen && seen.is !== 'unknown') return this.#settle(effect, kind, seen)
    const problem = seen?.problem ?? stopped
    await this.#move(effect, 'doubt', 0)
    await kind.settled(effect, { is: 'doubt', problem })
  }

  async #settle(
    effect: EffectRow,
    kind: EffectKind,
    attempt: Exclude<Attempt, { is: 'unknown' }>,
  ): Promise<void> {
    const { store, clock, random } = this.#deps
    if (attempt.is === 'later' && effect.attempts < kind.attempts) {
      const ceiling = Math.min(retryCeilingMs, retryBaseMs * 2 ** (effect.attempts - 1))
      const wait = Math.round(ceiling * (0.5 + random.next() / 2))
      return this.#move(effect, 'waiting', clock.now() + wait)
    }
    await kind.settled(effect, attempt.is === 'later' ? { ...attempt, is: 'failed' } : attempt)
    await this.#deps.crash?.('settled')
    await store.removeEffect(effect.id)
  }

  async #attempt(
    effect: EffectRow,
    { ms = attemptMs }: EffectKind,
    work: NonNullable<EffectKind['look']>,
  ): Promise<Attempt> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ms)])
    try {
      return await work(effect, signal)
    } catch (error) {
      return { is: 'unknown', problem: error instanceof Error ? error.message : String(error) }
    }
  }

  #move(
    effect: EffectRow,
    state: EffectRow['state'],
    due: number,
    from: EffectRow['state'] = effect.state,
  ): Promise<void> {
    return this.#deps.store.writeEffect(effect.id, { from, state, attempts: effect.attempts, due })
  }
}
