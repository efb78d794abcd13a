import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { ModelFailure } from '../../core/protocol/model.ts'
import type { Timers } from '../timers.ts'
import type { ModelCatalogue } from './model-catalogue.ts'

interface Options {
  readonly models: Pick<ModelCatalogue, 'health'>
  readonly clock: Clock
  readonly timers: Timers
  readonly modelId: string
  readonly abort: AbortController
  readonly silenceMs: number | undefined
  readonly onEvent: (event: ModelEvent, inAt: number) => void
}

/** Follows one call for what it tells of its model, and ends it when the model stays silent too long. */
export class CallWatch {
  readonly #options: Options
  readonly #cancel: () => void
  #isOpen = true

  constructor(options: Options) {
    this.#options = options
    const { models, timers, modelId, abort, silenceMs } = options
    this.#cancel = silenceMs === undefined ? () => {} : timers.after(silenceMs, () => this.#expire(silenceMs))
    models.health.begun(modelId)
    abort.signal.addEventListener(
      'abort',
      () => {
        if (this.#end()) models.health.abandoned(modelId)
      },
      { once: true },
    )
  }

  saw(event: ModelEvent): void {
    if (event.type === 'sent' || event.type === 'quotas') return
    // An error is a sign of life too, but no answer.
    if (event.type === 'heard') this.#cancel()
    else if (this.#end()) {
      const { models, modelId } = this.#options
      if (event.type === 'failed') models.health.failed(modelId, event.failure)
      else models.health.answered(modelId)
    }
  }

  #expire(silenceMs: number): void {
    const { models, modelId, abort, clock, onEvent } = this.#options
    const detail = `No answer within ${(silenceMs / 1000).toFixed(1)} s.`
    const failure: ModelFailure = { code: 'timedOut', detail, retriable: true }
    this.#end()
    models.health.failed(modelId, failure)
    abort.abort()
    onEvent({ type: 'failed', failure }, clock.monotonic())
  }

  /** False when it was over before. */
  #end(): boolean {
    const wasOpen = this.#isOpen
    this.#isOpen = false
    this.#cancel()
    return wasOpen
  }
}
