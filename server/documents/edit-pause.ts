import type { HunkDecision } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'

/** An edit stands still because a person writes in the lines of its hunk; what the model goes on to say waits. */
export class EditPause {
  readonly path: string
  readonly hunkId: string
  /** Resolves when the edit may go on. */
  readonly over: Promise<void>
  readonly #resolve: () => void
  readonly #cancelTimer: () => void
  #held = ''

  /** `decide` is called when nobody else has decided for `limits.touchedMs`. */
  constructor(options: {
    readonly path: string
    readonly hunkId: string
    readonly timers: Timers
    readonly decide: (decision: HunkDecision) => void
  }) {
    this.path = options.path
    this.hunkId = options.hunkId
    const { promise, resolve } = Promise.withResolvers<void>()
    this.over = promise
    this.#resolve = resolve
    this.#cancelTimer = options.timers.after(limits.touchedMs, () => options.decide('resume'))
  }

  hold(chunk: string): void {
    this.#held += chunk
  }

  /** Ends it; answers what was held. */
  end(): string {
    this.#cancelTimer()
    this.#resolve()
    return this.#held
  }
}
