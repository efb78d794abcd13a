import { assert } from '../lib/assert-never.ts'
import type { TextTarget } from './edit.ts'

/** A text in memory that an edit may be written into. */
export class MemoryTarget implements TextTarget {
  #text: string
  readonly #before: { readonly hunkId: string; readonly text: string }[] = []

  constructor(text: string) {
    this.#text = text
  }

  text(): string {
    return this.#text
  }

  replace(from: number, to: number, insert: string): void {
    assert(0 <= from && from <= to && to <= this.#text.length, 'a replace stays inside the text')
    this.#text = this.#text.slice(0, from) + insert + this.#text.slice(to)
  }

  beginHunk(hunkId: string): void {
    this.#before.push({ hunkId, text: this.#text })
  }

  revertHunk(hunkId: string): void {
    const last = this.#before.pop()
    assert(last?.hunkId === hunkId, 'hunks are taken back newest first')
    this.#text = last.text
  }
}
