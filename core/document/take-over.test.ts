import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodeChangeSet } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { revertChanges } from './revert-changes.ts'
import { takeOver } from './take-over.ts'

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
      const before = textOf(doc).toString()
      const changes = takeOver(doc, other, origins)
      expect(textOf(doc).toString()).toBe(textOf(other).toString())
      expect(Y.decodeStateVector(Y.encodeStateVector(doc)).get(2) ?? 0).toBeGreaterThanOrEqual(
        Y.decodeStateVector(Y.encodeStateVector(other)).get(2) ?? 0,
      )
      revertChanges(doc, changes, 'revert')
      expect([textOf(doc).toString(), encodeChangeSet(changes).length > 0]).toEqual([before, true])
    }),
    { numRuns: 500 },
  )
})
