import * as Y from 'yjs'
import { type ChangeSet, noChanges } from './change-set.ts'
import { textOf } from './document-text.ts'
import { type IdRange, type IdRanges, itemsIn, subtract, toIdRanges } from './id-ranges.ts'
import { createRevivalIndex, type Revival, recordRevivals } from './revivals.ts'
import { readWithdrawals } from './withdrawals.ts'

/**
 * Yjs puts concurrent text at one place in the order of client ids. Text that comes back must stand next to its
 * old self, right of what others type there meanwhile, so its writer's id is above every ordinary one (2^32).
 */
export const reviverOffset = 2 ** 33

/**
 * Takes out exactly the characters of `changes.insertions` that are still there and brings back exactly those of
 * `changes.deletions`, each at its own place. Whatever others wrote stays.
 * The answer, reverted in its turn, gives back exactly the text from before.
 */
export function revertChanges(doc: Y.Doc, changes: ChangeSet, origin: unknown): ChangeSet {
  return revert({ doc, changes, origin, recorded: true })
}

/** As `revertChanges`, but what comes back is a text of its own: no change set written before finds it. */
export function restoreAsCopy(doc: Y.Doc, deletions: IdRanges): IdRanges {
  return revert({ doc, changes: { insertions: [], deletions }, origin: undefined, recorded: false })
    .insertions
}

interface RevertOptions {
  readonly doc: Y.Doc
  readonly changes: ChangeSet
  readonly origin: unknown
  /** Change sets written before follow the text to its copies. */
  readonly recorded: boolean
}

function revert({ doc, changes, origin, recorded }: RevertOptions): ChangeSet {
  const text = textOf(doc)
  let inverse = noChanges
  doc.transact((transaction) => {
    const presentIds = createRevivalIndex(doc)
    const withdrawals = readWithdrawals(doc)
    const written = presentIds(changes.insertions)
    const removed = presentIds(subtract(changes.deletions, changes.insertions))
    const revivals: Revival[] = []
    const goneTwice: IdRange[] = []
    const alreadyGone: IdRange[] = []
    const stillGone = withdrawals.among(removed)
    for (const item of itemsIn(transaction, subtract(removed, stillGone))) {
      if (item.parent === text && item.deleted) revivals.push(...revive(transaction, text, item))
    }
    for (const item of itemsIn(transaction, stillGone))
      if (item.parent === text) goneTwice.push(rangeOf(item))
    const deletions: IdRange[] = []
    for (const item of itemsIn(transaction, written)) {
      if (item.parent !== text) continue
      deletions.push(rangeOf(item))
      if (item.deleted) alreadyGone.push(rangeOf(item))
      else item.delete(transaction)
    }
    // Places in the text that Yjs keeps for speed know nothing of direct changes.
    if (text._searchMarker !== null) text._searchMarker.length = 0
    withdrawals.remove(toIdRanges(goneTwice))
    withdrawals.add(toIdRanges(alreadyGone))
    if (recorded) recordRevivals(doc, revivals)
    const copies = revivals.map(({ source, client, clock }) => ({ client, clock, length: source.length }))
    inverse = { insertions: toIdRanges([...copies, ...goneTwice]), deletions: toIdRanges(deletions) }
  }, origin)
  return inverse
}

function rangeOf(item: Y.Item): IdRange {
  return { client: item.id.client, clock: item.id.clock, length: item.length }
}

function revive(transaction: Y.Transaction, text: Y.Text, item: Y.Item): readonly Revival[] {
  // Content that was thrown away can't come back; documents made here keep all.
  if (!(item.content instanceof Y.ContentString)) return []
  const { doc } = transaction
  const client = doc.clientID + reviverOffset
  const clock = Y.getState(doc.store, client)
  const left = item.left
  const copy = new Y.Item(
    Y.createID(client, clock),
    left,
    left?.lastId ?? null,
    item,
    item.id,
    text,
    null,
    item.content.copy(),
  )
  copy.integrate(transaction, 0)
  return [{ source: rangeOf(item), client, clock }]
}
