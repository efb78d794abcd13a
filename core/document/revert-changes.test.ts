import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ChangeSet, changesOf, mergeChangeSets } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { revertChanges } from './revert-changes.ts'

let nextClient = 10

function setUp(text: string) {
  const doc = createDocument(1)
  textOf(doc).insert(0, text)
  return doc
}

/** Somebody else replaces the first `old` with `insert`, through an update of their own. */
function edit(doc: Y.Doc, old: string, insert: string): ChangeSet {
  const other = createDocument(nextClient++)
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  const at = textOf(other).toString().indexOf(old)
  if (at < 0) throw new Error(`no ${old}`)
  let changes: ChangeSet = { insertions: [], deletions: [] }
  other.on('afterTransaction', (transaction: Y.Transaction) => {
    changes = mergeChangeSets(changes, changesOf(transaction))
  })
  textOf(other).delete(at, old.length)
  textOf(other).insert(at, insert)
  const mine = changes
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
  return mine
}

const show = (doc: Y.Doc) => textOf(doc).toString()

describe('undo', () => {
  test('[DOC-3] takes out the written and brings back the deleted between what others typed since', () => {
    const doc = setUp('one two three')
    const changes = edit(doc, 'two', '2')
    edit(doc, 'one', '1')
    edit(doc, ' three', '! three')
    revertChanges(doc, changes, 'undo')
    expect(show(doc)).toBe('1 two! three')
  })

  test('[DOC-3] neighbours come back in their order', () => {
    const doc = setUp('abcdef')
    const first = edit(doc, 'bc', '')
    const second = edit(doc, 'de', '')
    revertChanges(doc, first, 'undo')
    revertChanges(doc, second, 'undo')
    expect(show(doc)).toBe('abcdef')
  })

  test('[DOC-3] what is typed at the place meanwhile elsewhere stays on its side of it', () => {
    const doc = setUp('ab')
    const elsewhere = createDocument(3)
    Y.applyUpdate(elsewhere, Y.encodeStateAsUpdate(doc))
    textOf(elsewhere).insert(1, '<')
    textOf(elsewhere).insert(3, '>')
    const changes = edit(doc, 'b', '')
    revertChanges(doc, changes, 'undo')
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(elsewhere))
    expect(show(doc)).toBe('a<b>')
  })

  test('[DOC-4] undo, redo, undo, redo: always one of two texts', () => {
    const doc = setUp('one two three')
    let changes = edit(doc, 'two', 'zwei')
    for (let i = 0; i < 5; i++) {
      changes = revertChanges(doc, changes, 'undo')
      expect(show(doc)).toBe('one two three')
      changes = revertChanges(doc, changes, 'redo')
      expect(show(doc)).toBe('one zwei three')
    }
  })

  test('[DOC-4] redo brings back nothing a person deleted', () => {
    const doc = setUp('one two three')
    const changes = edit(doc, 'two', 'zwei')
    edit(doc, 'we', '')
    const inverse = revertChanges(doc, changes, 'undo')
    revertChanges(doc, inverse, 'redo')
    expect(show(doc)).toBe('one zi three')
  })

  test('[DOC-5] a hunk that a later one replaced, undone first', () => {
    const doc = setUp('1')
    const first = edit(doc, '1', '2')
    const second = edit(doc, '2', '3')
    const redoFirst = revertChanges(doc, first, 'undo')
    expect(show(doc)).toBe('13')
    const redoSecond = revertChanges(doc, second, 'undo')
    expect(show(doc)).toBe('1')
    revertChanges(doc, redoFirst, 'redo')
    expect(show(doc)).toBe('2')
    revertChanges(doc, redoSecond, 'redo')
    expect(show(doc)).toBe('3')
  })

  test('[DOC-6] the first change sets still hold after undo, redo and a restart', () => {
    let doc = setUp('one two three')
    const first = edit(doc, 'two', 'zwei')
    const second = edit(doc, 'zwei', 'deux')
    const restart = () => {
      const again = createDocument(nextClient++)
      Y.applyUpdate(again, Y.encodeStateAsUpdate(doc))
      doc = again
    }
    revertChanges(doc, second, 'undo')
    restart()
    expect(show(doc)).toBe('one zwei three')
    const inverse = revertChanges(doc, first, 'undo')
    restart()
    expect(show(doc)).toBe('one two three')
    revertChanges(doc, inverse, 'redo')
    restart()
    revertChanges(doc, first, 'undo')
    expect(show(doc)).toBe('one two three')
  })
})
