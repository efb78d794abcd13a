import { encodeChangeSet } from '../../core/document/change-set.ts'
import { assertNever } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import type { EditOutcome, EditStream, EditStreamEvent } from '../../core/patch/edit.ts'
import { createEditStream } from '../../core/patch/edit-stream.ts'
import { MemoryTarget } from '../../core/patch/memory-target.ts'
import type { HunkDecision } from '../../core/protocol/item.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { EditOptions, EditSession } from './documents.ts'
import { EditPause } from './edit-pause.ts'
import { EditReport } from './edit-report.ts'
import { type FileToEdit, openEditTarget } from './edit-targets.ts'
import { EditedDocument } from './edited-document.ts'
import { deleteDocument, moveDocument } from './file-edits.ts'
import { createFileRecords } from './file-records.ts'
import { shortened } from './shortened.ts'
import { SeenTexts } from './turn-snapshots.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

export interface LiveEditOptions extends Omit<EditOptions, 'aside'> {
  readonly documents: WorkspaceDocuments
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly onBug: (error: unknown, where: string) => void
}

type HunkCompleted = Extract<EditStreamEvent, { type: 'hunkCompleted' }>

/** One edit of the model, streaming into forks of live documents. */
export class LiveEdit implements EditSession {
  readonly #options: LiveEditOptions
  readonly #stream: EditStream
  readonly #report: EditReport
  readonly #edited = new Map<string, EditedDocument>()
  /** What is done about files after their text, one after the other, and by path what is still to come. */
  #work: Promise<void> = Promise.resolve()
  readonly #finishing = new Map<string, Promise<void>>()
  /** Lines so far of hunks that are being written. */
  readonly #grown = new Map<string, { readonly addedLines: number; readonly removedLines: number }>()
  readonly #failures = new Map<string, string>()
  readonly #settled = Promise.withResolvers<void>()
  #pause: EditPause | undefined
  /** Until the file is there that the stream needs next. */
  #opening: Promise<unknown> | undefined
  /** Hunks that stood still once: told to go on, they do so whatever is typed in them. */
  readonly #resumed = new Set<string>()
  /** What the outcome does not tell: hunks that gave way to what a person wrote, files that were deleted meanwhile. */
  readonly #notes: string[] = []

