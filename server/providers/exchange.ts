import type { ModelEvent, Sent } from '../../core/engine/model-stream.ts'
import type { ModelFailure } from '../../core/protocol/model.ts'
import type { Quota } from '../../core/protocol/quota.ts'
import type { Deadline, Timers } from '../timers.ts'
import { modelFailure } from './failures.ts'
import type { Timeouts } from './timeouts.ts'

/** How long a silence may last: `patient` before output and while a model reasons, `brisk` within output. */
export type Patience = 'patient' | 'brisk'

/**
 * One request and its answer. It keeps what every API must keep: `sent` first and once, exactly one terminal
 * event, silence after an abort, and a watchdog over the gaps.
 */
export class Exchange {
  /** Resolves after the last event. */
  readonly done: Promise<void>
  readonly #signal: AbortSignal
  readonly #timeouts: Timeouts
  readonly #timers: Timers
  readonly #onEvent: (event: ModelEvent) => void
  readonly #resolve: () => void
  readonly #onAbort = (): void => this.#end(undefined)
  #cut: () => void = () => {}
  #open = true
  #sent = false
  #heard = false
  #patience: Patience = 'patient'
  #silence: Deadline

  constructor(options: {
    readonly signal: AbortSignal
    readonly timeouts: Timeouts
    readonly timers: Timers
    readonly onEvent: (event: ModelEvent) => void
  }) {
    this.#signal = options.signal
    this.#timeouts = options.timeouts
    this.#timers = options.timers
    this.#onEvent = options.onEvent
    let resolve = (): void => {}
    this.done = new Promise((settle) => {
      resolve = settle
    })
    this.#resolve = resolve
    this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    this.#silence = this.#timers.deadline(this.#timeouts.firstByteMs, this.#expire)
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** How to cut upstream from now on; called when the exchange is aborted or times out. */
  attach(cut: () => void): void {
    this.#cut = cut
  }

  sent(sent: Sent): void {
    if (!this.#open || this.#sent) return
    this.#sent = true
    this.#onEvent({ type: 'sent', ...sent })
  }

  emit(event: Exclude<ModelEvent, { type: 'sent' | 'heard' | 'completed' | 'failed' }>): void {
    if (this.#open) this.#onEvent(event)
  }

  quotas(quotas: readonly Quota[]): void {
    if (quotas.length > 0) this.emit({ type: 'quotas', quotas })
  }

  /** Something arrived; the watchdog starts anew. */
  alive(patience: Patience): void {
    if (!this.#open) return
    if (!this.#heard) {
      this.#heard = true
      this.#onEvent({ type: 'heard' })
      // Who hears it may have ended it.
      if (!this.#open) return
    }
    if (patience === this.#patience) {
      this.#silence.putOff()
      return
    }
    this.#patience = patience
    this.#silence.cancel()
    const { firstByteMs, stallMs } = this.#timeouts
    this.#silence = this.#timers.deadline(patience === 'brisk' ? stallMs : firstByteMs, this.#expire)
  }

  complete(): void {
    this.#end({ type: 'completed' })
  }

  fail(failure: ModelFailure): void {
    this.#end({ type: 'failed', failure })
  }

  readonly #expire = (): void => {
    const { firstByteMs, stallMs } = this.#timeouts
    const failure =
      this.#patience === 'brisk'
        ? modelFailure('stalled', `No output for ${stallMs / 1000} s in the middle of the answer.`)
        : modelFailure('timedOut', `No output for ${firstByteMs / 1000} s.`)
    const cut = this.#cut
    this.fail(failure)
    cut()
  }

  /** `undefined`: aborted, which has no event. */
  #end(event: ModelEvent | undefined): void {
    if (!this.#open) return
    this.#open = false
    this.#silence.cancel()
    this.#signal.removeEventListener('abort', this.#onAbort)
    const cut = this.#cut
    this.#cut = () => {}
    if (event) this.#onEvent(event)
    else cut()
    this.#resolve()
  }
}
