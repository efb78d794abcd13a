import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ChangeSet, changesOf, mergeChangeSets } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { revertChanges } from './revert-changes.ts'
import { touchedByOthers } from './touched-by-others.ts'

function setUp() {
  const doc = createDocument(1)
  textOf(doc).insert(0, 'one\ntwo\nthree\n')
  let nextClient = 10
  /** Somebody replaces the first `old`; answers what they did. */
  const edit = (old: string, insert: string): ChangeSet => {
    const other = createDocument(nextClient++)
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
    const at = textOf(other).toString().indexOf(old)
    let changes: ChangeSet = { insertions: [], deletions: [] }
    other.on('afterTransaction', (transaction: Y.Transaction) => {
      changes = mergeChangeSets(changes, changesOf(transaction))
    })
    textOf(other).delete(at, old.length)
    textOf(other).insert(at, insert)
    const made = changes
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
    return made
  }
  return { doc, edit }
}

test('[REWIND-6] what people wrote within the text, or took out of it, is noticed', () => {
  for (const [old, insert] of [
    ['WO', 'W-O'],
    ['W', ''],
    ['TWO\n', ''],
  ] as const) {
    const { doc, edit } = setUp()
    const written = edit('two\n', 'TWO\n')
    expect(touchedByOthers(doc, [written])).toBe(false)
    edit(old, insert)
    expect(touchedByOthers(doc, [written])).toBe(true)
  }
})

test('[REWIND-6] not so what was written elsewhere, by the edits themselves, or brought back', () => {
  const { doc, edit } = setUp()
  const written = edit('two\n', 'TWO\n')
  const later = edit('TWO', 'zwei')
  edit('three', 'drei')
  edit('one', 'eins')
  expect(touchedByOthers(doc, [written])).toBe(true)
  expect(touchedByOthers(doc, [written, later])).toBe(false)
  const inverse = revertChanges(doc, later, 'undo')
  expect(touchedByOthers(doc, [written])).toBe(false)
  const again = revertChanges(doc, inverse, 'redo')
  expect(textOf(doc).toString()).toBe('eins\nzwei\ndrei\n')
  expect(touchedByOthers(doc, [written, again])).toBe(false)
})
