import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Call } from '../../core/protocol/call.ts'
import type { Usage } from '../../core/protocol/model.ts'

/** Characters to a token when the backend does not count for us. */
const charsPerToken = 4

interface Options {
  readonly clock: Clock
  readonly request: number
  readonly modelId: string
  /** When what asked for the call arrived, in monotonic milliseconds. */
  readonly at: number
  readonly prompted: boolean
}

/** Times one call of a model, hop by hop. What it does for each token it does for a few sums only. */
export class CallMeter {
  readonly #options: Options
  readonly #askedAt: number
  #admittedAt: number | undefined
  #connectedAt: number | undefined
  #sentAt: number | undefined
  #connection: Call['connection']
  #http: true | undefined
  #firstInAt: number | undefined
  #firstOutAt: number | undefined
  #lastAt = 0
  #chars = 0
  #ownMs = 0
  #usage: Usage | undefined

  constructor(options: Options) {
    this.#options = options
    this.#askedAt = options.clock.monotonic()
  }

  admitted(): void {
    this.#admittedAt = this.#options.clock.monotonic()
  }

  /** After one event was handled that was read at `inAt`: answers `true` for the first token. */
  saw(event: ModelEvent, inAt: number): boolean {
    if (event.type === 'sent') {
      const now = this.#options.clock.monotonic()
      this.#sentAt = now
      // Whoever was admitted waits for a connection first, if for anything.
      this.#connectedAt = Math.min(now, (this.#admittedAt ?? now) + event.connectMs)
      this.#connection = event.connection
      this.#http = event.http
    } else if (event.type === 'usage') this.#used(event.usage)
    const chars = tokenChars(event)
    // The beginning of a tool's call is the first that is seen of it.
    return (chars > 0 || event.type === 'toolCallStarted') && this.#token(chars, inAt)
  }

  /** A response that took in added words is counted in parts. */
  #used({ inputTokens, cachedTokens, outputTokens }: Usage): void {
    const before = this.#usage
    this.#usage = {
      inputTokens: (before?.inputTokens ?? 0) + inputTokens,
      cachedTokens: (before?.cachedTokens ?? 0) + cachedTokens,
      outputTokens: (before?.outputTokens ?? 0) + outputTokens,
    }
  }

  #token(chars: number, inAt: number): boolean {
    const now = this.#options.clock.monotonic()
    this.#ownMs += now - inAt
    this.#lastAt = now
    this.#chars += chars
    if (this.#firstInAt !== undefined) return false
    this.#firstInAt = inAt
    this.#firstOutAt = now
    return true
  }

  get usage(): Usage | undefined {
    return this.#usage
  }

  /** As it is now. */
  read(status: Call['status']): Call {
    const { clock, request, modelId, at, prompted } = this.#options
    const since = (ms: number) => Math.max(0, micros(ms) - micros(at))
    const stamps = {
      admitted: this.#admittedAt,
      connected: this.#connectedAt,
      sent: this.#sentAt,
      firstToken: this.#firstInAt,
      out: this.#firstOutAt,
    }
    const reached = Object.entries(stamps).flatMap(([name, ms]) =>
      ms === undefined ? [] : [[name, since(ms)] as const],
    )
    return {
      request,
      modelId,
      status,
      prompted,
      at: micros(at),
      asked: since(this.#askedAt),
      ...Object.fromEntries(reached),
      ended: since(clock.monotonic()),
      ...(this.#connection && { connection: this.#connection }),
      ...(this.#http && { http: this.#http }),
      tokens: this.#usage?.outputTokens ?? Math.round(this.#chars / charsPerToken),
      stream: this.#firstOutAt === undefined ? 0 : micros(this.#lastAt - this.#firstOutAt),
      relay: micros(this.#ownMs),
    }
  }
}

function micros(ms: number): number {
  return Math.round(ms * 1000)
}

function tokenChars(event: ModelEvent): number {
  if (event.type === 'textDelta' || event.type === 'reasoningDelta') return event.text.length
  return event.type === 'toolCallDelta' ? event.delta.length : 0
}
