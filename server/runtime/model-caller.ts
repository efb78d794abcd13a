import { InlineEdits } from '../../core/engine/inline-edits.ts'
import type { ModelEvent, ModelRequest, Steer } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { ModelDescription, ModelFailure } from '../../core/protocol/model.ts'
import type { ModelSession, SessionOptions } from '../providers/provider.ts'
import type { Timers } from '../timers.ts'
import { CallWatch } from './call-watch.ts'
import { DeltaMerger, type OnModelEvent } from './delta-merger.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { Portions } from './portions.ts'

interface Deps {
  readonly models: ModelCatalogue
  readonly clock: Clock
  readonly timers: Timers
  readonly session: SessionOptions
  readonly portions: Portions
  readonly onBug: (error: unknown, where: string) => void
}

interface Call {
  readonly request: ModelRequest
  /** Without a sign of life by then the call has failed. */
  readonly silenceMs: number | undefined
  readonly onEvent: OnModelEvent
}

/** Of what is said only in whole, and of the end. */
const wholes: ReadonlySet<ModelEvent['type']> = new Set([
  'textCompleted',
  'toolCallCompleted',
  'usage',
  'completed',
])

/** A turn that is planned by one and written by the other goes to and fro between them. */
const keptSessions = 2

/**
 * One thread's line to its model: keeps the session of the model in use and of the one before, and runs one call at a time. Text that was
 * read in one piece is handed on as one delta, so that what a token costs does not grow with the speed.
 */
export class ModelCaller {
  readonly #deps: Deps
  /** By model, the one that was asked last at the end. */
  readonly #sessions = new Map<string, ModelSession>()
  #abort = new AbortController()
  #calls = 0

  constructor(deps: Deps) {
    this.#deps = deps
  }

  warm(model: ModelDescription, request: ModelRequest): void {
    this.#sessionFor(model).warm(request)
  }

  /** Events of an aborted call never arrive. */
  call(model: ModelDescription, { request, silenceMs, onEvent }: Call): void {
    const abort = new AbortController()
    this.#abort = abort
    const watch = new CallWatch({ ...this.#deps, modelId: model.id, abort, silenceMs, onEvent })
    const prefix = `inline_${this.#deps.clock.now()}_${++this.#calls}`
    const inline = model.tools === 'none' ? new InlineEdits(prefix) : undefined
    const merger = new DeltaMerger(this.#deps, (event, inAt) => {
      if (abort.signal.aborted) return
      if (inline) for (const piece of inline.push(event)) onEvent(piece, inAt)
      else onEvent(event, inAt)
    })
    const { portions } = this.#deps
    let waiting = 0
    const take = (event: ModelEvent) => {
      watch.saw(event)
      if (waiting === 0 && !wholes.has(event.type)) return merger.push(event)
      waiting++
      portions.run(() => {
        waiting--
        merger.push(event)
      })
    }
    this.#run(model, request, abort.signal, take).catch((error) => {
      take({ type: 'failed', failure: this.#failureOf(error) })
    })
  }

  /** Gives words to the call that runs; false when it takes none. */
  steer(steer: Steer): boolean {
    return [...this.#sessions.values()].at(-1)?.steer?.(steer) ?? false
  }

  abort(): void {
    this.#abort.abort()
  }

  close(): void {
    this.abort()
    for (const session of this.#sessions.values()) session.close()
  }

  async #run(
    model: ModelDescription,
    request: ModelRequest,
    signal: AbortSignal,
    onEvent: (event: ModelEvent) => void,
  ): Promise<void> {
    await this.#sessionFor(model).stream(request, signal, onEvent)
  }

  #failureOf(error: unknown): ModelFailure {
    if (error instanceof RequestError) {
      return { code: 'modelNotFound', detail: error.message, retriable: false }
    }
    this.#deps.onBug(error, 'provider')
    const detail = 'The connection to the model met a bug; the server log says more.'
    return { code: 'internal', detail, retriable: false }
  }

  #sessionFor(model: ModelDescription): ModelSession {
    const known = this.#sessions.get(model.id)
    const session = known ?? this.#deps.models.openSession(model, this.#deps.session)
    this.#sessions.delete(model.id)
    this.#sessions.set(model.id, session)
    for (const [modelId, old] of [...this.#sessions].slice(0, -keptSessions)) {
      old.close()
      this.#sessions.delete(modelId)
    }
    return session
  }
}
