import { assertNever } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { EditOutcome, EditStream, EditStreamEvent, ProvidedFile } from '../../core/patch/edit.ts'
import { createEditStream } from '../../core/patch/edit-stream.ts'
import type { FileEdit } from '../../core/protocol/item.ts'
import type { Timers } from '../timers.ts'
import { AsideText } from './aside-text.ts'
import type { EditOptions, EditSession } from './documents.ts'
import { EditReport } from './edit-report.ts'
import { type FileToEdit, readEditTarget } from './edit-targets.ts'
import { shortened } from './shortened.ts'
import { SeenTexts } from './turn-snapshots.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

export interface AsideEditOptions extends Omit<EditOptions, 'aside'> {
  readonly aside: Map<string, AsideText>
  readonly documents: WorkspaceDocuments
  readonly clock: Clock
  readonly timers: Timers
  readonly onBug: (error: unknown, where: string) => void
}

/**
 * One edit of the model that stays out of the files: it is placed in copies of what the model saw, and its hunks say
 * what they would write. They count as dropped, so that nothing takes them for changes somebody has to judge.
 */
export class AsideEdit implements EditSession {
  readonly #options: AsideEditOptions
  readonly #stream: EditStream
  readonly #report: EditReport
  /** Set while the stream waits for a file. */
  #opening: Promise<void> | undefined
  readonly #settled = Promise.withResolvers<void>()

  constructor(options: AsideEditOptions) {
    this.#options = options
    this.#report = new EditReport(options)
    this.#stream = createEditStream({
      format: options.format,
      nextHunkId: () => this.#report.nextHunkId(),
    })
  }

  push(chunk: string): void {
    this.#take(this.#stream.push(chunk))
  }

  finish(): Promise<EditOutcome> {
    if (this.#stream.outcome() === undefined) this.#take(this.#stream.finish())
    return this.#outcome()
  }

  async endShort(): Promise<EditOutcome> {
    while (this.#opening) await this.#opening
    if (this.#stream.outcome() === undefined) this.#take(this.#stream.cut())
    return this.#outcome()
  }

  cut(): Promise<EditOutcome> {
    this.#take(this.#stream.cut())
    return this.#outcome()
  }

  /** Nobody writes in its lines: none of it stands still. */
  decide(): boolean {
    return false
  }

  goOn(): void {}

  async #outcome(): Promise<EditOutcome> {
    await this.#settled.promise
    const outcome = this.#stream.outcome()
    if (outcome === undefined) throw new Error('a settled edit has an outcome')
    return outcome
  }

  #take(events: readonly EditStreamEvent[]): void {
    for (const event of events) this.#takeOne(event)
    if (this.#stream.outcome() !== undefined) this.#settled.resolve()
  }

  #takeOne(event: EditStreamEvent): void {
    switch (event.type) {
      case 'fileNeeded':
        return this.#provide(event)
      case 'fileStarted':
        return this.#file(event, { status: 'writing' })
      case 'hunkStarted':
        return this.#report.beginHunk(event.path, event.hunkId, event.startLine)
      case 'hunkGrew': {
        const { path, hunkId, addedLines, removedLines } = event
        return this.#report.growHunk(path, hunkId, () => ({
          addedLines,
          removedLines,
          text: this.#textOf(path, hunkId),
        }))
      }
      case 'hunkCompleted': {
        const { path, hunkId, startLine, addedLines, removedLines, removedText } = event
        return this.#report.changeHunk(path, hunkId, {
          status: 'dropped',
          startLine,
          addedLines,
          removedLines,
          removedText: shortened(removedText),
          text: this.#textOf(path, hunkId),
        })
      }
      case 'hunkDropped':
        return this.#report.changeHunk(event.path, event.hunkId, { status: 'dropped', text: undefined })
      case 'fileCompleted':
        return this.#file(event, { status: 'written' })
      case 'fileFailed':
        return this.#file(event, { status: 'failed', error: event.message })
      case 'prose':
        return
      default:
        assertNever(event, 'edit event')
    }
  }

  #file({ path, kind, movedTo }: FileToEdit, change: Pick<FileEdit, 'status' | 'error'>): void {
    this.#report.file(path, { kind, ...change, ...(movedTo !== undefined && { movedTo }) })
  }

  #textOf(path: string, hunkId: string): string {
    return shortened(this.#options.aside.get(path)?.written(hunkId) ?? '')
  }

  /** Hands the file over; meanwhile the stream keeps what arrives. */
  #provide(file: FileToEdit): void {
    const { onBug } = this.#options
    const opening = this.#open(file)
      .catch((error: unknown) => {
        onBug(error, `opening ${file.path} for an edit that is set aside`)
        return { problem: `Failed to read ${file.path}.` }
      })
      .then((provided) => {
        if ('problem' in provided) this.#report.file(file.path, { kind: file.kind })
        this.#take(this.#stream.provide(file.path, provided))
      })
      .catch((error: unknown) => {
        onBug(error, `edit of ${file.path} that is set aside`)
        this.#take(this.#stream.cut())
      })
      .finally(() => {
        if (this.#opening === opening) this.#opening = undefined
      })
    this.#opening = opening
  }

  async #open(file: FileToEdit): Promise<ProvidedFile> {
    const { aside, documents, workspaceId, turn, only } = this.#options
    const known = aside.get(file.path)
    if (known !== undefined) return { target: known }
    const found = await readEditTarget(documents, file, only?.())
    if ('problem' in found) return found
    const { document } = found
    const seen = turn instanceof SeenTexts && document ? turn.textOf(workspaceId, document) : document?.text()
    const target = new AsideText(seen ?? '')
    aside.set(file.path, target)
    return { target }
  }
}
