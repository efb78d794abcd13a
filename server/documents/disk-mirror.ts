import { createHash } from 'node:crypto'
import * as Y from 'yjs'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import { mergeText } from '../../core/document/merge-text.ts'
import { mergeUpdates } from '../../core/document/merge-updates.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DiskProblem, Merged } from '../../core/protocol/workspace.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import { errorCode } from '../workspace/error-code.ts'
import type { PathGuard } from '../workspace/workspace.ts'
import { DiskError, type DiskFile, readDiskFile, writeDiskFile } from './disk-file.ts'
import type { TextFormat } from './disk-text.ts'
import type { JournalWriter } from './journal-writer.ts'

/** Marks updates that bring in what somebody wrote on disk. */
export const diskOrigin = { from: 'disk' }

export interface MirrorOptions {
  readonly doc: Y.Doc
  readonly path: string
  readonly key: string
  readonly guard: PathGuard
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  readonly journal: JournalWriter
  readonly onDisk: OnDisk
  /** The document is of a file that is being added. */
  readonly unborn: boolean
  /** Told whether the text is on disk, and what stands against it. */
  readonly onSaved: (saved: boolean, problem: DiskProblem | undefined) => void
  /** Told when what another program did to the file was brought together with the text. */
  readonly onMerged: (merged: Merged, how: { readonly metUnsaved: boolean }) => void
  /** Told when the disk lacks nothing that is meant for it. */
  readonly onClean: () => void
  /** Resolves when it is noted that the disk lacks something: after a crash that note leads to what a write left behind. */
  readonly noted: () => Promise<void>
}

interface RemoveOptions {
  readonly remove: () => Promise<unknown>
  readonly isStillWanted: () => boolean
  /** What people who have it open are told; nothing when nobody has. */
  readonly problem: DiskProblem | undefined
}

/** What the disk is known to hold. */
export interface OnDisk {
  /** `''` when there is no file. */
  readonly hash: string
  readonly format: TextFormat
  readonly mode: number | undefined
  /** The state of the document that the disk holds: changes on disk are changes of this. */
  readonly base: Y.Snapshot
}

/** Keeps one document and its file the same, in both directions. Work on the file is done one piece after another. */
export class DiskMirror {
  readonly #options: MirrorOptions
  #onDisk: OnDisk
  #lane: Promise<void> = Promise.resolve()
  /** Rises with each change that the disk should get. */
  #version = 0
  #writtenVersion = 0
  #firstChangeAt = 0
  /** There is no file and none is made until somebody changes the text again. */
  #absent: boolean
  /** It is being added: no change makes a file before `present`. */
  #unborn: boolean
  /** The file holds text, or there is none. */
  #isText = true
  #holds = 0
  /** It was deleted while somebody changed the text: the next write makes it again. */
  #remaking = false
  #deletions = 0
  #problem: DiskProblem | undefined
  /** What was told last; only changes are told. */
  #said = 'true undefined undefined'
  #attempts = 0
  #cancelTimer: (() => void) | undefined
  #closed = false

  constructor(options: MirrorOptions) {
    this.#options = options
    this.#onDisk = options.onDisk
    this.#absent = options.onDisk.hash === ''
    this.#unborn = options.unborn
  }

  get onDisk(): OnDisk {
    return this.#onDisk
  }

  get isAbsent(): boolean {
    return this.#absent
  }

  /** How often the file was found deleted by somebody else. */
  get deletions(): number {
    return this.#deletions
  }

  get isUnborn(): boolean {
    return this.#unborn
  }

  get isText(): boolean {
    return this.#isText
  }

  get isDirty(): boolean {
    return this.#version !== this.#writtenVersion
  }

  get isSaved(): boolean {
    return !this.isDirty && this.#problem === undefined
  }

  /** The text changed: it is written soon. */
  changed(): void {
    const { clock } = this.#options
    if (!this.isDirty) this.#firstChangeAt = clock.monotonic()
    this.#version += 1
    if (!this.#unborn) this.#absent = false
    this.#tell(this.#attempts === 0 ? undefined : this.#problem)
    this.#schedule()
  }

  /** There shall be a file, even an empty one; `isRemade`: another program had deleted it. */
  present({ isRemade }: { readonly isRemade: boolean }): void {
    this.#unborn = false
    this.#remaking ||= isRemade
    this.changed()
  }

  /** Until the answer is called, the text is written only when asked for: it is in the middle of something. */
  hold(): () => void {
    this.#holds += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds -= 1
      if (this.#absent) this.#remaking = false
      this.#schedule()
    }
  }

  /** Writes what waits, now. */
  flush(): Promise<void> {
    return this.#queue(() => this.#write())
  }

  /** Somebody may have changed the file: takes over what they wrote. */
  check(): Promise<void> {
    return this.#queue(async () => {
      await this.#takeOver(await this.#read())
      if (this.isDirty && this.#holds === 0) await this.#write()
    })
  }

