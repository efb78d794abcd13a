import { MemoryTarget } from '../../core/patch/memory-target.ts'

/** A file's text as a model would have it, in no file; it knows where the present hunk lies. */
export class AsideText extends MemoryTarget {
  #from = 0
  #to = -1

  override replace(from: number, to: number, insert: string): void {
    super.replace(from, to, insert)
    const isNew = this.#to < this.#from
    const end = isNew ? from : this.#to
    this.#from = isNew ? from : Math.min(this.#from, from)
    this.#to = Math.max(from, end - Math.max(0, Math.min(end, to) - from)) + insert.length
  }

  override beginHunk(hunkId: string): void {
    this.#from = 0
    this.#to = -1
    super.beginHunk(hunkId)
  }

  /** What stands where the present hunk writes. */
  written(): string {
    return this.#to < this.#from ? '' : this.text().slice(this.#from, this.#to)
  }
}
