import type { EditToken } from './edit-token.ts'
import { type FileEdit, type FileEditOptions, missingLines } from './file-edit.ts'
import { HunkWriter } from './hunk-writer.ts'
import { type AlignedLines, LineAligner } from './line-aligner.ts'
import { everyPlace, splitLines } from './line-match.ts'

export function createSearchedFile(options: FileEditOptions): FileEdit {
  return new SearchedFile(options)
}

/**
 * SEARCH/REPLACE blocks for one file: each is looked for in the text the ones before it left, and must fit one
 * place only. Without old text the new one goes to the file's end.
 */
class SearchedFile implements FileEdit, AlignedLines {
  readonly #options: FileEditOptions
  #lines: readonly string[]
  #unended: boolean
  #endsUnendedText = false
  #aligner: LineAligner | undefined
  /** Begins with the block's first difference. */
  #writer: HunkWriter | undefined
  #start = 0
  #length = 0
  /** The next line of the text that the block speaks of. */
  #next = 0
  /** The lines that come to stand in the block's place. */
  #result: string[] = []

  constructor(options: FileEditOptions) {
    this.#options = options
    const text = options.target.text()
    this.#lines = splitLines(text)
    this.#unended = text !== '' && !text.endsWith('\n')
  }

  take(token: EditToken): string | undefined {
    if (token.type === 'search') return this.#search(token.lines)
    if (token.type === 'addedText') this.#aligner?.text(token.text)
    else if (token.type === 'addedEnds') this.#aligner?.endLine()
    else if (token.type === 'chunkEnds') this.#complete()
    return undefined
  }

  flush(): void {
    this.#writer?.flush()
  }

  drop(): void {
    this.#writer?.revert()
    this.#unended ||= this.#endsUnendedText
    this.#close()
  }

  keepLine(): void {
    const line = this.#lines[this.#next++] ?? ''
    this.#writer?.keep(`${line}\n`)
    this.#result.push(line)
  }

  removeLine(): void {
    const writer = this.#openWriter()
    if (this.#next === this.#lines.length - 1) this.#endLastLine(writer)
    writer.remove(`${this.#lines[this.#next++] ?? ''}\n`)
  }

  beginLine(): void {
    const writer = this.#openWriter()
    if (this.#next === this.#lines.length) this.#endLastLine(writer)
    writer.beginLine()
    this.#result.push('')
  }

  text(part: string): void {
    this.#openWriter().text(part)
    this.#result.push((this.#result.pop() ?? '') + part)
  }

  #search(wanted: readonly string[]): string | undefined {
    const starts = wanted.length === 0 ? [this.#lines.length] : everyPlace(this.#lines, wanted)
    const [start, another] = starts
    if (start === undefined) return missingLines(this.#options.path, wanted)
    if (another !== undefined) return ambiguousLines(this.#options.path, wanted, starts.length)
    this.#aligner = new LineAligner(wanted, this)
    this.#start = start
    this.#next = start
    this.#length = wanted.length
    this.#result = []
    return undefined
  }

  #openWriter(): HunkWriter {
    if (this.#writer !== undefined) return this.#writer
    const { target, path, nextHunkId, emit } = this.#options
    const place = { at: this.#offsetOf(this.#next), startLine: this.#next + 1 }
    const writer = new HunkWriter({ target, path, hunkId: nextHunkId(), ...place }, emit)
    this.#writer = writer
    return writer
  }

  #endLastLine(writer: HunkWriter): void {
    if (!this.#unended) return
    writer.endLastLine(this.#offsetOf(this.#lines.length) - 1)
    this.#unended = false
    this.#endsUnendedText = true
  }

  #complete(): void {
    this.#aligner?.end()
    this.#openWriter().complete()
    const above = this.#lines.slice(0, this.#start)
    this.#lines = above.concat(this.#result, this.#lines.slice(this.#start + this.#length))
    this.#close()
  }

  #close(): void {
    this.#aligner = undefined
    this.#writer = undefined
    this.#endsUnendedText = false
  }

  #offsetOf(line: number): number {
    let offset = 0
    for (let index = 0; index < line; index++) offset += (this.#lines[index]?.length ?? 0) + 1
    return offset
  }
}

function ambiguousLines(path: string, lines: readonly string[], count: number): string {
  const advice = 'Repeat the block with more lines around them, so that they fit one place.'
  return `Found expected lines ${count} times in ${path}:\n${lines.join('\n')}\n${advice}`
}
