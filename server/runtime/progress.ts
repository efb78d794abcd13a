import { z } from 'zod'
import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import type { ItemId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { threadEventSchema } from '../../core/protocol/thread.ts'
import type { Delta } from '../relay/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'

/** Running text is kept at multiples of this. */
const slotMs = 50

interface Options {
  readonly threadId: string
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** Text so far of what is under way. */
  readonly running: () => readonly Delta[]
  readonly onBug: (error: unknown, where: string) => void
}

/**
 * Keeps the text of a thread's running items in the store, so that a crash loses at most the last moment of it. Each
 * time only what came since goes into a journal: a long answer costs no more than a short one.
 */
export class Progress {
  readonly #options: Options
  readonly #key: string
  #cancel: (() => void) | undefined
  /** What came since the journal was written. */
  #fresh: Delta[] = []
  /** Items of which the journal has the text. */
  #kept: ReadonlySet<ItemId> = new Set()
  /** What the journal holds is of no use: it begins anew with all of the text. */
  #isStale = false
  /** The text is where an older version kept it, too. */
  #hasOlder = false
  /** Threads that begin at once would all be kept at once, time and again, and every token of them wait for that. */
  #waitMs: number

  constructor(options: Options) {
    this.#options = options
    this.#key = `progress:${options.threadId}`
    this.#waitMs = this.#firstWaitMs()
  }

  /** There is more text: it is stored within `limits.progressMs`. */
  grew(delta: Delta): void {
    const last = this.#fresh.at(-1)
    // Never the text as a whole: putting that together for each of two hundred threads is what their tokens wait for.
    if (last?.itemId === delta.itemId && last.offset + last.text.length === delta.offset)
      this.#fresh[this.#fresh.length - 1] = { ...last, text: last.text + delta.text }
    else this.#fresh.push(delta)
    this.#cancel ??= this.#options.timers.after(this.#untilSlot(), () => {
      this.#cancel = undefined
      this.#waitMs = limits.progressMs
      this.#keep()
    })
  }

  /** What a server that died had kept. */
  async read(): Promise<readonly Delta[]> {
    const journal = await this.#options.store.readJournal(this.#key)
    if (!journal) return this.#readOlder()
    this.#isStale = true
    return deltasIn(journal.updates.map((row) => decoder.decode(row)))
  }

  /** Versions before this one kept all of the text as a value; what follows goes to the journal. */
  async #readOlder(): Promise<readonly Delta[]> {
    const text = (await this.#options.store.getValue(this.#key)) ?? nothing
    this.#hasOlder = text !== nothing
    this.#isStale = this.#hasOlder
    return deltasIn([text])
  }

  /** The log has it all by now. */
  clear(): void {
    this.close()
    this.#fresh = []
    if (this.#kept.size > 0 || this.#isStale) this.#forget()
    if (this.#hasOlder) this.#forgetOlder()
    this.#waitMs = this.#firstWaitMs()
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** What several threads keep in one slot is one write to the disk. */
  #untilSlot(): number {
    const now = this.#options.clock.monotonic()
    const due = now + this.#waitMs
    return Math.max(0, due - (due % slotMs) - now)
  }

  #firstWaitMs(): number {
    return this.#options.random.next() * limits.progressMs
  }

  #keep(): void {
    const running = this.#options.running()
    const ids = new Set(running.map(({ itemId }) => itemId))
    // Of what is over the log has all.
    const fresh = this.#isStale ? running : this.#fresh.filter(({ itemId }) => ids.has(itemId))
    this.#fresh = []
    if (fresh.length === 0) return
    const isOver = this.#kept.size > 0 && ![...this.#kept].some((itemId) => ids.has(itemId))
    if (isOver || this.#isStale) this.#forget()
    this.#kept = ids
    const { store, onBug } = this.#options
    store.appendUpdate(this.#key, encoder.encode(JSON.stringify(fresh))).catch((error) => {
      this.#isStale = true
      onBug(error, 'progress')
    })
  }

  #forgetOlder(): void {
    this.#hasOlder = false
    const { store, onBug } = this.#options
    store.setValue(this.#key, nothing).catch((error) => onBug(error, 'progress'))
  }

  #forget(): void {
    this.#kept = new Set()
    this.#isStale = false
    const { store, onBug } = this.#options
    store.deleteJournal(this.#key).catch((error) => onBug(error, 'progress'))
  }
}

/** What an older version left where it had nothing to keep. */
const nothing = '[]'
const rowSchema = z.array(threadEventSchema)
const encoder = new TextEncoder()
const decoder = new TextDecoder()

function deltasIn(rows: readonly string[]): readonly Delta[] {
  const events = rows.flatMap((row) => rowSchema.parse(JSON.parse(row)))
  return events.flatMap((event) => (event.type === 'item/delta' ? [event] : []))
}
