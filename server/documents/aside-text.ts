import { MemoryTarget } from '../../core/patch/memory-target.ts'

/** A file's text as a model would have it, in no file; it knows what each hunk has written. */
export class AsideText extends MemoryTarget {
  /** The present hunk, and where it lies. */
  #hunkId: string | undefined
  #from = 0
  #to = -1
  /** What the ones before it wrote. */
  readonly #finished = new Map<string, string>()

  override replace(from: number, to: number, insert: string): void {
    super.replace(from, to, insert)
    const isNew = this.#to < this.#from
    const end = isNew ? from : this.#to
    this.#from = isNew ? from : Math.min(this.#from, from)
    this.#to = Math.max(from, end - Math.max(0, Math.min(end, to) - from)) + insert.length
  }

  override beginHunk(hunkId: string): void {
    if (this.#hunkId !== undefined) this.#finished.set(this.#hunkId, this.written(this.#hunkId))
    this.#begin(hunkId)
    super.beginHunk(hunkId)
  }

  override revertHunk(hunkId: string): void {
    this.#finished.delete(hunkId)
    if (this.#hunkId === hunkId) this.#begin(undefined)
    super.revertHunk(hunkId)
  }

  /** What stands where the hunk writes. */
  written(hunkId: string): string {
    if (hunkId !== this.#hunkId) return this.#finished.get(hunkId) ?? ''
    return this.#to < this.#from ? '' : this.text().slice(this.#from, this.#to)
  }

  #begin(hunkId: string | undefined): void {
    this.#hunkId = hunkId
    this.#from = 0
    this.#to = -1
  }
}
