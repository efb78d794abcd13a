import type { Clock } from '../../core/lib/clock.ts'
import type { EditOutcome, EditStreamEvent, ProvidedFile } from '../../core/patch/edit.ts'
import { createEditStream } from '../../core/patch/edit-stream.ts'
import { MemoryTarget } from '../../core/patch/memory-target.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { readDiskFile, writeDiskFile } from '../documents/disk-file.ts'
import type { TextFormat } from '../documents/disk-text.ts'
import type { Documents, EditOptions, EditSession, TurnSnapshots } from '../documents/documents.ts'
import { EditReport } from '../documents/edit-report.ts'
import type { Timers } from '../timers.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface World {
  readonly workspace: Workspace
  readonly clock: Clock
  readonly timers: Timers
}

/** One edit after the other: two of one answer may change the same file. */
type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Nobody writes in a job's copy but the job: its files are plain files, and an edit is made when all of it is there. */
export function createFileDocuments(world: World): Documents {
  const { workspace } = world
  let last: Promise<unknown> = Promise.resolve()
  const inTurn: InTurn = (work) => {
    const working = last.then(work)
    last = working.catch(() => undefined)
    return working
  }
  const notHere = async (): Promise<never> => {
    throw new RequestError('conflict', 'What a job wrote is judged when it has come back.')
  }
  return {
    open: notHere,
    async readText(_, path) {
      const file = await readDiskFile(workspace.guard, path)
      return file.kind === 'text' ? file.text : undefined
    },
    save: notHere,
    flush: async () => undefined,
    rename: notHere,
    beginEdit: (options) => new FileEditSession(world, options, inTurn),
    revert: notHere,
    previewRevert: notHere,
    recover: async () => ({ lost: new Set(), present: new Set() }),
    onSaved: () => () => undefined,
    lastMerge: () => undefined,
    toldMerge: () => undefined,
    onMerged: () => () => undefined,
    // In a job's copy nobody moves files but its model.
    onMoved: () => () => undefined,
    moves: async () => [],
    movedTo: async () => undefined,
    onText: () => () => undefined,
    close: async () => undefined,
  }
}

/** A job's model is always up to date: nobody types beside it. */
export const noSnapshots: TurnSnapshots = {
  note: async () => undefined,
  text: () => undefined,
  close: () => undefined,
}

interface Opened {
  readonly target: MemoryTarget
  readonly format: TextFormat
  readonly mode: number | undefined
}

class FileEditSession implements EditSession {
  readonly #world: World
  readonly #options: EditOptions
  readonly #report: EditReport
  readonly #files = new Map<string, Opened>()
  readonly #failures: string[] = []
  readonly #written = new Set<string>()
  readonly #inTurn: InTurn
  #text = ''

  constructor(world: World, options: EditOptions, inTurn: InTurn) {
    this.#world = world
    this.#inTurn = inTurn
    this.#options = options
    this.#report = new EditReport({ ...options, ...world })
  }

  push(chunk: string): void {
    this.#text += chunk
  }

  finish(): Promise<EditOutcome> {
    return this.#inTurn(() => this.#make('finish'))
  }

  endShort(): Promise<EditOutcome> {
    return this.#inTurn(() => this.#make('cut'))
  }

