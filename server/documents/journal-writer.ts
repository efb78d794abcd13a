import { ChangeTimes, encodeTimes, type TimedChange } from '../../core/document/change-times.ts'
import { mergeUpdates } from '../../core/document/merge-updates.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DiskProblem } from '../../core/protocol/workspace.ts'
import type { DiskMark, Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'

interface Batch {
  readonly updates: Uint8Array[]
  readonly times: ChangeTimes
  readonly done: PromiseWithResolvers<number>
}

export interface JournalOptions {
  readonly store: Store
  readonly key: string
  readonly timers: Timers
  /** When all of it came and went. */
  readonly times: ChangeTimes
  /** Rows there are, and the number of the last. */
  readonly rows: number
  readonly lastRow: number
  /** Resolves when it is noted that there is a document to look after: no row comes before that. */
  readonly noted: () => Promise<void>
  /** Told why rows can't be stored at present, and with `undefined` when they can again. */
  readonly onProblem: (problem: DiskProblem | undefined) => void
}

/** Writes one document's updates to its journal, in order; those that come while it is at work share the next row. */
export class JournalWriter {
  readonly #options: JournalOptions
  #batches: Batch[] = []
  #isWriting = false
  #suspended = false
  #rows: number
  #lastRow: number
  #attempts = 0

  constructor(options: JournalOptions) {
    this.#options = options
    this.#rows = options.rows
    this.#lastRow = options.lastRow
  }

  /** `changes`: what it brings, with its times. */
  add(update: Uint8Array, changes: readonly TimedChange[]): void {
    const batch = this.#batches.at(-1) ?? this.#begin()
    batch.updates.push(update)
    for (const change of changes) batch.times.note(change)
    this.#pump()
  }

  /** Resolves with the number of a row up to which the journal holds exactly what was added until now. */
  cut(): Promise<number> {
    const last = this.#batches.at(-1)
    if (last === undefined) return Promise.resolve(this.#lastRow)
    if (last.updates.length > 0) this.#begin()
    const before = last.updates.length > 0 ? last : this.#batches.at(-2)
    return before?.done.promise ?? Promise.resolve(this.#lastRow)
  }

  /** Resolves when everything added until now is stored. */
  async durable(): Promise<void> {
    const last = this.#batches.at(-1)
    await (last === undefined || last.updates.length > 0 ? last : this.#batches.at(-2))?.done.promise
  }

  get isIdle(): boolean {
    return this.#batches.every((batch) => batch.updates.length === 0)
  }

  get needsCompaction(): boolean {
    return this.#rows >= limits.journalUpdates
  }

  /** Holds rows back: what is added may still turn out never to have been. */
  suspend(): void {
    this.#suspended = true
  }

  resume(): void {
    this.#suspended = false
    this.#pump()
  }

  /** Forgets what was held back. */
  discard(): void {
    for (const batch of this.#batches.splice(0)) batch.done.resolve(this.#lastRow)
  }

  /** Replaces the rows up to `row` by the one state they make. */
  async compact(row: number, snapshot: Uint8Array, disk: DiskMark): Promise<void> {
    const { store, key, times } = this.#options
    await store.compactJournal(key, row, snapshot, disk, encodeTimes(times.list()))
    this.#rows = 1
  }

  #begin(): Batch {
    const batch = { updates: [], times: new ChangeTimes(), done: Promise.withResolvers<number>() }
    this.#batches.push(batch)
    return batch
  }

  #pump(): void {
    if (this.#isWriting || this.#suspended) return
    const batch = this.#batches[0]
    if (batch === undefined || batch.updates.length === 0) return
    this.#isWriting = true
    // After the present task: what it still adds belongs together.
    queueMicrotask(() => void this.#write(batch))
  }

  async #write(batch: Batch): Promise<void> {
    const { store, key, timers, noted, onProblem } = this.#options
    await noted()
    const update = mergeUpdates(batch.updates)
    // Later updates go to the next row.
    if (this.#batches.at(-1) === batch) this.#begin()
    try {
      this.#lastRow = await store.appendUpdate(key, update, encodeTimes(batch.times.list()))
    } catch (error) {
      onProblem({ code: 'notStored', detail: error instanceof Error ? error.message : String(error) })
      const wait = Math.min(limits.diskRetryCeilingMs, limits.diskRetryMs * 2 ** this.#attempts)
      this.#attempts += 1
      timers.after(wait, () => void this.#write(batch))
      return
    }
    if (this.#attempts > 0) onProblem(undefined)
    this.#attempts = 0
    this.#rows += 1
    this.#batches.shift()
    if (this.#batches.length === 1 && this.isIdle) this.#batches = []
    this.#isWriting = false
    batch.done.resolve(this.#lastRow)
    this.#pump()
  }
}
