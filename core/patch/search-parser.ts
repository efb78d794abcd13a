import type { EditParser, EditToken } from './edit-token.ts'
import { type LinePiece, LinePieces } from './line-pieces.ts'

const searchMarker = /^(<{5,9}) SEARCH>?\s*$/
const replaceMarker = /^>{5,9} REPLACE\s*$/
export const longestPath = 300

type State = 'prose' | 'search' | 'replace'

export function createSearchParser(): EditParser {
  return new SearchParser()
}

/**
 * SEARCH/REPLACE blocks in running text. Prose is passed on as it comes, save what may still turn out to be the
 * path line or the fence above a block; new lines are passed on as soon as they cannot be a marker.
 */
class SearchParser implements EditParser {
  readonly #pieces = new LinePieces()
  readonly #tokens: EditToken[] = []
  #state: State = 'prose'
  #line = ''
  /** The line's beginning was passed on already. */
  #flowing = false
  /** Whole lines that may belong to the block that follows them. */
  #pending: string[] = []
  #fenceOpen = false
  #path: string | undefined
  #fileOpen = false
  /** The line between the block's halves: as long as the marker above, so that an underline is not taken for it. */
  #divider = ''
  #oldLines: string[] = []
  #inputEnded = false

  feed(chunk: string): void {
    this.#pieces.feed(chunk)
  }

  end(): void {
    this.#pieces.end()
    this.#inputEnded = true
  }

  next(): EditToken | undefined {
    while (this.#tokens.length === 0) {
      const piece = this.#pieces.next()
      if (piece !== undefined) this.#takePiece(piece)
      else if (this.#inputEnded) return this.#takeEnd()
      else return undefined
    }
    return this.#tokens.shift()
  }

  #takePiece({ text, ends }: LinePiece): void {
    if (this.#flowing) this.#pass(text)
    else this.#line += text
    if (ends) {
      if (!this.#flowing) this.#takeLine(this.#line)
      else this.#endFlowingLine()
      this.#flowing = false
      this.#line = ''
    } else if (!this.#flowing && this.#mayFlow()) {
      if (this.#state === 'replace') this.#tokens.push({ type: 'addedStarts' })
      else this.#releasePending()
      this.#flowing = true
      this.#pass(this.#line)
    }
  }

  #pass(text: string): void {
    if (text === '') return
    this.#tokens.push(this.#state === 'replace' ? { type: 'addedText', text } : { type: 'prose', text })
  }

  #endFlowingLine(): void {
    this.#tokens.push(this.#state === 'replace' ? { type: 'addedEnds' } : { type: 'prose', text: '\n' })
  }

  /** Whether the line, as far as it is known, can be neither a marker nor a path nor a fence. */
  #mayFlow(): boolean {
    const line = this.#line
    if (this.#state === 'search' || beginsMarker(line, '<', ' SEARCH')) return false
    if (this.#state === 'replace') return !beginsMarker(line, '>', ' REPLACE')
    if (/^\s*(?:$|[`*#])/.test(line)) return line.length > longestPath
    return /\S\s+\S/.test(line) || line.length > longestPath
  }

  #takeLine(line: string): void {
    if (this.#state === 'prose') this.#takeProse(line)
    else if (searchMarker.test(line)) this.#failBlock(line)
    else if (this.#state === 'search') this.#takeSearchLine(line)
    else if (replaceMarker.test(line)) this.#endBlock()
    else this.#tokens.push({ type: 'addedStarts' }, ...addedText(line), { type: 'addedEnds' })
  }

  #takeProse(line: string): void {
    const opening = searchMarker.exec(line)?.[1]
    if (opening !== undefined) return this.#beginBlock(opening.length)
    if (this.#fenceOpen && isFence(line) && line.trim() === '```') {
      this.#fenceOpen = false
      return this.#releasePending()
    }
    if (isFence(line)) {
      this.#pending.push(line)
    } else if (pathIn(line) !== undefined) {
      const above = this.#pending.at(-1)
      if (above !== undefined && isFence(above)) this.#pending.pop()
      this.#releasePending()
      if (above !== undefined && isFence(above)) this.#pending.push(above)
      this.#pending.push(line)
    } else if (line.trim() === '' && this.#pending.length > 0 && line.length <= longestPath) {
      this.#pending.push(line)
    } else {
      this.#releasePending()
      this.#tokens.push({ type: 'prose', text: `${line}\n` })
    }
  }

  #releasePending(): void {
    for (const line of this.#pending) this.#tokens.push({ type: 'prose', text: `${line}\n` })
    this.#pending = []
  }

  #beginBlock(markerLength: number): void {
    this.#divider = '='.repeat(markerLength)
    const lines = this.#pending
    this.#pending = []
    const path = lines.map((line) => pathIn(line)).find((found) => found !== undefined)
    // Under an open path a bare word above a block is more likely prose than a file without an extension.
    const named = path !== undefined && (this.#path === undefined || path.certain) ? path.name : undefined
    for (const line of lines) {
      if (isFence(line)) this.#fenceOpen = true
      else if (named === undefined && line.trim() !== '')
        this.#tokens.push({ type: 'prose', text: `${line}\n` })
    }
    if (named !== undefined && named !== this.#path) {
      this.#endFile()
      this.#path = named
    }
    this.#oldLines = []
    this.#state = 'search'
  }

  #takeSearchLine(line: string): void {
    const text = line.trimEnd()
    if (replaceMarker.test(line)) return this.#failBlock(line)
    if (!this.#openFile(text === this.#divider)) return
    if (text !== this.#divider) {
      this.#oldLines.push(line)
      return
    }
    this.#tokens.push({ type: 'search', lines: this.#oldLines })
    this.#state = 'replace'
  }

  #openFile(isNew: boolean): boolean {
    if (this.#fileOpen) return true
    if (this.#path === undefined) {
      this.#tokens.push({ type: 'invalid', message: 'A SEARCH block needs a line with the path above it' })
      this.#state = 'prose'
      return false
    }
    this.#fileOpen = true
    this.#tokens.push({ type: 'file', path: this.#path, kind: isNew ? 'add' : 'update' })
    return true
  }

  #endBlock(): void {
    this.#tokens.push({ type: 'chunkEnds', atEndOfFile: false })
    this.#state = 'prose'
  }

  #failBlock(line: string): void {
    const expected = this.#state === 'search' ? this.#divider : '>>>>>>> REPLACE'
    this.#openFile(false)
    const where = this.#path === undefined ? '' : ` in a block for ${this.#path}`
    this.#tokens.push({
      type: 'invalid',
      message: `Expected '${expected}'${where}, got: '${line.trimEnd()}'`,
    })
    this.#state = 'prose'
    const opening = searchMarker.exec(line)?.[1]
    if (opening !== undefined) this.#beginBlock(opening.length)
  }

