/**
 * Reads a text of time stamps that arrives in pieces (`12345.678 12345.901 …`) and keeps how long each was
 * under way.
 */
export class StampReader {
  readonly delays: number[] = []
  /** When the first was sent, and when first and last arrived. */
  firstSentAt = Number.NaN
  firstAt = Number.NaN
  lastAt = Number.NaN
  #rest = ''

  push(text: string, now: number): void {
    const pieces = (this.#rest + text).split(' ')
    this.#rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      const sentAt = Number(piece)
      if (piece === '' || !Number.isFinite(sentAt)) continue
      if (this.delays.length === 0) {
        this.firstSentAt = sentAt
        this.firstAt = now
      }
      this.delays.push(now - sentAt)
      this.lastAt = now
    }
  }
}