  constructor(options: LiveEditOptions) {
    this.#options = options
    this.#report = new EditReport(options)
    this.#stream = createEditStream({
      format: options.format,
      nextHunkId: () => this.#report.nextHunkId(),
    })
  }

  push(chunk: string): void {
    if (this.#pause) this.#pause.hold(chunk)
    else this.#take(this.#stream.push(chunk))
  }

  async finish(): Promise<EditOutcome> {
    while (this.#pause) await this.#pause.over
    // It may have been cut meanwhile.
    if (this.#stream.outcome() === undefined) this.#take(this.#stream.finish())
    return this.#settle()
  }

  async endShort(): Promise<EditOutcome> {
    while (this.#pause) await this.#pause.over
    while (this.#opening) await this.#opening
    if (this.#stream.outcome() === undefined) this.#take(this.#stream.cut())
    return this.#settle()
  }

  cut(): Promise<EditOutcome> {
    const pause = this.#pause
    this.#pause = undefined
    pause?.end()
    this.#take(this.#stream.cut())
    return this.#settle()
  }

  decide(hunkId: string, decision: HunkDecision): boolean {
    const pause = this.#pause
    if (pause?.hunkId !== hunkId) return false
    this.#pause = undefined
    this.#report.changeHunk(pause.path, hunkId, { paused: false })
    this.#edited.get(pause.path)?.standStill(false)
    if (decision === 'keepMine') this.#edited.get(pause.path)?.hide(hunkId)
    const held = pause.end()
    if (held !== '') this.#take(this.#stream.push(held))
    return true
  }

  goOn(): void {
    if (this.#pause) this.decide(this.#pause.hunkId, 'resume')
  }

  #standStill(path: string, hunkId: string): void {
    if (this.#pause || this.#stream.outcome() !== undefined) return
    const edited = this.#edited.get(path)
    if (edited === undefined || edited.isHidden(hunkId) || this.#resumed.has(hunkId)) return
    this.#resumed.add(hunkId)
    const { timers } = this.#options
    const decide = (decision: HunkDecision) => this.decide(hunkId, decision)
    this.#pause = new EditPause({ path, hunkId, timers, decide })
    edited.standStill(true)
    const anchor = edited.fork.anchor(hunkId)
    this.#report.changeHunk(path, hunkId, { paused: true, ...(anchor && { anchor }) })
  }

  async #settle(): Promise<EditOutcome> {
    await this.#settled.promise
    await this.#work
    const edited = [...this.#edited.values()]
    this.#edited.clear()
    for (const file of edited) file.release()
    await Promise.all(edited.flatMap(({ document }) => [document.durable(), document.mirror.flush()]))
    this.#noteDeleted(edited)
    const outcome = this.#stream.outcome()
    if (outcome === undefined) throw new Error('a settled edit has an outcome')
    return this.#withFailures({ ...outcome, message: [outcome.message, ...this.#notes].join('\n') })
  }

  /** Their documents are on disk, as far as there is to be a file. */
  #noteDeleted(edited: readonly EditedDocument[]): void {
    for (const { document, wasDeleted } of edited) {
      if (!wasDeleted) continue
      const now = document.mirror.isAbsent
        ? 'It is gone.'
        : 'It is there again, with its text and what you wrote: say so, and delete it only if you are asked to.'
      this.#notes.push(`${document.path} was deleted by somebody else while you wrote in it. ${now}`)
    }
  }

  #withFailures(outcome: EditOutcome): EditOutcome {
    if (this.#failures.size === 0) return outcome
    const files = outcome.files.map((file) => {
      const message = this.#failures.get(file.path)
      return message === undefined ? file : { ...file, status: 'failed' as const, message }
    })
    return { ok: false, message: [outcome.message, ...this.#failures.values()].join('\n'), files }
  }

  #take(events: readonly EditStreamEvent[]): void {
    const touched = new Set<EditedDocument>()
    for (const event of events) {
      this.#takeOne(event)
      const edited = 'path' in event ? this.#edited.get(event.path) : undefined
      if (edited !== undefined) touched.add(edited)
    }
    for (const edited of touched) edited.wrote()
    if (this.#stream.outcome() !== undefined) this.#settled.resolve()
  }

  #takeOne(event: EditStreamEvent): void {
    switch (event.type) {
      case 'fileNeeded':
        this.#provide(event)
        return
      case 'fileStarted': {
        const { path, kind, movedTo } = event
        return this.#report.file(path, { kind, status: 'writing', ...(movedTo !== undefined && { movedTo }) })
      }
      case 'hunkStarted':
        return this.#report.beginHunk(event.path, event.hunkId, event.startLine)
      case 'hunkGrew': {
        const { path, hunkId, addedLines, removedLines } = event
        this.#grown.set(hunkId, { addedLines, removedLines })
        return this.#report.growHunk(path, hunkId, () => {
          const anchor = this.#edited.get(path)?.fork.anchor(hunkId)
          return { ...this.#grown.get(hunkId), ...(anchor && { anchor }) }
        })
      }
      case 'hunkCompleted':
        return this.#completeHunk(event)
      case 'hunkDropped':
        return this.#report.changeHunk(event.path, event.hunkId, { status: 'dropped' })
      case 'fileCompleted':
        return this.#completeFile(event)
      case 'fileFailed': {
        const { path, kind, message } = event
        this.#report.file(path, { kind, status: 'failed', error: message })
        return this.#later(path, () => this.#abandon(path))
      }
      case 'prose':
        return
      default:
        assertNever(event, 'edit event')
    }
  }

  #completeHunk({ path, hunkId, startLine, addedLines, removedLines, removedText }: HunkCompleted): void {
    const edited = this.#edited.get(path)
    if (edited === undefined) return
    if (edited.isHidden(hunkId)) {
      edited.fork.revertHunk(hunkId)
      this.#report.changeHunk(path, hunkId, { status: 'dropped' })
      this.#notes.push(
        `The hunk at line ${startLine} of ${path} was not applied: a person was writing in these lines and kept their own text. Leave it so unless you are asked again.`,
      )
      return
    }
    edited.fork.endHunk(hunkId)
    edited.merge()
    const anchor = edited.fork.anchor(hunkId)
    this.#report.changeHunk(path, hunkId, {
      status: 'written',
      startLine,
      addedLines,
      removedLines,
      removedText: shortened(removedText),
      changes: encodeChangeSet(edited.fork.changes(hunkId)),
      ...(anchor && { anchor }),
    })
  }

  /** Hands the file over; meanwhile the stream keeps what arrives. */
  #provide(file: FileToEdit): void {
    const { onBug } = this.#options
    const opening = this.#open(file)
      .catch((error: unknown) => {
        onBug(error, `opening ${file.path} for an edit`)
        return { problem: `Failed to read ${file.path}.` }
      })
      .then((provided) => {
        if (this.#opening === opening) this.#opening = undefined
        // Where the file can't be had, it fails without having started.
        if ('problem' in provided) this.#report.file(file.path, { kind: file.kind })
        this.#take(this.#stream.provide(file.path, provided))
      })
      .catch((error: unknown) => {
        onBug(error, `edit of ${file.path}`)
        this.#take(this.#stream.cut())
      })
    this.#opening = opening
  }

  async #open(file: FileToEdit) {
    const { path } = file
    await this.#finishing.get(path)
    const known = this.#edited.get(path)
    if (known !== undefined && file.kind !== 'delete') return { target: known.fork }
    const { documents, clock, random, workspaceId, turn, turnId, authorName, only } = this.#options
    const found = await openEditTarget(documents, file, only?.())
    if ('problem' in found) return found
    if (known !== undefined) return { target: known.fork }
    // A file that is no text is deleted as it is.
    if ('unopened' in found) return { target: new MemoryTarget('') }
    const seen = turn instanceof SeenTexts ? turn : undefined
    const author = { kind: 'model', name: authorName, turnId }
    const { document } = found
    const onTouched = (hunkId: string) => this.#standStill(path, hunkId)
    const { pace } = documents
    const edited = new EditedDocument({ document, workspaceId, seen, author, clock, random, pace, onTouched })
    this.#edited.set(path, edited)
    // The stream may have been cut meanwhile.
    if (this.#stream.outcome() !== undefined) await this.#abandon(path)
    return { target: edited.fork }
  }

  #completeFile(event: Extract<EditStreamEvent, { type: 'fileCompleted' }>): void {
    const { path, kind, movedTo } = event
    const edited = this.#edited.get(path)
    if (kind === 'delete') return this.#later(path, () => this.#delete(path, edited))
    if (edited === undefined) return
    edited.document.born()
    if (movedTo === undefined) return this.#report.file(path, { kind, status: 'written' })
    this.#later(path, () => this.#move(path, movedTo, edited))
  }

  async #delete(path: string, edited: EditedDocument | undefined): Promise<void> {
    const { documents, store, workspaceId } = this.#options
    const { workspace } = documents
    if (edited === undefined) {
      const trashId = await workspace.trash(path)
      await createFileRecords(store, workspaceId).noteTrash(path, trashId)
    } else {
      const hunkId = this.#report.nextHunkId()
      this.#report.beginHunk(path, hunkId, 1)
      this.#edited.delete(path)
      const deleted = await deleteDocument(edited, workspace, hunkId)
      this.#report.changeHunk(path, hunkId, { ...deleted, removedText: shortened(deleted.removedText) })
    }
    this.#report.file(path, { status: 'written' })
  }

  async #move(path: string, movedTo: string, edited: EditedDocument): Promise<void> {
    const { documents, store, workspaceId, itemId } = this.#options
    this.#edited.delete(path)
    const records = createFileRecords(store, workspaceId)
    await moveDocument(edited, documents, { movedTo, itemId, records })
    this.#report.file(path, { status: 'written' })
  }

  /** A file that was to be added and failed leaves nothing, unless somebody wrote in it or looks at it. */
  async #abandon(path: string): Promise<void> {
    const edited = this.#edited.get(path)
    if (edited === undefined) return
    const { document } = edited
    if (!document.mirror.isUnborn && this.#stream.outcome() === undefined) return
    this.#edited.delete(path)
    edited.release()
    if (!document.mirror.isUnborn) {
      await document.mirror.flush()
      this.#noteDeleted([edited])
    } else if (!document.isInUse) await this.#options.documents.discard(document)
  }

  #later(path: string, work: () => Promise<void>): void {
    const done = this.#work.then(work).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      this.#failures.set(path, `${path}: ${message}`)
      this.#report.file(path, { status: 'failed', error: message })
    })
    this.#work = done
    this.#finishing.set(path, done)
  }
}
