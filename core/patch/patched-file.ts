import type { EditToken, OldLine } from './edit-token.ts'
import { type FileEdit, type FileEditOptions, missingLines } from './file-edit.ts'
import { HunkWriter } from './hunk-writer.ts'
import { ExactSearch, seekLines, splitLines } from './line-match.ts'

type ChunkLine = OldLine | { readonly type: 'added'; text: string }

/** So many places are not followed; more old lines hardly ever leave one of them. */
const crowd = 1000

/** Where a chunk belongs, in lines of the text before the edit, and the lines it then consists of. */
interface ChunkPlace {
  readonly start: number
  readonly length: number
  readonly lines: readonly ChunkLine[]
}

export function createPatchedFile(options: FileEditOptions): FileEdit {
  return new PatchedFile(options)
}

/**
 * `*** Update File`: chunks are looked for in the text as it was before the edit, each after the one before.
 * A chunk is written as soon as the old lines known so far stand at exactly one place to the letter; when it is
 * whole, its place is worked out by the full rules, and if that is another one it is taken back and written there.
 */
class PatchedFile implements FileEdit {
  readonly #options: FileEditOptions
  readonly #lines: readonly string[]
  readonly #exact: ExactSearch
  /** Line and offset in the text before the edit up to which lengths were added up. */
  #walked = { line: 0, offset: 0 }
  /** How much longer finished hunks made the text, those at its end left out. */
  #growth = { characters: 0, lines: 0 }
  /** Length of what finished hunks put below the last line the text had. */
  #appended = 0
  #length: number
  #lineCount: number
  #unended: boolean
  #cursor = 0

  #chunk: ChunkLine[] = []
  #old: string[] = []
  /** Where the old lines known so far stand to the letter; unknown until it matters. */
  #candidates: readonly number[] | undefined
  #writer: HunkWriter | undefined
  #writtenAt = 0
  #belowAppended = false
  #replacing = false
  #endsUnendedText = false
  /** An old blank line that the text lacks: allowed as the chunk's last. */
  #missingBlank = false

  constructor(options: FileEditOptions) {
    this.#options = options
    const text = options.target.text()
    this.#lines = splitLines(text)
    this.#exact = new ExactSearch(this.#lines)
    this.#length = text.length
    this.#lineCount = this.#lines.length
    this.#unended = text !== '' && !text.endsWith('\n')
  }

  take(token: EditToken): string | undefined {
    switch (token.type) {
      case 'chunk':
        return this.#beginChunk(token.context)
      case 'context':
      case 'removed':
        this.#takeOldLine(token)
        return undefined
      case 'addedStarts':
        this.#beginAddedLine()
        return undefined
      case 'addedText':
        this.#addText(token.text)
        return undefined
      case 'chunkEnds':
        return this.#endChunk(token.atEndOfFile)
      case 'fileEnds':
        this.#endFile()
        return undefined
      default:
        return undefined
    }
  }

  flush(): void {
    this.#writer?.flush()
  }

