import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Deadline, Timers } from '../timers.ts'

/** `inAt`: monotonic milliseconds at which the first piece of it was read. */
export type OnModelEvent = (event: ModelEvent, inAt: number) => void

/** What is read sooner than this after a delta was handed on comes from a quick stream. */
const quickMs = 1.8
/** When nothing follows, what waits for it waits this long. */
const holdMs = 5

/**
 * Joins deltas of one kind that are read in one piece, and in a quick stream two such pieces of three: what is done
 * for each costs more than all that is in it. Most tokens wait for nothing, the first of a burst never.
 */
export class DeltaMerger {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #onEvent: OnModelEvent
  #waiting: ModelEvent | undefined
  #since = 0
  #flushedAt = Number.NEGATIVE_INFINITY
  #isSoon = false
  /** What waits does so for the next piece. */
  #isHeld = false
  /** What was handed on last had waited. */
  #hasWaited = false
  #hold: Deadline | undefined

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }, onEvent: OnModelEvent) {
    this.#clock = clock
    this.#timers = timers
    this.#onEvent = onEvent
  }

  push(event: ModelEvent): void {
    const joined = this.#waiting && join(this.#waiting, event)
    if (!joined) {
      this.#flush()
      this.#since = this.#clock.monotonic()
      if (event.type !== 'textDelta' && event.type !== 'reasoningDelta' && event.type !== 'toolCallDelta') {
        this.#onEvent(event, this.#since)
        return
      }
    }
    this.#waiting = joined ?? event
    if (this.#isSoon) return
    this.#isSoon = true
    this.#timers.soon(() => this.#pieceRead())
  }

  #pieceRead(): void {
    this.#isSoon = false
    const isQuick = this.#since - this.#flushedAt < quickMs
    if (!isQuick || this.#isHeld || this.#hasWaited) this.#flush()
    else if (this.#waiting) {
      this.#isHeld = true
      if (this.#hold) this.#hold.putOff()
      else this.#hold = this.#timers.deadline(holdMs, () => this.#flush())
    }
  }

  #flush(): void {
    const event = this.#waiting
    if (!event) return
    this.#waiting = undefined
    this.#hasWaited = this.#isHeld
    this.#isHeld = false
    this.#flushedAt = this.#clock.monotonic()
    this.#onEvent(event, this.#since)
  }
}

function join(first: ModelEvent, second: ModelEvent): ModelEvent | undefined {
  if (first.type === 'textDelta' && second.type === 'textDelta') {
    return { type: 'textDelta', text: first.text + second.text }
  }
  if (first.type === 'reasoningDelta' && second.type === 'reasoningDelta') {
    return { type: 'reasoningDelta', text: first.text + second.text }
  }
  if (first.type === 'toolCallDelta' && second.type === 'toolCallDelta' && first.callId === second.callId) {
    return { ...first, delta: first.delta + second.delta }
  }
  return undefined
}
