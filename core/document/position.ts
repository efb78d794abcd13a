import * as Y from 'yjs'
import { decodeBase64, encodeBase64 } from './base64.ts'

/** The place of a character or a caret that moves with the text, as text for the wire. */
export function encodePosition(text: Y.Text, index: number, side: 'before' | 'after'): string {
  const position = Y.createRelativePositionFromTypeIndex(text, index, side === 'before' ? 0 : -1)
  return encodeBase64(Y.encodeRelativePosition(position))
}

/** Where it is now; `undefined` for text that is no position of this document. */
export function decodePosition(doc: Y.Doc, encoded: string): number | undefined {
  const bytes = decodeBase64(encoded)
  if (bytes === undefined) return undefined
  try {
    return Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(bytes), doc)?.index
  } catch {
    return undefined
  }
}