  drop(): void {
    if (this.#writer === undefined) return
    this.#writer.revert()
    this.#writer = undefined
    if (!this.#endsUnendedText) return
    this.#endsUnendedText = false
    this.#unended = true
    this.#length -= 1
  }

  #beginChunk(context: string | undefined): string | undefined {
    this.#chunk = []
    this.#old = []
    this.#candidates = undefined
    this.#missingBlank = false
    if (context === undefined) return undefined
    const line = seekLines(this.#lines, [context], this.#cursor)
    if (line === undefined) return `Failed to find context '${context}' in ${this.#options.path}`
    this.#cursor = line + 1
    return undefined
  }

  #takeOldLine(line: OldLine): void {
    const index = this.#old.length
    this.#chunk.push(line)
    this.#old.push(line.text)
    if (this.#missingBlank) this.#giveUpPlace()
    this.#candidates = this.#candidates?.filter((start) => this.#lines[start + index] === line.text)
    if (this.#writer === undefined) return
    if (this.#candidates?.length === 1) this.#write(this.#writer, line, this.#writtenAt + index)
    else if (line.text === '') this.#missingBlank = true
    else this.#giveUpPlace()
  }

  #beginAddedLine(): void {
    this.#chunk.push({ type: 'added', text: '' })
    if (this.#missingBlank) this.#giveUpPlace()
    if (this.#writer === undefined) return this.#tryPlace()
    this.#beginLine(this.#writer, this.#writtenAt + this.#old.length)
  }

  #addText(text: string): void {
    const line = this.#chunk.at(-1)
    if (line?.type === 'added') line.text += text
    this.#writer?.text(text)
  }

  /** Writes what is known of the chunk where it stands, if only one place can be meant. */
  #tryPlace(): void {
    if (this.#lines.length === 0 && this.#old.length === 0) {
      this.#writer = this.#writeAt(0, this.#chunk)
    } else if (this.#old.length > 0) {
      this.#candidates ??= this.#exact.places(this.#old, { from: this.#cursor, limit: crowd })
      const [start, another] = this.#candidates
      if (start !== undefined && another === undefined) this.#writer = this.#writeAt(start, this.#chunk)
    }
  }

  #giveUpPlace(): void {
    this.drop()
    this.#missingBlank = false
    this.#candidates = []
  }

  #endChunk(atEndOfFile: boolean): string | undefined {
    const place = this.#findPlace(atEndOfFile)
    if (place === undefined) return missingLines(this.#options.path, this.#old)
    if (!this.#isWritten(place)) this.drop()
    const writer = this.#writer ?? this.#writeAt(place.start, place.lines)
    writer.complete()
    this.#writer = undefined
    this.#endsUnendedText = false
    const { characters, lines } = writer.growth
    this.#length += characters
    this.#lineCount += lines
    if (this.#old.length > 0) this.#cursor = place.start + place.length
    if (place.start === this.#lines.length) {
      this.#appended += characters
    } else {
      this.#growth = { characters: this.#growth.characters + characters, lines: this.#growth.lines + lines }
    }
    return undefined
  }

  /** Without old lines it is the text's end. A last blank line that the text lacks counts as the text's last line end. */
  #findPlace(atEndOfFile: boolean): ChunkPlace | undefined {
    const old = this.#old
    if (old.length === 0) return { start: this.#lines.length, length: 0, lines: this.#chunk }
    const start = this.#seek(old, atEndOfFile)
    if (start !== undefined) return { start, length: old.length, lines: this.#chunk }
    if (old.at(-1) !== '') return undefined
    const startWithout = this.#seek(old.slice(0, -1), atEndOfFile)
    if (startWithout === undefined) return undefined
    return { start: startWithout, length: old.length - 1, lines: withoutLastBlank(this.#chunk) }
  }

  #seek(old: readonly string[], atEndOfFile: boolean): number | undefined {
    if (old.length === 0) return this.#cursor
    const exact = atEndOfFile || old.length < this.#old.length ? undefined : this.#candidates?.[0]
    if (exact !== undefined) return exact
    const from = atEndOfFile ? Math.max(this.#cursor, this.#lines.length - old.length) : this.#cursor
    return seekLines(this.#lines, old, from)
  }

  #isWritten(place: ChunkPlace): boolean {
    const written = this.#missingBlank ? this.#chunk.slice(0, -1) : this.#chunk
    if (place.start !== this.#writtenAt || place.lines.length !== written.length) return false
    return place.lines.every((line, index) => line === written[index])
  }

  #writeAt(start: number, lines: readonly ChunkLine[]): HunkWriter {
    const { target, path, nextHunkId, emit } = this.#options
    const atEnd = start === this.#lines.length
    const at = atEnd ? this.#length + Number(this.#unended) : this.#offsetOf(start) + this.#growth.characters
    const firstLine = atEnd ? this.#lineCount : start + this.#growth.lines
    const unchanged = lines.findIndex(({ type }) => type !== 'context')
    const startLine = firstLine + Math.max(unchanged, 0) + 1
    const writer = new HunkWriter({ target, path, hunkId: nextHunkId(), at, startLine }, emit)
    this.#writtenAt = start
    this.#belowAppended = atEnd
    this.#replacing = false
    let index = start
    for (const line of lines) {
      this.#write(writer, line, index)
      if (line.type !== 'added') index++
    }
    return writer
  }

  /** Writes the chunk's `line`; an old one is line `index` of the text, which is what counts when they differ. */
  #write(writer: HunkWriter, line: ChunkLine, index: number): void {
    const text = `${this.#lines[index] ?? ''}\n`
    if (line.type !== 'added' && index === this.#lines.length - 1) this.#endLastLine(writer)
    if (line.type === 'context') {
      writer.keep(text)
      this.#replacing = false
    } else if (line.type === 'removed') {
      writer.remove(text)
      this.#replacing = true
    } else {
      this.#beginLine(writer, index)
      writer.text(line.text)
    }
  }

  /** New lines below the last line, but not in place of it, also go below what earlier chunks put there. */
  #beginLine(writer: HunkWriter, index: number): void {
    if (index === this.#lines.length) this.#endLastLine(writer)
    if (index === this.#lines.length && !this.#replacing && !this.#belowAppended) {
      writer.skip(this.#appended)
      this.#belowAppended = true
    }
    writer.beginLine()
  }

  #endLastLine(writer: HunkWriter): void {
    if (!this.#unended) return
    writer.endLastLine(this.#length)
    this.#length += 1
    this.#unended = false
    this.#endsUnendedText = true
  }

  /** A last line without an end gets one, in a hunk of its own when none came near it. */
  #endFile(): void {
    if (!this.#unended) return
    const { target, path, nextHunkId, emit } = this.#options
    const place = { at: this.#length, startLine: this.#lineCount }
    const writer = new HunkWriter({ target, path, hunkId: nextHunkId(), ...place }, emit)
    this.#endLastLine(writer)
    writer.complete()
  }

  #offsetOf(line: number): number {
    if (line < this.#walked.line) this.#walked = { line: 0, offset: 0 }
    let { line: at, offset } = this.#walked
    for (; at < line; at++) offset += (this.#lines[at]?.length ?? 0) + 1
    this.#walked = { line, offset }
    return offset
  }
}

/** The chunk without its last old line, a blank one, and without the blank line its new lines end with. */
function withoutLastBlank(chunk: readonly ChunkLine[]): readonly ChunkLine[] {
  const lines = [...chunk]
  const lastOld = lines.findLastIndex(({ type }) => type !== 'added')
  const blank = lines[lastOld]
  if (blank?.type === 'context') lines[lastOld] = { type: 'added', text: '' }
  else lines.splice(lastOld, 1)
  const lastNew = lines.findLastIndex(({ type }) => type !== 'removed')
  const last = lines[lastNew]
  if (last?.text !== '') return lines
  if (last.type === 'context') lines[lastNew] = { type: 'removed', text: '' }
  else lines.splice(lastNew, 1)
  return lines
}
