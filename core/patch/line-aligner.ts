/** What becomes of old and new lines, from top to bottom; the first three speak of the next old line. */
export interface AlignedLines {
  keepLine(): void
  removeLine(): void
  beginLine(): void
  text(text: string): void
}

/**
 * Keeps the old lines that the new text has too, while the new text arrives. A new line that equals an old one
 * further down is held back until enough lines agree, or the text ends with the old text's last lines.
 */
export class LineAligner {
  readonly #old: readonly string[]
  readonly #into: AlignedLines
  #next = 0
  #line = ''
  #flowing = false
  /** New lines that stand in the old text at each of `#starts`, and are not decided on. */
  #held: string[] = []
  #starts: readonly number[] = []

  constructor(old: readonly string[], into: AlignedLines) {
    this.#old = old
    this.#into = into
  }

  text(text: string): void {
    if (this.#flowing) return this.#into.text(text)
    this.#line += text
    if (this.#mayStand(this.#line)) return
    this.#releaseHeld()
    this.#into.beginLine()
    this.#into.text(this.#line)
    this.#flowing = true
  }

  endLine(): void {
    if (!this.#flowing) this.#takeLine(this.#line)
    this.#flowing = false
    this.#line = ''
  }

  end(): void {
    const last = this.#old.length - this.#held.length
    if (this.#held.length > 0 && this.#starts.includes(last)) this.#keepHeld(last)
    this.#releaseHeld()
    this.#removeUntil(this.#old.length)
  }

  #mayStand(begun: string): boolean {
    for (let index = this.#next; index < this.#old.length; index++) {
      if (this.#old[index]?.startsWith(begun)) return true
    }
    return false
  }

  #takeLine(line: string): void {
    const onward = this.#starts.filter((start) => this.#old[start + this.#held.length] === line)
    if (onward.length > 0) {
      this.#starts = onward
    } else {
      this.#releaseHeld()
      this.#starts = this.#placesOf(line)
      if (this.#starts.length === 0) {
        this.#into.beginLine()
        this.#into.text(line)
        return
      }
    }
    this.#held.push(line)
    const start = this.#starts[0]
    if (start === this.#next) this.#keepHeld(start)
    else if (start !== undefined && this.#starts.length === 1 && this.#isTelling()) this.#keepHeld(start)
  }

  #placesOf(line: string): readonly number[] {
    const places: number[] = []
    for (let index = this.#next; index < this.#old.length; index++) {
      if (this.#old[index] === line) places.push(index)
    }
    return places
  }

  /** A lone brace or a blank line stands everywhere; it says nothing of what is kept. */
  #isTelling(): boolean {
    return this.#held.length > 1 || this.#held.some((line) => /\w\W*\w\W*\w/.test(line))
  }

  #keepHeld(start: number): void {
    this.#removeUntil(start)
    for (const _ of this.#held) this.#into.keepLine()
    this.#next = start + this.#held.length
    this.#held = []
    this.#starts = []
  }

  #releaseHeld(): void {
    for (const line of this.#held) {
      this.#into.beginLine()
      this.#into.text(line)
    }
    this.#held = []
    this.#starts = []
  }

  #removeUntil(index: number): void {
    for (; this.#next < index; this.#next++) this.#into.removeLine()
  }
}
