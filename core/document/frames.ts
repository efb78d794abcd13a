import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

/**
 * Binary frames between browser and relay. Layout: type (varuint), handle (varuint), then by type.
 * `handle` is the session's number for an open document (method `document/open`).
 */
export type DocumentFrame =
  /** A Yjs update. A browser numbers its own 1, 2, 3 … per handle so that they can be acknowledged; the server sends 0. */
  | { readonly type: 'sync'; readonly handle: number; readonly number: number; readonly update: Uint8Array }
  /** The browser's updates up to `number` are durable. */
  | { readonly type: 'ack'; readonly handle: number; readonly number: number }
  /** A y-protocols awareness update: who is where. */
  | { readonly type: 'awareness'; readonly handle: number; readonly update: Uint8Array }

/** The name of the one `Y.Text` in every document. */
export const documentTextName = 'text'

const codes = { sync: 0, ack: 1, awareness: 2 } as const

export function encodeDocumentFrame(frame: DocumentFrame): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, codes[frame.type])
  encoding.writeVarUint(encoder, frame.handle)
  if (frame.type !== 'awareness') encoding.writeVarUint(encoder, frame.number)
  if (frame.type !== 'ack') encoding.writeVarUint8Array(encoder, frame.update)
  return encoding.toUint8Array(encoder)
}

/** `undefined` for bytes that are no frame of this protocol. */
export function parseDocumentFrame(bytes: Uint8Array): DocumentFrame | undefined {
  try {
    const decoder = decoding.createDecoder(bytes)
    const code = decoding.readVarUint(decoder)
    const handle = decoding.readVarUint(decoder)
    if (code === codes.sync) {
      const number = decoding.readVarUint(decoder)
      return { type: 'sync', handle, number, update: decoding.readVarUint8Array(decoder) }
    }
    if (code === codes.ack) return { type: 'ack', handle, number: decoding.readVarUint(decoder) }
    if (code === codes.awareness)
      return { type: 'awareness', handle, update: decoding.readVarUint8Array(decoder) }
    return undefined
  } catch {
    return undefined
  }
}
