import { StringDecoder } from 'node:string_decoder'
import type { OutputPiece } from './runner.ts'

type Stream = 'stdout' | 'stderr'

/**
 * Output that never grows beyond a bound: its first half passes as it comes, of the rest the end is kept and comes when
 * all is over, with the number of bytes between them.
 */
export class OutputWindow {
  readonly #half: number
  readonly #emit: (piece: OutputPiece) => void
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  #tail: { stream: Stream; bytes: Buffer }[] = []
  #tailBytes = 0
  #total = 0
  #dropped = 0

  constructor(keptBytes: number, emit: (piece: OutputPiece) => void) {
    this.#half = Math.max(1, Math.floor(keptBytes / 2))
    this.#emit = emit
  }

  get total(): number {
    return this.#total
  }

  get dropped(): number {
    return this.#dropped
  }

  push(stream: Stream, bytes: Buffer): void {
    const room = Math.max(0, this.#half - this.#total)
    this.#total += bytes.length
    if (room > 0) this.#pass(stream, bytes.subarray(0, room))
    if (bytes.length > room) this.#keep(stream, bytes.subarray(room))
  }

  end(): void {
    if (this.#dropped > 0) {
      // A character the gap begins in has no other half.
      for (const stream of ['stdout', 'stderr'] as const) this.#flush(stream)
      this.#emit({ stream: 'cut', bytes: this.#dropped })
    }
    for (const { stream, bytes } of this.#tail) this.#pass(stream, bytes)
    for (const stream of ['stdout', 'stderr'] as const) this.#flush(stream)
    this.#tail = []
  }

  #pass(stream: Stream, bytes: Buffer): void {
    const text = this.#decoders[stream].write(bytes)
    if (text !== '') this.#emit({ stream, text })
  }

  #flush(stream: Stream): void {
    const text = this.#decoders[stream].end()
    if (text !== '') this.#emit({ stream, text })
  }

  #keep(stream: Stream, bytes: Buffer): void {
    // Pieces are small parts of a large pool; a copy lets the pool go.
    this.#tail.push({ stream, bytes: Buffer.from(bytes) })
    this.#tailBytes += bytes.length
    while (this.#tailBytes > this.#half) {
      const first = this.#tail[0]
      if (first === undefined) return
      const over = this.#tailBytes - this.#half
      const gone = Math.min(over, first.bytes.length)
      if (gone === first.bytes.length) this.#tail.shift()
      else this.#tail[0] = { stream: first.stream, bytes: first.bytes.subarray(gone) }
      this.#tailBytes -= gone
      this.#dropped += gone
    }
  }
}
