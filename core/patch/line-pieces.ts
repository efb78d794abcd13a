/** A part of a line; `ends` when the line's end follows it. */
export interface LinePiece {
  readonly text: string
  readonly ends: boolean
}

/**
 * Cuts a stream into pieces that never cross a line's end, each character seen once. Carriage returns before
 * a line's end are left out, and neither they nor half a surrogate pair are handed over before what follows.
 */
export class LinePieces {
  readonly #chunks: string[] = []
  #position = 0
  #held = ''
  #lineOpen = false
  #ended = false

  feed(chunk: string): void {
    if (chunk !== '') this.#chunks.push(chunk)
  }

  end(): void {
    this.#ended = true
  }

  next(): LinePiece | undefined {
    for (;;) {
      const chunk = this.#chunks[0]
      if (chunk === undefined) return this.#last()
      const newline = chunk.indexOf('\n', this.#position)
      const text = this.#held + chunk.slice(this.#position, newline < 0 ? undefined : newline)
      this.#position = newline + 1
      if (newline < 0 || this.#position === chunk.length) {
        this.#chunks.shift()
        this.#position = 0
      }
      if (newline >= 0) {
        this.#held = ''
        this.#lineOpen = false
        return { text: text.replace(/\r+$/, ''), ends: true }
      }
      this.#lineOpen = true
      this.#held = /\r+$|[\ud800-\udbff]$/.exec(text)?.[0] ?? ''
      if (text.length > this.#held.length) {
        return { text: text.slice(0, text.length - this.#held.length), ends: false }
      }
    }
  }

  #last(): LinePiece | undefined {
    if (!this.#ended || !this.#lineOpen) return undefined
    this.#lineOpen = false
    return { text: this.#held.replace(/\r+$/, ''), ends: true }
  }
}
