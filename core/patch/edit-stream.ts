import { createAddedFile } from './added-file.ts'
import type {
  EditFormat,
  EditOutcome,
  EditStream,
  EditStreamEvent,
  ProvidedFile,
  TextTarget,
} from './edit.ts'
import type { EditParser, EditToken } from './edit-token.ts'
import type { FileEdit } from './file-edit.ts'
import { type EditedFile, toOutcome } from './outcome.ts'
import { createPatchParser } from './patch-parser.ts'
import { createPatchedFile } from './patched-file.ts'
import { createSearchParser } from './search-parser.ts'
import { createSearchedFile } from './searched-file.ts'

export interface EditStreamOptions {
  readonly format: EditFormat
  readonly nextHunkId: () => string
}

type FileToken = Extract<EditToken, { type: 'file' }>

interface WrittenHunk {
  readonly target: TextTarget
  readonly path: string
  readonly hunkId: string
}

export function createEditStream(options: EditStreamOptions): EditStream {
  return new StreamedEdit(options)
}

/** Puts an edit's text, arriving in any pieces, into the files it names. */
class StreamedEdit implements EditStream {
  readonly #options: EditStreamOptions
  readonly #parser: EditParser
  #events: EditStreamEvent[] = []
  #files: EditedFile[] = []
  readonly #problems: string[] = []
  readonly #failedPaths = new Set<string>()
  /** Finished hunks of files that are updated, oldest first: what a later failure of the same file takes back. */
  #hunks: WrittenHunk[] = []

  #needed: FileToken | undefined
  #file: FileToken | undefined
  #target: TextTarget | undefined
  #edit: FileEdit | undefined
  #hunkIds: string[] = []
  #prose = ''
  #ended = false
  #outcome: EditOutcome | undefined

  constructor(options: EditStreamOptions) {
    this.#options = options
    this.#parser = options.format === 'applyPatch' ? createPatchParser() : createSearchParser()
  }

  push(chunk: string): readonly EditStreamEvent[] {
    if (this.#ended) return []
    this.#parser.feed(chunk)
    return this.#advance()
  }

  provide(path: string, file: ProvidedFile): readonly EditStreamEvent[] {
    const needed = this.#needed
    if (needed === undefined || needed.path !== path) return []
    this.#needed = undefined
    this.#open(needed, file)
    return this.#advance()
  }

  finish(): readonly EditStreamEvent[] {
    if (this.#ended) return []
    this.#ended = true
    this.#parser.end()
    return this.#advance()
  }

  cut(): readonly EditStreamEvent[] {
    if (this.#outcome !== undefined) return []
    this.#ended = true
    this.#needed = undefined
    this.#cutFile()
    this.#flush()
    this.#settle({ cutOff: true })
    return this.#takeEvents()
  }

  outcome(): EditOutcome | undefined {
    return this.#outcome
  }

  #advance(): readonly EditStreamEvent[] {
    while (this.#needed === undefined) {
      const token = this.#parser.next()
      if (token === undefined) break
      this.#take(token)
    }
    this.#flush()
    if (this.#ended && this.#needed === undefined) this.#settle({ cutOff: false })
    return this.#takeEvents()
  }

  #settle({ cutOff }: { readonly cutOff: boolean }): void {
    const mustEdit = this.#options.format === 'applyPatch'
    this.#outcome ??= toOutcome({ files: this.#files, problems: this.#problems, cutOff, mustEdit })
  }

  #take(token: EditToken): void {
    switch (token.type) {
      case 'file':
        return this.#need(token)
      case 'prose':
        this.#prose += token.text
        return
      case 'invalid':
        this.#problems.push(token.message)
        return this.#failFile(token.message)
      case 'fileEnds':
        return this.#completeFile()
      default: {
        const problem = this.#edit?.take(token)
        if (problem !== undefined) this.#failFile(problem)
      }
    }
  }

  #need(file: FileToken): void {
    if (this.#failedPaths.has(file.path)) return
    this.#needed = file
    const { path, kind, movedTo } = file
    this.#emit({ type: 'fileNeeded', path, kind, ...(movedTo === undefined ? {} : { movedTo }) })
  }

  #open(needed: FileToken, file: ProvidedFile): void {
    if ('problem' in file) {
      this.#file = needed
      this.#failFile(file.problem)
      return
    }
    const { path } = needed
    // An empty SEARCH makes a file, or adds to the end of one that is there.
    const appends =
      this.#options.format === 'searchReplace' && needed.kind === 'add' && file.target.text() !== ''
    const opened: FileToken = appends ? { ...needed, kind: 'update' } : needed
    if (opened.kind !== 'update' || opened.movedTo !== undefined) this.#forgetHunks(path)
    this.#file = opened
    this.#target = file.target
    const { kind, movedTo } = opened
    this.#emit({ type: 'fileStarted', path, kind, ...(movedTo === undefined ? {} : { movedTo }) })
    this.#edit = this.#createEdit(opened, file.target)
  }

