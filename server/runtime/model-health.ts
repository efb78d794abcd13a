import {
  abandoned,
  admits,
  type Breaker,
  begun,
  closedBreaker,
  failed,
} from '../../core/admission/breaker.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { limits } from '../../core/protocol/limits.ts'
import { concernsProvider, type ModelFailure, type ModelFailureCode } from '../../core/protocol/model.ts'

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

/** Circuit breakers by model, or by provider: those that are well are not kept. */
class Breakers {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #known = new Map<string, Known>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  problem(id: string): ModelFailure | undefined {
    const known = this.#known.get(id)
    return known && !admits(known.breaker, this.#clock.monotonic()) ? known.failure : undefined
  }

  begun(id: string): void {
    this.#change(id, (breaker) => begun(breaker, this.#clock.monotonic()))
  }

  works(id: string): void {
    this.#known.delete(id)
  }

  failed(id: string, failure: ModelFailure): void {
    const { breaker } = this.#known.get(id) ?? { breaker: closedBreaker }
    const next = failed(breaker, this.#clock.monotonic(), failure.retryAfterMs)
    this.#known.set(id, { breaker: next, failure })
  }

  abandoned(id: string): void {
    this.#change(id, (breaker) => abandoned(breaker, this.#clock.monotonic()))
  }

  #change(id: string, change: (breaker: Breaker) => Breaker): void {
    const known = this.#known.get(id)
    if (known) this.#known.set(id, { ...known, breaker: change(known.breaker) })
  }
}

/**
 * How the calls of each model went, for all threads together. What is wrong with a provider as a whole (its key, the way
 * to it) is so for all its models.
 */
export class ModelHealth {
  readonly #models: Breakers
  readonly #providers: Breakers

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#models = new Breakers(clock)
    this.#providers = new Breakers(clock)
  }

  /** Why the model had better not be asked now. */
  problem(modelId: string): ModelFailure | undefined {
    return this.#models.problem(modelId) ?? this.#providers.problem(providerOf(modelId))
  }

  begun(modelId: string): void {
    this.#models.begun(modelId)
    this.#providers.begun(providerOf(modelId))
  }

  answered(modelId: string): void {
    this.#models.works(modelId)
    this.#providers.works(providerOf(modelId))
  }

  failed(modelId: string, failure: ModelFailure): void {
    const provider = providerOf(modelId)
    if (concernsProvider.has(failure.code)) {
      // A key may be refused for one model only.
      this.#models.failed(modelId, failure)
      // Nobody mends a key in a moment.
      const isKey = failure.code === 'wrongKey'
      this.#providers.failed(
        provider,
        isKey ? { ...failure, retryAfterMs: limits.breakerCeilingMs } : failure,
      )
    } else if (harmless.has(failure.code)) this.answered(modelId)
    else {
      this.#models.failed(modelId, failure)
      // Silence does not tell whether anybody was there; all else does.
      if (failure.code === 'timedOut') this.#providers.abandoned(provider)
      else this.#providers.works(provider)
    }
  }

  /** The call was stopped before it showed how the model is. */
  abandoned(modelId: string): void {
    this.#models.abandoned(modelId)
    this.#providers.abandoned(providerOf(modelId))
  }
}

function providerOf(modelId: string): string {
  return modelId.slice(0, modelId.indexOf('/'))
}
