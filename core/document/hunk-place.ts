import * as Y from 'yjs'
import type { Hunk } from '../protocol/item.ts'
import { decodeChangeSet } from './change-set.ts'
import { textOf } from './document-text.ts'
import { createFindPlace, type FindPlace, itemAt } from './position.ts'

/**
 * Where a hunk's text is now, in offsets of the document; `undefined` while the document does not know of it. Many
 * hunks share one `find`.
 */
export function placeOfHunk(
  doc: Y.Doc,
  { anchor, changes, addedLines }: Pick<Hunk, 'anchor' | 'changes' | 'addedLines'>,
  find: FindPlace = createFindPlace(doc),
): { readonly from: number; readonly to: number } | undefined {
  if (anchor === undefined) return undefined
  const from = find(anchor.from)
  const to = find(anchor.to)
  if (from === undefined || to === undefined) return undefined
  const isWhole = from < to && !isDeleted(doc, anchor.from) && !isDeleted(doc, anchor.to)
  if (isWhole || addedLines === 0 || changes === undefined) return { from: Math.min(from, to), to }
  // Text that was undone and brought back is other characters: those the change set names.
  return placeOfInsertions(doc, changes) ?? { from: Math.min(from, to), to }
}

function isDeleted(doc: Y.Doc, position: string): boolean {
  return itemAt(doc, position)?.deleted === true
}

function placeOfInsertions(doc: Y.Doc, changes: string) {
  const indices = (decodeChangeSet(changes)?.insertions ?? []).flatMap(({ client, clock, length }) => [
    indexOf(doc, client, clock, 0),
    indexOf(doc, client, clock + length - 1, -1),
  ])
  const known = indices.filter((index) => index !== undefined)
  return known.length > 0 ? { from: Math.min(...known), to: Math.max(...known) } : undefined
}

function indexOf(doc: Y.Doc, client: number, clock: number, assoc: 0 | -1): number | undefined {
  if (clock >= Y.getState(doc.store, client)) return undefined
  const position = new Y.RelativePosition(null, null, Y.createID(client, clock), assoc)
  const found = Y.createAbsolutePositionFromRelativePosition(position, doc)
  // A writer also notes what it is writing, which is in no text.
  return found?.type === textOf(doc) ? found.index : undefined
}