  #endFile(): void {
    if (this.#fileOpen) this.#tokens.push({ type: 'fileEnds' })
    this.#fileOpen = false
  }

  #takeEnd(): EditToken | undefined {
    if (this.#state !== 'prose') this.#failBlock('')
    this.#releasePending()
    this.#endFile()
    return this.#tokens.shift()
  }
}

/** Whether `line` is a marker of `sign`s and `word`, or may become one. */
function beginsMarker(line: string, sign: '<' | '>', word: string): boolean {
  const rest = line.slice(/^[<>]*/.exec(line)?.[0].length)
  const signs = line.length - rest.length
  if (line !== sign.repeat(signs) + rest || signs > 9) return false
  if (rest === '') return true
  return signs >= 5 && (word.startsWith(rest) || rest.trimEnd().replace(/>$/, '') === word)
}

function addedText(text: string): readonly EditToken[] {
  return text === '' ? [] : [{ type: 'addedText', text }]
}

/** The fence of a code block, which may stand between a path and its block. */
export function isFence(line: string): boolean {
  return line.length <= longestPath && /^\s*```[\w+.-]*\s*$/.test(line)
}

/** The path a line names, if it names one; `certain` when it can hardly be a word of prose. */
export function pathIn(line: string): { readonly name: string; readonly certain: boolean } | undefined {
  if (line.length > longestPath || isFence(line)) return undefined
  const text = line.trim().replace(/^#+\s+/, '')
  const wrapped = /^(?:\*\*)?(`|\*\*)(.+?)\1(?:\*\*)?:?$/.exec(text)?.[2]
  const name = (wrapped ?? text).replace(/:$/, '').trim()
  if (name === '' || (wrapped === undefined && /\s/.test(name))) return undefined
  return { name, certain: wrapped !== undefined || /[./\\]/.test(name) }
}
