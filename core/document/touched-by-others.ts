import type * as Y from 'yjs'
import type { ChangeSet } from './change-set.ts'
import { textOf } from './document-text.ts'
import { type IdRanges, subtract, unite } from './id-ranges.ts'
import { reviverOffset } from './revert-changes.ts'
import { createRevivalIndex } from './revivals.ts'

/**
 * Whether somebody else changed what these change sets wrote: took out some of it, or wrote within it.
 */
export function touchedByOthers(doc: Y.Doc, changes: readonly ChangeSet[]): boolean {
  const presentIds = createRevivalIndex(doc)
  const written = presentIds(changes.reduce<IdRanges>((all, { insertions }) => unite(all, insertions), []))
  const removed = presentIds(changes.reduce<IdRanges>((all, { deletions }) => unite(all, deletions), []))
  const isWritten = (id: Y.ID | null) =>
    id !== null && subtract([{ client: id.client, clock: id.clock, length: 1 }], written).length === 0
  for (let item = textOf(doc)._start; item !== null; item = item.right) {
    const own = { client: item.id.client, clock: item.id.clock, length: item.length }
    const foreign = subtract([own], written)
    if (item.deleted) {
      const lost = subtract(subtract([own], foreign), removed)
      if (lost.length > 0) return true
    } else if (foreign.length > 0 && item.id.client < reviverOffset) {
      // Text that was there before did not choose its place beside theirs.
      if (isWritten(item.origin) && isWritten(item.rightOrigin)) return true
    }
  }
  return false
}
