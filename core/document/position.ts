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

/** What the position holds on to; `undefined` for an end of the text, and for text that is no position of this document. */
export function itemAt(doc: Y.Doc, encoded: string): Y.Item | undefined {
  const bytes = decodeBase64(encoded)
  if (bytes === undefined) return undefined
  try {
    const { item: id } = Y.decodeRelativePosition(bytes)
    const item = id && Y.getState(doc.store, id.client) > id.clock && Y.getItem(doc.store, id)
    return item instanceof Y.Item ? item : undefined
  } catch {
    return undefined
  }
}

/** Finds places in a document as it is now. What was gone through for one of them is not gone through for the next. */
export type FindPlace = (encoded: string) => number | undefined

export function createFindPlace(doc: Y.Doc): FindPlace {
  const offsets = new Map<Y.Item, number>()

  function offsetOf(item: Y.Item): number {
    let offset = 0
    for (let left = item.left; left !== null; left = left.left) {
      offset += countedLength(left)
      const known = offsets.get(left)
      if (known === undefined) continue
      offset += known
      break
    }
    offsets.set(item, offset)
    return offset
  }

  return (encoded) => {
    const bytes = decodeBase64(encoded)
    if (bytes === undefined) return undefined
    try {
      const position = Y.decodeRelativePosition(bytes)
      const { item: id, assoc } = position
      if (id && Y.getState(doc.store, id.client) <= id.clock) return undefined
      const item = id && Y.getItem(doc.store, id)
      if (!id || !(item instanceof Y.Item) || item.redone)
        return Y.createAbsolutePositionFromRelativePosition(position, doc)?.index
      const within = id.clock - item.id.clock + (assoc >= 0 ? 0 : 1)
      return offsetOf(item) + (countedLength(item) > 0 ? within : 0)
    } catch {
      return undefined
    }
  }
}

function countedLength(item: Y.Item): number {
  return item.deleted || !item.countable ? 0 : item.length
}
