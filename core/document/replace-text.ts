import * as Y from 'yjs'
import { assert } from '../lib/assert-never.ts'
import type { TextEdit } from './text-diff.ts'

/**
 * What is written stands right behind what it replaces; where nothing is replaced, behind the character before it if
 * `close` says so. Yjs by itself puts it behind all deleted text that follows: a line that was deleted there and comes
 * back would stand before it. Answers the character it ends with, or the last one that was deleted.
 */
export function replaceText(
  text: Y.Text,
  { from, to, insert }: TextEdit,
  close?: { readonly behind: Y.ID | undefined },
): Y.ID | undefined {
  const { doc } = text
  assert(doc, 'a text to write in belongs to a document')
  return Y.transact(doc, (transaction) => {
    const known = to === from ? close?.behind : undefined
    const behind = known ?? (to > from || close ? characterBefore(text, to) : undefined)
    if (to > from) text.delete(from, to - from)
    if (insert === '') return behind
    const left = behind ? Y.getItemCleanEnd(transaction, doc.store, behind) : null
    const right = left ? left.right : text._start
    if ((left || close) && right?.deleted) insertBetween(transaction, text, { left, right, insert })
    else text.insert(from, insert)
    return Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID) - 1)
  })
}

function characterBefore(text: Y.Text, index: number): Y.ID | undefined {
  return index === 0 ? undefined : (Y.createRelativePositionFromTypeIndex(text, index, -1).item ?? undefined)
}

function insertBetween(
  transaction: Y.Transaction,
  text: Y.Text,
  { left, right, insert }: { readonly left: Y.Item | null; readonly right: Y.Item; readonly insert: string },
): void {
  const { clientID, store } = transaction.doc
  const id = Y.createID(clientID, Y.getState(store, clientID))
  const content = new Y.ContentString(insert)
  const item = new Y.Item(id, left, left?.lastId ?? null, right, right.id, text, null, content)
  item.integrate(transaction, 0)
  // Places in the text that Yjs keeps for speed know nothing of direct changes.
  if (text._searchMarker !== null) text._searchMarker.length = 0
}
