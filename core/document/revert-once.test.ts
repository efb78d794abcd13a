import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ChangeSet, changesOf, noChanges } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { revertOnce } from './revert-once.ts'

test('[DOC-15] reverted again after a crash, a hunk changes nothing and its inverse is the same', () => {
  const doc = createDocument(1)
  const text = textOf(doc)
  text.insert(0, 'one two three')
  let changes: ChangeSet = noChanges
  doc.once('afterTransaction', (transaction: Y.Transaction) => {
    changes = changesOf(transaction)
  })
  doc.transact(() => {
    text.delete(4, 3)
    text.insert(4, '2')
  })
  const revert = (of: Y.Doc, reverted: ChangeSet) =>
    revertOnce(of, { hunkId: 'h', changes: reverted, origin: 'undo' })
  const inverse = revert(doc, changes)
  expect(text.toString()).toBe('one two three')

  const after = createDocument(2)
  Y.applyUpdate(after, Y.encodeStateAsUpdate(doc))
  const state = Y.encodeStateVector(after)
  expect(revert(after, changes)).toEqual(inverse)
  expect(Y.encodeStateVector(after)).toEqual(state)
  const again = revert(after, inverse)
  expect(textOf(after).toString()).toBe('one 2 three')
  revert(after, again)
  expect(textOf(after).toString()).toBe('one two three')
})
