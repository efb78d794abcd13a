import {
  abandoned,
  admits,
  type Breaker,
  begun,
  closedBreaker,
  failed,
} from '../../core/admission/breaker.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { ModelFailure, ModelFailureCode } from '../../core/protocol/model.ts'

interface Known {
  readonly breaker: Breaker
  readonly failure: ModelFailure
}

/** These say nothing about the model: it answered, or the request was at fault. */
const harmless: ReadonlySet<ModelFailureCode> = new Set([
  'badRequest',
  'contextOverflow',
  'outputLimit',
  'refused',
])

/** How the calls of each model went, for all threads together. Those that went well are not kept. */
export class ModelHealth {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #known = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Why the model had better not be asked now. */
  problem(modelId: string): ModelFailure | undefined {
    const known = this.#known.get(modelId)
    return known && !admits(known.breaker, this.#clock.monotonic()) ? known.failure : undefined
  }

  begun(modelId: string): void {
    this.#change(modelId, (breaker) => begun(breaker, this.#clock.monotonic()))
  }

  answered(modelId: string): void {
    this.#known.delete(modelId)
  }

  failed(modelId: string, failure: ModelFailure): void {
    if (harmless.has(failure.code)) {
      this.answered(modelId)
      return
    }
    const { breaker } = this.#known.get(modelId) ?? { breaker: closedBreaker }
    const next = failed(breaker, this.#clock.monotonic(), failure.retryAfterMs)
    this.#known.set(modelId, { breaker: next, failure })
  }

  /** The call was stopped before it showed how the model is. */
  abandoned(modelId: string): void {
    this.#change(modelId, (breaker) => abandoned(breaker, this.#clock.monotonic()))
  }

  #change(modelId: string, change: (breaker: Breaker) => Breaker): void {
    const known = this.#known.get(modelId)
    if (known) this.#known.set(modelId, { ...known, breaker: change(known.breaker) })
  }
}
