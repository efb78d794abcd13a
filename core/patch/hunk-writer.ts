import { lineCounts } from '../document/line-counts.ts'
import type { EditStreamEvent, TextTarget } from './edit.ts'

export interface HunkPlace {
  readonly target: TextTarget
  readonly path: string
  readonly hunkId: string
  /** Offset of the hunk's first line in the target's text. */
  readonly at: number
  /** The first line it changes, counted from 1. */
  readonly startLine: number
}

/**
 * Writes one hunk from its first line to its last, in as few replaces as the arrivals allow. What is
 * removed and added since the last `flush` is one replace; a new line's end is written with its first part,
 * so that the text below it never joins it.
 */
export class HunkWriter {
  readonly #place: HunkPlace
  readonly #emit: (event: EditStreamEvent) => void
  #at: number
  #removing = 0
  #adding = ''
  #inAddedRun = false
  #runEndWritten = false
  #addedLines = 0
  #removedLines = 0
  #removedText = ''
  /** The text it goes over, as it was and as it is now. */
  #before = ''
  #after = ''
  #inserted = 0
  #reported = true

  constructor(place: HunkPlace, emit: (event: EditStreamEvent) => void) {
    this.#place = place
    this.#emit = emit
    this.#at = place.at
    const { target, path, hunkId, startLine } = place
    emit({ type: 'hunkStarted', path, hunkId, startLine })
    target.beginHunk(hunkId)
  }

  /** By how many characters and lines the hunk has made the text longer. */
  get growth(): { readonly characters: number; readonly lines: number } {
    return {
      characters: this.#inserted - this.#removedText.length,
      lines: this.#addedLines - this.#removedLines,
    }
  }

  /** Goes past lines that stay. */
  keep(lines: string): void {
    this.skip(lines.length)
    this.#before += lines
    this.#after += lines
  }

  /** Goes past text that is none of its own. */
  skip(length: number): void {
    this.#settle()
    this.#at += length
  }

  /** Takes out the text that follows: `lines` lines with their ends. */
  remove(text: string, lines = 1): void {
    if (this.#inAddedRun) this.#settle()
    this.#removing += text.length
    this.#removedText += text
    this.#before += text
    this.#removedLines += lines
    this.#reported = false
  }

  /** Gives the text's last line the end it lacks. `length` is the text's before the hunk; `growth` leaves the end out. */
  endLastLine(length: number): void {
    this.#write()
    const end = length + this.growth.characters
    this.#place.target.replace(end, end, '\n')
  }

  beginLine(): void {
    if (this.#inAddedRun) this.text('\n')
    this.#inAddedRun = true
    this.#addedLines++
    this.#reported = false
  }

  text(text: string): void {
    this.#adding += text
    this.#after += text
    this.#reported = false
  }

  /** Writes what has come together and says how far the hunk is. */
  flush(): void {
    if (this.#reported) return
    this.#write()
    this.#reported = true
    const { path, hunkId } = this.#place
    const counts = { addedLines: this.#addedLines, removedLines: this.#removedLines }
    this.#emit({ type: 'hunkGrew', path, hunkId, ...counts })
  }

  complete(): void {
    this.#settle()
    const { path, hunkId, startLine } = this.#place
    const counts = this.#counts()
    this.#emit({ type: 'hunkCompleted', path, hunkId, startLine, ...counts, removedText: this.#removedText })
  }

  revert(): void {
    const { target, path, hunkId } = this.#place
    target.revertHunk(hunkId)
    this.#emit({ type: 'hunkDropped', path, hunkId })
  }

  /** A line that is taken out and written again as it was is no change. */
  #counts(): { readonly addedLines: number; readonly removedLines: number } {
    if (this.#addedLines === 0 || this.#removedLines === 0)
      return { addedLines: this.#addedLines, removedLines: this.#removedLines }
    const { added, removed } = lineCounts(this.#before, this.#after)
    return { addedLines: added, removedLines: removed }
  }

  #write(): void {
    const lineEnd = this.#inAddedRun && !this.#runEndWritten ? '\n' : ''
    const insert = this.#adding + lineEnd
    if (this.#removing > 0 || insert !== '') {
      this.#place.target.replace(this.#at, this.#at + this.#removing, insert)
    }
    this.#at += this.#adding.length
    this.#inserted += insert.length
    this.#runEndWritten = this.#inAddedRun
    this.#removing = 0
    this.#adding = ''
  }

  /** Writes what waits and goes past the added lines, if the hunk stands in some. */
  #settle(): void {
    this.#write()
    if (!this.#inAddedRun) return
    this.#at += 1
    this.#after += '\n'
    this.#inAddedRun = false
    this.#runEndWritten = false
  }
}
