import { err, ok, type Result } from '../lib/result.ts'
import type { EditStreamEvent, FileKind, ProvidedFile } from './edit.ts'
import { createEditStream } from './edit-stream.ts'
import { MemoryTarget } from './memory-target.ts'
import { createPatchParser } from './patch-parser.ts'

/** The files a patch may name: their text with `\n` line ends, or why one cannot be had, in words for the model. */
export interface PatchFiles {
  get(path: string): string | { readonly problem: string } | undefined
}

export interface PatchedFiles {
  readonly message: string
  /** The new text of each file that changed; undefined for one that is gone. */
  readonly changes: ReadonlyMap<string, string | undefined>
}

export interface PatchFileHeader {
  readonly path: string
  readonly kind: FileKind
  readonly movedTo?: string
}

/** The files a whole patch names, or what is wrong with its form. */
export function patchFileHeaders(patch: string): Result<readonly PatchFileHeader[], string> {
  const parser = createPatchParser()
  parser.feed(patch)
  parser.end()
  const headers: PatchFileHeader[] = []
  for (let token = parser.next(); token !== undefined; token = parser.next()) {
    if (token.type === 'invalid') return err(token.message)
    if (token.type === 'file') headers.push(token)
  }
  return ok(headers)
}

/** Applies a whole patch, to all the files it names or, when one of them fails, to none. */
export function applyPatch(patch: string, files: PatchFiles): Result<PatchedFiles, string> {
  const headers = patchFileHeaders(patch)
  if (!headers.ok) return headers
  return new WholePatch(files).apply(patch)
}

class WholePatch {
  readonly #files: PatchFiles
  readonly #changes = new Map<string, string | undefined>()
  #target: MemoryTarget | undefined

  constructor(files: PatchFiles) {
    this.#files = files
  }

  apply(patch: string): Result<PatchedFiles, string> {
    let hunks = 0
    const stream = createEditStream({ format: 'applyPatch', nextHunkId: () => `${++hunks}` })
    const events = [...stream.push(patch), ...stream.finish()]
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      this.#note(event)
      if (event.type === 'fileFailed') return err(event.message)
      if (event.type === 'fileNeeded') events.push(...stream.provide(event.path, this.#provide(event)))
    }
    const message = stream.outcome()?.message ?? ''
    return stream.outcome()?.ok ? ok({ message, changes: this.#changes }) : err(message)
  }

  #provide({ path, kind, movedTo }: PatchFileHeader): ProvidedFile {
    const destination = movedTo === undefined ? undefined : this.#files.get(movedTo)
    if (typeof destination === 'object') return destination
    const file = this.#changes.has(path) ? this.#changes.get(path) : this.#files.get(path)
    if (typeof file === 'object') return file
    if (file === undefined && kind === 'update') {
      return { problem: `Failed to read file to update ${path}: No such file or directory (os error 2)` }
    }
    if (file === undefined && kind === 'delete') return { problem: `Failed to delete file ${path}` }
    this.#target = new MemoryTarget(kind === 'update' ? (file ?? '') : '')
    return { target: this.#target }
  }

  #note(event: EditStreamEvent): void {
    if (event.type !== 'fileCompleted') return
    const { path, kind, movedTo } = event
    this.#changes.set(path, undefined)
    if (kind !== 'delete') this.#changes.set(movedTo ?? path, this.#target?.text() ?? '')
  }
}
