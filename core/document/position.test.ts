import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createDocument, textOf } from './document-text.ts'
import { createFindPlace, decodePosition, encodePosition } from './position.ts'

const step = fc.record({
  who: fc.nat({ max: 2 }),
  what: fc.constantFrom('insert', 'delete', 'note', 'meet'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 6 }),
})

test('[FRAME-21] places found together are those each has by itself', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, reverse) => {
      const docs = [createDocument(1), createDocument(2), createDocument(3)] as const
      const noted: string[] = []
      const meet = () => {
        for (const from of docs) for (const to of docs) Y.applyUpdate(to, Y.encodeStateAsUpdate(from))
      }
      for (const { who, what, at, length } of steps) {
        const text = textOf(docs[who] ?? docs[0])
        const offset = at % (text.length + 1)
        if (what === 'insert') text.insert(offset, 'abcdef'.slice(0, length))
        else if (what === 'delete') text.delete(offset, Math.min(length, text.length - offset))
        else if (what === 'meet') meet()
        else noted.push(encodePosition(text, offset, length > 3 ? 'before' : 'after'))
      }
      if (reverse) noted.reverse()
      // Of a document that does not know them all, and of one that does.
      for (const doc of [docs[0], docs[1]]) {
        const find = createFindPlace(doc)
        expect(noted.map(find)).toEqual(noted.map((position) => decodePosition(doc, position)))
        meet()
      }
    }),
  )
})

test('[FRAME-21] what is no position of the document is none', () => {
  const find = createFindPlace(createDocument(1))
  expect(['', '?', 'AAAA', 'AQID'].map(find)).toEqual(
    ['', '?', 'AAAA', 'AQID'].map((text) => decodePosition(createDocument(1), text)),
  )
})