  #createEdit({ path, kind }: FileToken, target: TextTarget): FileEdit | undefined {
    const { nextHunkId, format } = this.#options
    const options = { target, path, nextHunkId, emit: (event: EditStreamEvent) => this.#emit(event) }
    if (format === 'searchReplace') return createSearchedFile(options)
    switch (kind) {
      case 'add':
        return createAddedFile(options)
      case 'update':
        return createPatchedFile(options)
      case 'delete':
        return undefined
    }
  }

  #completeFile(): void {
    const file = this.#file
    if (file === undefined) return
    this.#edit?.take({ type: 'fileEnds' })
    const { path, kind, movedTo } = file
    const moved = movedTo === undefined ? {} : { movedTo }
    this.#emit({ type: 'fileCompleted', path, kind, ...moved })
    this.#files.push({ path, kind, ...moved, status: 'completed', hunkIds: this.#hunkIds })
    if (kind !== 'update' || movedTo !== undefined) this.#forgetHunks(path)
    this.#closeFile()
  }

  /** Takes back everything this edit wrote into the file. */
  #failFile(message: string): void {
    const file = this.#file
    if (file === undefined) return
    const { path, kind } = file
    this.#edit?.drop()
    for (const hunk of this.#hunks.filter((written) => written.path === path).reverse()) {
      hunk.target.revertHunk(hunk.hunkId)
      this.#emit({ type: 'hunkDropped', path, hunkId: hunk.hunkId })
    }
    this.#forgetHunks(path)
    this.#failedPaths.add(path)
    this.#emit({ type: 'fileFailed', path, kind, message })
    this.#files = this.#files.filter((former) => !(former.path === path && isPlainUpdate(former)))
    this.#files.push({ path, kind, status: 'failed', hunkIds: [], message })
    this.#closeFile()
  }

  #cutFile(): void {
    const file = this.#file
    if (file === undefined) return
    this.#edit?.drop()
    const { path, kind } = file
    if (this.#hunkIds.length === 0) {
      const message = `The edit of ${path} was cut off before its first hunk was finished.`
      this.#emit({ type: 'fileFailed', path, kind, message })
      this.#files.push({ path, kind, status: 'failed', hunkIds: [], message })
    } else {
      const count = this.#hunkIds.length
      const message = `cut off: ${count === 1 ? 'its first hunk was' : `its first ${count} hunks were`} kept`
      this.#emit({ type: 'fileCompleted', path, kind })
      this.#files.push({ path, kind, status: 'partial', hunkIds: this.#hunkIds, message })
    }
    this.#closeFile()
  }

  #closeFile(): void {
    this.#file = undefined
    this.#target = undefined
    this.#edit = undefined
    this.#hunkIds = []
  }

  #forgetHunks(path: string): void {
    this.#hunks = this.#hunks.filter((hunk) => hunk.path !== path)
  }

  #emit(event: EditStreamEvent): void {
    this.#flushProse()
    this.#events.push(event)
    if (event.type !== 'hunkCompleted' || this.#target === undefined) return
    this.#hunkIds.push(event.hunkId)
    this.#hunks.push({ target: this.#target, path: event.path, hunkId: event.hunkId })
  }

  #flush(): void {
    this.#edit?.flush()
    this.#flushProse()
  }

  #flushProse(): void {
    if (this.#prose === '') return
    this.#events.push({ type: 'prose', text: this.#prose })
    this.#prose = ''
  }

  #takeEvents(): readonly EditStreamEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }
}

function isPlainUpdate({ kind, movedTo }: EditedFile): boolean {
  return kind === 'update' && movedTo === undefined
}
