import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'

/**
 * Whether the store takes what it is given. While it does not, nothing that anybody writes is kept, so all are told; it
 * is tried again until it does.
 */
export class StoreWatch {
  readonly #timers: Timers
  readonly #probe: () => Promise<void>
  readonly #onChange: (isRefusing: boolean) => void
  #isRefusing = false

  /** `probe`: a write that says nothing. */
  constructor(options: {
    readonly timers: Timers
    readonly probe: () => Promise<void>
    readonly onChange: (isRefusing: boolean) => void
  }) {
    this.#timers = options.timers
    this.#probe = options.probe
    this.#onChange = options.onChange
  }

  get isRefusing(): boolean {
    return this.#isRefusing
  }

  /** Told of each write whether it was taken. */
  note(isTaken: boolean): void {
    if (isTaken !== this.#isRefusing) return
    this.#isRefusing = !isTaken
    this.#onChange(this.#isRefusing)
    if (this.#isRefusing) this.#tryAgain()
  }

  #tryAgain(): void {
    this.#timers.after(limits.diskRetryMs, () => {
      if (!this.#isRefusing) return
      // What becomes of it is noted as that of any write.
      this.#probe()
        .catch(() => undefined)
        .finally(() => this.#tryAgain())
    })
  }
}
