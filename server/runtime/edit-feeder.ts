import type { EditOutcome } from '../../core/patch/edit.ts'
import { createJsonStringReader } from '../../core/patch/json-string.ts'
import type { HunkDecision } from '../../core/protocol/item.ts'
import type { EditSession } from '../documents/documents.ts'

/** Hands a streamed edit to its session, out of a function tool's JSON arguments where the model needs that. */
export class EditFeeder {
  readonly #session: EditSession
  readonly #reader: ReturnType<typeof createJsonStringReader> | undefined
  #malformed: string | undefined

  constructor(session: EditSession, json: boolean) {
    this.#session = session
    this.#reader = json ? createJsonStringReader('input') : undefined
  }

  push(chunk: string): void {
    if (!this.#reader) return this.#session.push(chunk)
    if (this.#malformed !== undefined) return
    const read = this.#reader.push(chunk)
    if (!read.ok) this.#malformed = read.error
    else if (read.value !== '') this.#session.push(read.value)
  }

  async finish(): Promise<EditOutcome> {
    if (this.#malformed === undefined) return this.#session.finish()
    const { files } = await this.#session.cut()
    return {
      ok: false,
      message: `The arguments were not the JSON that was asked for: ${this.#malformed}`,
      files,
    }
  }

  decide(hunkId: string, decision: HunkDecision): boolean {
    return this.#session.decide(hunkId, decision)
  }

  goOn(): void {
    this.#session.goOn()
  }

  endShort(): Promise<EditOutcome> {
    return this.#session.endShort()
  }

  cut(): Promise<EditOutcome> {
    return this.#session.cut()
  }
}