  /**
   * Does away with the file by `remove`, unless `isStillWanted` says no when its turn comes; the text may stay. No file
   * is made again until somebody changes the text. Answers whether the file is gone.
   */
  async remove({ remove, isStillWanted, problem }: RemoveOptions): Promise<boolean> {
    let isGone = false
    await this.#queue(async () => {
      if (!isStillWanted()) return
      this.#cancelTimer?.()
      const version = this.#version
      await remove()
      isGone = true
      await this.#markGone()
      // Who wrote in it meanwhile wants it to be there.
      if (this.#version !== version) return this.#schedule()
      this.#writtenVersion = version
      this.#absent = true
      this.#tell(problem)
    })
    return isGone
  }

  /** Does `move`, after which the file is another document's; nothing is written here meanwhile. */
  async moveAway(move: () => Promise<void>): Promise<void> {
    await this.pause(async () => {
      await move()
      await this.#markGone()
      this.#cancelTimer?.()
      this.#writtenVersion = this.#version
      this.#absent = true
      this.#tell(undefined)
    })
  }

  /** While `work` is done the file is not touched from here. */
  async pause(work: () => Promise<void>): Promise<void> {
    let failed: { readonly error: unknown } | undefined
    await this.#queue(async () => {
      try {
        await work()
      } catch (error) {
        failed = { error }
      }
    })
    // It is no problem of this file.
    if (failed) throw failed.error
  }

  /** The file that was another document's is this one's; `isSame`: its text is what the disk holds. */
  receive(onDisk: OnDisk, { isSame }: { readonly isSame: boolean }): void {
    this.#onDisk = onDisk
    this.#absent = false
    this.#unborn = false
    if (isSame) this.#writtenVersion = this.#version
    this.#tell(undefined)
    this.#schedule()
  }

  /** The file that is not there is being added: no change makes it before `present`. */
  expectFile(): void {
    if (this.#absent) this.#unborn = true
  }

  tellProblem(problem: DiskProblem | undefined): void {
    this.#tell(problem)
  }

  async close(): Promise<void> {
    this.#cancelTimer?.()
    this.#closed = true
    await this.#lane
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const done = this.#lane.then(work).then(
      () => this.#succeed(),
      (error: unknown) => this.#fail(error),
    )
    this.#lane = done
    return done
  }

  #schedule(): void {
    if (!this.isDirty || this.#holds > 0 || this.#closed || this.#attempts > 0) return
    const { clock, timers } = this.#options
    const latest = this.#firstChangeAt + limits.flushLatestMs - clock.monotonic()
    this.#cancelTimer?.()
    this.#cancelTimer = timers.after(Math.max(0, Math.min(limits.flushAfterMs, latest)), () => this.flush())
  }

  async #write(): Promise<void> {
    const { doc, path, guard, journal } = this.#options
    this.#cancelTimer?.()
    while (this.isDirty && !this.#absent && !this.#closed) {
      const version = this.#version
      const text = textOf(doc).toString()
      const base = Y.snapshot(doc)
      const row = await journal.cut()
      if (await this.#takeOver(await this.#read())) continue
      await this.#options.noted()
      const { format, mode } = this.#onDisk
      const hash = await writeDiskFile({ guard, path, text, format, mode })
      await this.#mark({ ...this.#onDisk, hash, base }, row)
      this.#writtenVersion = version
      this.#attempts = 0
      if (this.#remaking) this.#tellMerged({ line: 1, deleted: true, metUnsaved: true })
      this.#remaking = false
      this.#firstChangeAt = this.#options.clock.monotonic()
      if (this.isDirty) {
        this.#schedule()
        return
      }
      this.#tell(undefined)
      if (journal.needsCompaction) await journal.compact(row, Y.encodeStateAsUpdate(doc), { hash, row })
    }
  }

  /** Many programs empty a file before they fill it: a text cut short is believed when it is still so a little later. */
  async #read(): Promise<DiskFile> {
    const { guard, path, timers } = this.#options
    let file = await readDiskFile(guard, path, limits.grownBytes)
    while (this.#isCutShort(file)) {
      await new Promise<void>((resolve) => timers.after(limits.cutShortMs, resolve))
      const later = await readDiskFile(guard, path, limits.grownBytes)
      if (later.kind === 'text' && later.hash === file.hash) return later
      file = later
    }
    return file
  }

  #isCutShort(file: DiskFile): file is Extract<DiskFile, { kind: 'text' }> {
    const { hash } = this.#onDisk
    if (file.kind !== 'text' || hash === '' || hash === file.hash) return false
    const text = textOf(this.#options.doc)
    return file.text.length < text.length && text.toString().startsWith(file.text)
  }

  /** Merges what the file holds when it is not what it is known to hold. Answers whether it was not. */
  async #takeOver(file: DiskFile): Promise<boolean> {
    this.#isText = file.kind === 'text' || file.kind === 'notFound'
    if (file.kind === 'notFound') {
      if (this.#onDisk.hash === '') return false
      await this.#mark({ ...this.#onDisk, hash: '' }, await this.#options.journal.cut())
      this.#deletions += 1
      this.#remaking = this.isDirty || this.#holds > 0
      // Who changed the text after all wants it on disk.
      if (this.isDirty) return true
      this.#absent = true
      this.#tell({ code: 'deletedElsewhere', detail: '' })
      return true
    }
    if (file.kind !== 'text')
      throw new DiskError({ code: file.kind === 'tooLarge' ? 'tooLarge' : 'notText', detail: '' })
    if (file.hash === this.#onDisk.hash) return false
    const { doc, journal } = this.#options
    const before = textOf(doc).toString()
    const base = this.#merge(file.text, file.hash)
    const line = firstChangedLine(before, textOf(doc).toString())
    const isSame = textOf(doc).toString() === file.text
    if (line !== undefined) this.#tellMerged({ line, deleted: false, metUnsaved: !isSame })
    if (isSame) this.#writtenVersion = this.#version
    else if (!this.isDirty) this.#version += 1
    this.#absent = false
    const { format, hash, mode } = file
    const known = { hash, format, mode, base }
    // With changes of ours beside it, the mark waits for them to be on disk too: until then the merge can be done again.
    if (isSame) await this.#mark(known, await journal.cut())
    else this.#onDisk = known
    this.#tell(undefined)
    return true
  }

  /**
   * The change on disk is a change of what the disk held, made by somebody of its own. Their client id follows from
   * the two texts: after a crash the same merge gives the same characters, not the same text twice.
   */
  #merge(text: string, hash: string): Y.Snapshot {
    const { doc } = this.#options
    const digest = createHash('sha256').update(`${this.#onDisk.hash} ${hash}`).digest()
    const disk = createDocument(digest.readUInt32BE(0))
    Y.createDocFromSnapshot(doc, this.#onDisk.base, disk)
    const updates: Uint8Array[] = []
    disk.on('update', (update: Uint8Array) => updates.push(update))
    mergeText(textOf(disk), text, diskOrigin)
    if (updates.length > 0) Y.applyUpdate(doc, mergeUpdates(updates), diskOrigin)
    const base = Y.snapshot(disk)
    disk.destroy()
    return base
  }

  #tellMerged({ metUnsaved, ...merged }: Omit<Merged, 'at'> & { readonly metUnsaved: boolean }): void {
    this.#options.onMerged({ ...merged, at: this.#options.clock.now() }, { metUnsaved })
  }

  /** Of what the file held nothing is left: one that another program makes there is no change of that. */
  async #markGone(): Promise<void> {
    const { doc, journal } = this.#options
    const base = Y.snapshot(doc)
    await this.#mark({ ...this.#onDisk, hash: '', base }, await journal.cut())
  }

  async #mark(onDisk: OnDisk, row: number): Promise<void> {
    const { store, key } = this.#options
    await store.markDisk(key, { hash: onDisk.hash, row })
    this.#onDisk = onDisk
  }

  #succeed(): void {
    if (this.#attempts === 0) return
    this.#attempts = 0
    if (!this.#absent) this.#tell(undefined)
    this.#schedule()
  }

  /** Nothing is lost: the text is in the journal, and the disk is tried again. */
  #fail(error: unknown): void {
    if (this.#closed) return
    const { timers } = this.#options
    const wait = Math.min(limits.diskRetryCeilingMs, limits.diskRetryMs * 2 ** this.#attempts)
    this.#attempts += 1
    this.#tell(toProblem(error))
    this.#cancelTimer?.()
    this.#cancelTimer = timers.after(wait, () => void this.check())
  }

  #tell(problem: DiskProblem | undefined): void {
    this.#problem = problem
    if (!this.isDirty) this.#options.onClean()
    const said = `${this.isSaved} ${problem?.code} ${problem?.detail}`
    if (said === this.#said) return
    this.#said = said
    this.#options.onSaved(this.isSaved, problem)
  }
}

/** From 1. */
function firstChangedLine(before: string, now: string): number | undefined {
  if (before === now) return undefined
  let line = 1
  for (let at = 0; before[at] === now[at] && at < now.length; at++) if (now[at] === '\n') line += 1
  return line
}

function toProblem(error: unknown): DiskProblem {
  if (error instanceof DiskError) return error.problem
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return { code: 'full', detail: '' }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return { code: 'denied', detail: '' }
  return { code: 'failed', detail: error instanceof Error ? error.message : String(error) }
}
