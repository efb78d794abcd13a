import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Deadline, Timers } from '../timers.ts'
import type { StreamLoad } from './stream-load.ts'

/** `inAt`: monotonic milliseconds at which the first piece of it was read. */
export type OnModelEvent = (event: ModelEvent, inAt: number) => void

interface Pace {
  /** What is read sooner than this after a delta was handed on comes from a quick stream. */
  readonly quickMs: number
  /** When nothing follows, what waits for it waits this long. */
  readonly holdMs: number
}
const usual: Pace = { quickMs: 1.8, holdMs: 5 }
/** Two pieces of a stream of a hundred tokens a second go together: less than a frame of the page. */
const busy: Pace = { quickMs: 15, holdMs: 12 }

interface Deps {
  readonly clock: Clock
  readonly timers: Timers
  readonly load: StreamLoad
}

/**
 * Joins deltas of one kind that are read in one piece, and in a quick stream two such pieces of three: what is done
 * for each costs more than all that is in it. Most tokens wait for nothing, the first of a burst never. While the server
 * reads so much that all would wait for each other, it joins each two pieces, of slower streams too.
 */
export class DeltaMerger {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #load: StreamLoad
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
  #pace = usual

  constructor({ clock, timers, load }: Deps, onEvent: OnModelEvent) {
    this.#clock = clock
    this.#timers = timers
    this.#load = load
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
    this.#setPace(this.#load.piece(this.#since) ? busy : usual)
    const isQuick = this.#since - this.#flushedAt < this.#pace.quickMs
    const isDue = this.#hasWaited && this.#pace !== busy
    if (!isQuick || this.#isHeld || isDue) this.#flush()
    else if (this.#waiting) {
      this.#isHeld = true
      if (this.#hold) this.#hold.putOff()
      else this.#hold = this.#timers.deadline(this.#pace.holdMs, () => this.#flush())
    }
  }

  #setPace(pace: Pace): void {
    if (pace === this.#pace) return
    this.#pace = pace
    // What it was for is held no longer than it is now to be.
    this.#hold?.cancel()
    this.#hold = undefined
    if (this.#isHeld) this.#flush()
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
