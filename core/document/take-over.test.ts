import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ChangeSet, changesOf, noChanges } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { revertChanges } from './revert-changes.ts'
import { giveBack, liveIn, takeOver } from './take-over.ts'

const origins = { own: 'own', others: 'others' }
const at = fc.nat(30)
const edits = fc.array(fc.record({ at, length: fc.nat(4), insert: fc.string({ maxLength: 4 }) }), {
  maxLength: 8,
})

function edit(doc: Y.Doc, list: readonly { at: number; length: number; insert: string }[]): void {
  const text = textOf(doc)
  for (const { at: place, length, insert } of list) {
    const from = Math.min(place, text.length)
    text.delete(from, Math.min(length, text.length - from))
    if (insert !== '') text.insert(from, insert)
  }
}

test('[MOVE-6] whatever two documents share, one that takes the other over has its text and its history', () => {
  fc.assert(
    fc.property(edits, edits, edits, (shared, mine, theirs) => {
      const doc = createDocument(1)
      edit(doc, shared)
      const other = createDocument(2)
      Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
      edit(doc, mine)
      edit(other, theirs)
      takeOver(doc, other, origins)
      expect(textOf(doc).toString()).toBe(textOf(other).toString())
      expect(Y.decodeStateVector(Y.encodeStateVector(doc)).get(2) ?? 0).toBeGreaterThanOrEqual(
        Y.decodeStateVector(Y.encodeStateVector(other)).get(2) ?? 0,
      )
    }),
    { numRuns: 500 },
  )
})

test('[MOVE-24] what was taken over is given back whatever was written since, once, and can be taken over again', () => {
  fc.assert(
    fc.property(edits, edits, edits, edits, (shared, mine, theirs, since) => {
      const doc = createDocument(1)
      edit(doc, shared)
      const other = createDocument(2)
      Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
      edit(doc, mine)
      edit(other, theirs)
      for (const name of ['move', 'move again']) {
        const before = textOf(doc).toString()
        const live = liveIn(doc)
        takeOver(doc, other, origins)
        expect(textOf(doc).toString()).toBe(textOf(other).toString())
        edit(doc, since)
        // Its own text goes back to the other one, as when a move is undone.
        takeOver(other, doc, origins)
        expect(textOf(other).toString()).toBe(textOf(doc).toString())
        giveBack(doc, { name, live, origin: 'revert' })
        expect(textOf(doc).toString()).toBe(before)
        edit(doc, since)
        const edited = textOf(doc).toString()
        giveBack(doc, { name, live, origin: 'revert' })
        expect(textOf(doc).toString()).toBe(edited)
      }
    }),
    { numRuns: 500 },
  )
})

test('[MOVE-25] what a document had deleted of the text it takes over is taken out by change sets of the other one', () => {
  const doc = createDocument(1)
  textOf(doc).insert(0, 'one three')
  const other = createDocument(2)
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  let written: ChangeSet = noChanges
  other.once('afterTransaction', (transaction: Y.Transaction) => {
    written = changesOf(transaction)
  })
  textOf(other).insert(4, 'two ')
  takeOver(doc, other, origins)
  textOf(doc).delete(0, textOf(doc).length)
  textOf(doc).insert(0, 'another text')
  takeOver(doc, other, origins)
  expect(textOf(doc).toString()).toBe('one two three')
  revertChanges(doc, written, 'revert')
  expect(textOf(doc).toString()).toBe('one three')
})
