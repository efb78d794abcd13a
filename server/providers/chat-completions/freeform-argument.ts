import { createJsonStringReader } from '../../../core/patch/json-string.ts'
import { parseJson, textAt } from '../json.ts'

/** The argument that carries the raw text of a freeform tool, since this API has only functions. */
export const freeformArgument = 'input'

/** Reads that argument out of a call's arguments while they arrive. */
export class FreeformArgument {
  readonly #reader = createJsonStringReader(freeformArgument)

  /** The text this piece adds; none once the arguments turn out not to be what was asked for. */
  push(piece: string): string {
    const read = this.#reader.push(piece)
    return read.ok ? read.value : ''
  }
}

/** The tool's input once its arguments are complete: a model that wrote the raw text itself is taken at its word. */
export function freeformInput(complete: string): string {
  const value = parseJson(complete)
  return textAt(value, freeformArgument) ?? (typeof value === 'string' ? value : complete)
}
