import { z } from 'zod'
import type { Random } from '../../core/lib/random.ts'
import { limits } from '../../core/protocol/limits.ts'
import { threadEventSchema } from '../../core/protocol/thread.ts'
import type { Delta } from '../relay/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'

interface Options {
  readonly threadId: string
  readonly store: Store
  readonly timers: Timers
  readonly random: Random
  /** Text so far of what is under way. */
  readonly running: () => readonly Delta[]
  readonly onBug: (error: unknown, where: string) => void
}

/** Keeps the text of a thread's running items in the store, so that a crash loses at most the last moment of it. */
export class Progress {
  readonly #options: Options
  readonly #key: string
  #cancel: (() => void) | undefined
  #isKept = false
  /** Threads that begin at once would all be kept at once, time and again, and every token of them wait for that. */
  #waitMs: number

  constructor(options: Options) {
    this.#options = options
    this.#key = `progress:${options.threadId}`
    this.#waitMs = this.#firstWaitMs()
  }

  /** There is more text: it is stored within `limits.progressMs`. */
  grew(): void {
    this.#cancel ??= this.#options.timers.after(this.#waitMs, () => {
      this.#cancel = undefined
      this.#waitMs = limits.progressMs
      const running = this.#options.running()
      if (running.length > 0) this.#keep(running)
    })
  }

  /** What a server that died had kept. */
  async read(): Promise<readonly Delta[]> {
    const text = await this.#options.store.getValue(this.#key)
    if (text === undefined) return []
    const events = z.array(threadEventSchema).parse(JSON.parse(text))
    return events.flatMap((event) => (event.type === 'item/delta' ? [event] : []))
  }

  /** The log has it all by now. */
  clear(): void {
    this.close()
    if (this.#isKept) this.#keep([])
    this.#isKept = false
    this.#waitMs = this.#firstWaitMs()
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #firstWaitMs(): number {
    return this.#options.random.next() * limits.progressMs
  }

  #keep(running: readonly Delta[]): void {
    this.#isKept = true
    const { store, onBug } = this.#options
    store.setValue(this.#key, JSON.stringify(running)).catch((error) => onBug(error, 'progress'))
  }
}
