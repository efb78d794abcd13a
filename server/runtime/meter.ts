import type { ModelEvent, Sent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Measurement } from '../../core/protocol/turn.ts'

/** Characters to a token when the backend does not count for us. */
const charsPerToken = 4

/**
 * Times one turn's way to its first token and its stream. All stamps are monotonic milliseconds.
 * The relay's own part is what passes before the request leaves and after the first token arrives.
 */
export class Meter {
  readonly #clock: Clock
  readonly #receivedAt: number
  #sentAt: number | undefined
  #reused = false
  #firstInAt: number | undefined
  #firstOutAt: number | undefined
  #streamMs = 0
  /** Of the present request's latest token. */
  #lastAt: number | undefined
  #chars = 0
  #ownMs = 0
  #countedTokens = 0

  constructor(clock: Clock, receivedAt: number) {
    this.#clock = clock
    this.#receivedAt = receivedAt
  }

  /** Around the handling of one event: answers `true` for the first token. */
  saw(event: ModelEvent, inAt: number): boolean {
    if (event.type === 'sent') this.#sent(event)
    else if (event.type === 'usage') this.#countedTokens += event.usage.outputTokens
    const chars = tokenChars(event)
    return chars > 0 && this.#token(chars, inAt)
  }

  #sent({ connection }: Sent): void {
    this.#lastAt = undefined
    if (this.#sentAt !== undefined) return
    this.#sentAt = this.#clock.monotonic()
    this.#reused = connection !== 'opened'
  }

  #token(chars: number, inAt: number): boolean {
    const now = this.#clock.monotonic()
    this.#ownMs += now - inAt
    this.#streamMs += now - (this.#lastAt ?? now)
    this.#lastAt = now
    this.#chars += chars
    if (this.#firstInAt !== undefined) return false
    this.#firstInAt = inAt
    this.#firstOutAt = now
    return true
  }

  /** `undefined` until there was a token. */
  measurement(): Measurement | undefined {
    if (this.#firstInAt === undefined || this.#firstOutAt === undefined) return undefined
    const sentAt = this.#sentAt ?? this.#receivedAt
    const outputTokens = this.#countedTokens || Math.round(this.#chars / charsPerToken)
    const streamMs = this.#streamMs
    return {
      firstTokenMs: this.#firstOutAt - this.#receivedAt,
      relayMs: sentAt - this.#receivedAt + (this.#firstOutAt - this.#firstInAt),
      outputTokens,
      streamMs,
      tokensPerSecond: streamMs > 0 ? (outputTokens / streamMs) * 1000 : 0,
      reusedConnection: this.#reused,
      relayMsPer1000Tokens: outputTokens > 0 ? (this.#ownMs / outputTokens) * 1000 : 0,
    }
  }
}

function tokenChars(event: ModelEvent): number {
  if (event.type === 'textDelta' || event.type === 'reasoningDelta') return event.text.length
  return event.type === 'toolCallDelta' ? event.delta.length : 0
}