  async #make(end: 'finish' | 'cut'): Promise<EditOutcome> {
    const { format } = this.#options
    const stream = createEditStream({ format, nextHunkId: () => this.#report.nextHunkId() })
    const takeAll = async (events: EditStreamEvent[]) => {
      for (let event = events.shift(); event; event = events.shift()) {
        if (event.type === 'fileNeeded')
          events.unshift(...stream.provide(event.path, await this.#provide(event)))
        else await this.#take(event)
      }
    }
    await takeAll([...stream.push(this.#text)])
    await takeAll([...stream[end]()])
    const outcome = stream.outcome()
    if (!outcome) throw new Error('a finished edit has an outcome')
    if (this.#failures.length === 0) return outcome
    return { ...outcome, ok: false, message: [outcome.message, ...this.#failures].join('\n') }
  }

  /** Nothing of it was done yet. */
  async cut(): Promise<EditOutcome> {
    return { ok: false, message: 'The edit was stopped; nothing of it was made.', files: [] }
  }

  decide = () => false
  goOn = () => undefined

  async #provide(event: Extract<EditStreamEvent, { type: 'fileNeeded' }>): Promise<ProvidedFile> {
    const { path, kind, movedTo } = event
    try {
      const known = this.#files.get(path)
      if (known) return { target: known.target }
      const { guard } = this.#world.workspace
      await guard.forWrite(path)
      if (movedTo !== undefined) await guard.forWrite(movedTo)
      const file = await readDiskFile(guard, path)
      const isNew = file.kind === 'notFound'
      if (isNew ? kind !== 'add' : file.kind !== 'text' && kind !== 'delete') {
        return this.#refuse(event, isNew ? 'No such file or directory (os error 2)' : 'it is no text file')
      }
      const { text, format, mode } =
        file.kind === 'text'
          ? file
          : { text: '', format: { eol: 'lf', bom: false } as const, mode: undefined }
      // An added file begins empty, unless blocks add to the end of one that is there.
      const target = new MemoryTarget(kind === 'add' && this.#options.format === 'applyPatch' ? '' : text)
      this.#files.set(path, { target, format, mode })
      return { target }
    } catch (error) {
      if (error instanceof RequestError) return this.#refuse(event, error.message)
      throw error
    }
  }

  #refuse({ path, kind }: { path: string; kind: keyof typeof failed }, why: string): ProvidedFile {
    this.#report.file(path, { kind })
    return { problem: `${failed[kind]} ${path}: ${why}` }
  }

  async #take(event: EditStreamEvent): Promise<void> {
    switch (event.type) {
      case 'fileStarted': {
        const { path, kind, movedTo } = event
        return this.#report.file(path, { kind, status: 'writing', ...(movedTo !== undefined && { movedTo }) })
      }
      case 'hunkStarted':
        return this.#report.beginHunk(event.path, event.hunkId, event.startLine)
      case 'hunkCompleted': {
        const { type: _, path, hunkId, removedText, ...counts } = event
        const shown = removedText.slice(0, 2000)
        return this.#report.changeHunk(path, hunkId, { status: 'written', ...counts, removedText: shown })
      }
      case 'hunkDropped':
        return this.#report.changeHunk(event.path, event.hunkId, { status: 'dropped' })
      case 'fileFailed':
        // An earlier part of the edit has written it: that is taken back with the rest.
        if (this.#written.has(event.path)) await this.#store(event.path, event.path)
        this.#files.delete(event.path)
        return this.#report.file(event.path, { kind: event.kind, status: 'failed', error: event.message })
      case 'fileCompleted':
        return this.#write(event)
      case 'fileNeeded':
      case 'hunkGrew':
      case 'prose':
    }
  }

  async #write(event: Extract<EditStreamEvent, { type: 'fileCompleted' }>): Promise<void> {
    const { path, kind, movedTo } = event
    const { workspace } = this.#world
    try {
      if (kind === 'delete') await workspace.trash(path)
      else {
        await this.#store(path, movedTo ?? path)
        if (movedTo !== undefined && movedTo !== path) await workspace.trash(path)
      }
      this.#report.file(path, { status: 'written' })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#failures.push(`${path}: ${message}`)
      this.#report.file(path, { status: 'failed', error: message })
    }
    if (kind === 'delete' || movedTo !== undefined) this.#files.delete(path)
  }

  async #store(path: string, to: string): Promise<void> {
    const file = this.#files.get(path)
    if (!file) return
    const { target, format, mode } = file
    const { guard } = this.#world.workspace
    await writeDiskFile({ guard, path: to, text: target.text(), format, mode })
    this.#written.add(to)
  }
}

const failed = {
  add: 'Failed to write file',
  update: 'Failed to read file to update',
  delete: 'Failed to delete file',
} as const
