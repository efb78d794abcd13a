import type { EditParser, EditToken } from './edit-token.ts'
import { type LinePiece, LinePieces } from './line-pieces.ts'

const markers = {
  begin: '*** Begin Patch',
  end: '*** End Patch',
  add: '*** Add File: ',
  delete: '*** Delete File: ',
  update: '*** Update File: ',
  moveTo: '*** Move to: ',
  endOfFile: '*** End of File',
} as const

const validHeaders =
  "Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'"
const validLines = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)"

/** What some models put around a patch: a here-document, alone or given to a command, or a code fence. */
const hereDocument = /^(?:(?:ba|z)?sh -l?c\s+["']?)?(?:apply_?patch\s+)?<<-?\s*(['"]?)(\w+)\1$/
const fence = /^```\w*$/

type State = 'wrapper' | 'headers' | 'add' | 'updateHeader' | 'update' | 'ended' | 'over'
type Chunk = 'none' | 'empty' | 'filled' | 'closed'

export function createPatchParser(): EditParser {
  return new PatchParser()
}

/** The text of an `apply_patch` call. Only added lines are passed on before they are whole. */
class PatchParser implements EditParser {
  readonly #pieces = new LinePieces()
  readonly #tokens: EditToken[] = []
  #state: State = 'wrapper'
  #chunk: Chunk = 'none'
  /** Of the line being read; the line of the begin marker is 1. */
  #lineNumber = 1
  #line = ''
  #lineBegun = false
  #inAddedLine = false
  #wrapperEnd: RegExp | undefined
  #update: { readonly path: string; readonly lineNumber: number } | undefined
  /** Context lines that are the padded end marker unless more follows. */
  #perhapsEnd: string[] = []
  #strayAfterEnd = false
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
      else if (this.#inputEnded && this.#state !== 'over') this.#takeEnd()
      else return undefined
    }
    return this.#tokens.shift()
  }

  #takePiece({ text, ends }: LinePiece): void {
    if (!this.#lineBegun && !this.#inAddedLine && text.startsWith('+') && this.#takesAddedLines()) {
      this.#beginAddedLine()
      this.#addText(text.slice(1))
    } else if (this.#inAddedLine) {
      this.#addText(text)
    } else {
      this.#line += text
      this.#lineBegun = true
    }
    if (!ends) return
    if (this.#inAddedLine) this.#tokens.push({ type: 'addedEnds' })
    else this.#takeLine(this.#line)
    this.#inAddedLine = false
    this.#lineBegun = false
    this.#line = ''
    if (this.#state !== 'wrapper') this.#lineNumber++
  }

  #takesAddedLines(): boolean {
    if (this.#state === 'add') return true
    return (this.#state === 'updateHeader' || this.#state === 'update') && this.#chunk !== 'closed'
  }

  #beginAddedLine(): void {
    if (this.#state !== 'add') this.#beginChunkLine()
    this.#inAddedLine = true
    this.#tokens.push({ type: 'addedStarts' })
  }

  #addText(text: string): void {
    if (text !== '') this.#tokens.push({ type: 'addedText', text })
  }

  #takeLine(line: string): void {
    switch (this.#state) {
      case 'wrapper':
        return this.#takeWrapper(line.trim())
      case 'headers':
      case 'add':
        return this.#takeHeader(line.trim())
      case 'updateHeader':
        return this.#takeMove(line)
      case 'update':
        return this.#takeUpdateLine(line)
      case 'ended':
        this.#strayAfterEnd ||= line.trim() !== markers.end && !this.#isTail(line)
        return
      case 'over':
        return
    }
  }

  #takeWrapper(line: string): void {
    if (line === '') return
    if (line === markers.begin) {
      this.#state = 'headers'
      return
    }
    const word = hereDocument.exec(line)?.[2]
    if (this.#wrapperEnd === undefined && (word !== undefined || fence.test(line))) {
      this.#wrapperEnd = word === undefined ? /^```$/ : new RegExp(`^(?:${word}["']?|["'])$`)
      return
    }
    this.#fail("Invalid patch: The first line of the patch must be '*** Begin Patch'")
  }

  /** Blank, or the end of what the patch was wrapped in. */
  #isTail(line: string): boolean {
    const text = line.trim()
    return text === '' || (this.#wrapperEnd?.test(text) ?? false)
  }

  #takeHeader(line: string): void {
    if (!this.#isHeader(line)) return this.#failHunk(`'${line}' is not a valid hunk header. ${validHeaders}`)
    if (this.#state === 'add') this.#tokens.push({ type: 'fileEnds' })
    this.#openFile(line)
  }

  #isHeader(line: string): boolean {
    const { add, delete: remove, update } = markers
    return line === markers.end || [add, remove, update].some((marker) => line.startsWith(marker))
  }

  #openFile(line: string): void {
    this.#chunk = 'none'
    if (line === markers.end) {
      this.#state = 'ended'
    } else if (line.startsWith(markers.add)) {
      this.#state = 'add'
      this.#tokens.push({ type: 'file', kind: 'add', path: line.slice(markers.add.length).trim() })
    } else if (line.startsWith(markers.delete)) {
      this.#state = 'headers'
      this.#tokens.push({ type: 'file', kind: 'delete', path: line.slice(markers.delete.length).trim() })
      this.#tokens.push({ type: 'fileEnds' })
    } else {
      this.#state = 'updateHeader'
      this.#update = { path: line.slice(markers.update.length).trim(), lineNumber: this.#lineNumber }
    }
  }

  #takeMove(line: string): void {
    if (!line.startsWith(markers.moveTo)) return this.#takeUpdateLine(line)
    this.#beginUpdate(line.slice(markers.moveTo.length).trim())
  }

  #beginUpdate(movedTo?: string): void {
    if (this.#state !== 'updateHeader') return
    this.#state = 'update'
    const path = this.#update?.path ?? ''
    this.#tokens.push({ type: 'file', kind: 'update', path, ...(movedTo === undefined ? {} : { movedTo }) })
  }

  #takeUpdateLine(line: string): void {
    const text = line.trimEnd()
    if (text.startsWith(' ') && text.trim() === markers.end) {
      this.#perhapsEnd.push(line)
      return
    }
    if (this.#perhapsEnd.length > 0 && this.#isTail(line)) {
      this.#perhapsEnd.push(line)
      return
    }
    if (this.#isHeader(text)) return this.#endUpdate(text)
    this.#beginUpdate()
    this.#releasePerhapsEnd()
    if (this.#state !== 'update') return
    if (text === '@@' || text.startsWith('@@ ')) this.#takeChunkHeader(line)
    else if (text === markers.endOfFile) this.#takeEndOfFile(line)
    else this.#takeChunkLine(line)
  }

  #releasePerhapsEnd(): void {
    const lines = this.#perhapsEnd
    this.#perhapsEnd = []
    const lineNumber = this.#lineNumber
    for (const [index, line] of lines.entries()) {
      this.#lineNumber = lineNumber - lines.length + index
      this.#takeChunkLine(line)
    }
    this.#lineNumber = lineNumber
  }

  #takeChunkHeader(line: string): void {
    if (this.#chunk === 'empty') return this.#failUpdateLine(line)
    this.#endChunk()
    this.#chunk = 'empty'
    const context = line.trimEnd().slice(3)
    this.#tokens.push(context === '' ? { type: 'chunk' } : { type: 'chunk', context })
  }

  #takeEndOfFile(line: string): void {
    if (this.#chunk === 'none') return
    if (this.#chunk === 'empty') return this.#failHunk('Update hunk does not contain any lines')
    if (this.#chunk === 'closed') return this.#failUpdateLine(line)
    this.#chunk = 'closed'
    this.#tokens.push({ type: 'chunkEnds', atEndOfFile: true })
  }

  #takeChunkLine(line: string): void {
    const mark = line.charAt(0)
    if (this.#chunk === 'closed' && line.trim() === '') return
    if (this.#chunk === 'closed' || (mark !== '' && mark !== ' ' && mark !== '-' && mark !== '+')) {
      return this.#failUpdateLine(line)
    }
    this.#beginChunkLine()
    this.#tokens.push({ type: mark === '-' ? 'removed' : 'context', text: line.slice(1) })
  }

  #beginChunkLine(): void {
    this.#beginUpdate()
    if (this.#perhapsEnd.length > 0) this.#releasePerhapsEnd()
    if (this.#chunk === 'none') this.#tokens.push({ type: 'chunk' })
    this.#chunk = 'filled'
  }

  #endChunk(): void {
    if (this.#chunk === 'filled') this.#tokens.push({ type: 'chunkEnds', atEndOfFile: false })
  }

  /** `header` begins the next file or ends the patch. */
  #endUpdate(header: string): void {
    this.#releasePerhapsEnd()
    if (this.#chunk === 'none') return this.#failEmptyUpdate()
    if (this.#chunk === 'empty') {
      if (header === markers.end) return this.#failHunk('Update hunk does not contain any lines')
      return this.#failUpdateLine(header)
    }
    this.#endChunk()
    this.#tokens.push({ type: 'fileEnds' })
    this.#openFile(header)
  }

  #takeEnd(): void {
    if (this.#perhapsEnd.length > 0) {
      this.#perhapsEnd = []
      this.#endUpdate(markers.end)
    } else if (this.#state === 'ended' && !this.#strayAfterEnd) {
      this.#state = 'over'
    } else {
      this.#fail("Invalid patch: The last line of the patch must be '*** End Patch'")
    }
  }

  #failUpdateLine(line: string): void {
    if (this.#chunk === 'filled' || this.#chunk === 'closed') {
      this.#failHunk(`Expected update hunk to start with a @@ context marker, got: '${line}'`)
    } else {
      this.#failHunk(`Unexpected line found in update hunk: '${line}'. ${validLines}`)
    }
  }

  #failEmptyUpdate(): void {
    const { path, lineNumber } = this.#update ?? { path: '', lineNumber: this.#lineNumber }
    this.#failHunk(`Update file hunk for path '${path}' is empty`, lineNumber)
  }

  #failHunk(message: string, lineNumber = this.#lineNumber): void {
    this.#fail(`Invalid patch hunk on line ${lineNumber}: ${message}`)
  }

  #fail(message: string): void {
    if (this.#state === 'over') return
    this.#beginUpdate()
    this.#state = 'over'
    this.#tokens.push({ type: 'invalid', message })
  }
}
