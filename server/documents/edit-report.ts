import type { Clock } from '../../core/lib/clock.ts'
import { type HunkId, hunkIdSchema } from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'
import type { EditOptions } from './documents.ts'

export interface EditReportOptions extends Pick<EditOptions, 'itemId' | 'onFile' | 'onHunk'> {
  readonly clock: Clock
  readonly timers: Timers
}

/** Tells how an edit's files and hunks stand: each change as a whole entry, growth not too often. */
export class EditReport {
  readonly #options: EditReportOptions
  readonly #files = new Map<string, FileEdit>()
  /** By hunk id: when it was told last, and what cancels the next telling. */
  readonly #told = new Map<string, { at: number; cancel: (() => void) | undefined }>()
  #hunkCount = 0

  constructor(options: EditReportOptions) {
    this.#options = options
  }

  nextHunkId(): HunkId {
    this.#hunkCount += 1
    return hunkIdSchema.parse(`${this.#options.itemId}.${this.#hunkCount}`)
  }

  file(path: string, change: Partial<FileEdit>): void {
    const known = this.#files.get(path) ?? { path, kind: 'update', status: 'writing', hunks: [] }
    const file = { ...known, ...change }
    this.#files.set(path, file)
    this.#options.onFile(file)
  }

  beginHunk(path: string, hunkId: string, startLine: number): void {
    const id = hunkIdSchema.parse(hunkId)
    const counts = { addedLines: 0, removedLines: 0, removedText: '' }
    this.hunk(path, { id, path, status: 'writing', startLine, ...counts })
  }

  hunk(path: string, hunk: Hunk): void {
    this.#keep(path, hunk)
    this.#tell(path, hunk.id)
  }

  /** As it stands with `change`; what is unknown stays as it was. */
  changeHunk(path: string, hunkId: string, change: Partial<Hunk>): void {
    const hunk = this.#hunk(path, hunkId)
    if (hunk !== undefined) this.hunk(path, { ...hunk, ...change })
  }

  /** A hunk grew: told now, or together with what it grows by next. `latest` is asked when it is told. */
  growHunk(path: string, hunkId: string, latest: () => Partial<Hunk>): void {
    const told = this.#told.get(hunkId)
    if (told === undefined || told.cancel !== undefined) return
    const { clock, timers } = this.#options
    const wait = told.at + limits.hunkEveryMs - clock.monotonic()
    const tell = () => this.changeHunk(path, hunkId, latest())
    if (wait <= 0) tell()
    else told.cancel = timers.after(wait, tell)
  }

  #hunk(path: string, hunkId: string): Hunk | undefined {
    return this.#files.get(path)?.hunks.find(({ id }) => id === hunkId)
  }

  #keep(path: string, hunk: Hunk): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    const isKnown = file.hunks.some(({ id }) => id === hunk.id)
    const hunks = isKnown
      ? file.hunks.map((other) => (other.id === hunk.id ? hunk : other))
      : [...file.hunks, hunk]
    this.#files.set(path, { ...file, hunks })
  }

  #tell(path: string, hunkId: string): void {
    this.#told.get(hunkId)?.cancel?.()
    this.#told.set(hunkId, { at: this.#options.clock.monotonic(), cancel: undefined })
    const hunk = this.#hunk(path, hunkId)
    if (hunk !== undefined) this.#options.onHunk(path, hunk)
  }
}
