import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ChangeSet, changesOf } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { createPersonalUndo } from './personal-undo.ts'
import { createUpdateReceiver } from './receive-update.ts'
import { revertChanges } from './revert-changes.ts'

/** A server's document and people with theirs; nothing travels until it is sent. */
function open(text: string, people = 1) {
  const live = createDocument(1)
  textOf(live).insert(0, text)
  const receiver = createUpdateReceiver(live)
  let time = 0
  const persons = Array.from({ length: people }, (_, index) => {
    const doc = createDocument(10 + index)
    const own = {}
    const undo = createPersonalUndo({ doc, origin: own, captureMs: 500, now: () => time })
    const receive = () => Y.applyUpdate(doc, Y.encodeStateAsUpdate(live, Y.encodeStateVector(doc)), 'server')
    receive()
    return {
      undo,
      read: () => textOf(doc).toString(),
      insert(before: string, words: string) {
        doc.transact(() => textOf(doc).insert(textOf(doc).toString().indexOf(before), words), own)
      },
      remove(words: string) {
        doc.transact(() => textOf(doc).delete(textOf(doc).toString().indexOf(words), words.length), own)
      },
      receive,
      send: () => receiver.receive(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(live)), own),
    }
  })
  /** A model's hunk, as a change set that undoes it. */
  const hunk = (removed: string, written: string): ChangeSet => {
    let changes: ChangeSet = { insertions: [], deletions: [] }
    live.once('afterTransaction', (transaction: Y.Transaction) => {
      changes = changesOf(transaction)
    })
    live.transact(() => {
      const at = textOf(live).toString().indexOf(removed)
      textOf(live).delete(at, removed.length)
      textOf(live).insert(at, written)
    }, 'model')
    return changes
  }
  const read = () => textOf(live).toString()
  return {
    live,
    read,
    persons,
    hunk,
    wait: (ms: number) => (time += ms),
    undoHunk: (c: ChangeSet) => revertChanges(live, c, 'undo'),
  }
}

test('[UNDO-1] Ctrl+Z takes back what the person did, step by step, and nothing of others; redo does it again', () => {
  const { persons, hunk, wait } = open('one two three')
  const [ada] = persons
  if (!ada) throw new Error('one person')
  ada.insert('two', 'a')
  ada.insert('two', 'b ')
  wait(1000)
  ada.remove('three')
  ada.send()
  hunk('one', 'ONE')
  ada.receive()
  expect(ada.read()).toBe('ONE ab two ')
  ada.undo.undo()
  expect(ada.read()).toBe('ONE ab two three')
  ada.undo.undo()
  expect([ada.read(), ada.undo.canUndo()]).toEqual(['ONE two three', false])
  expect(ada.undo.undo()).toBeUndefined()
  ada.undo.redo()
  ada.undo.redo()
  expect([ada.read(), ada.undo.canRedo()]).toEqual(['ONE ab two ', false])
})

test('[UNDO-2] what the person took out of a hunk and brought back is the hunk’s again: undoing it takes that too', () => {
  const { persons, hunk, read, undoHunk } = open('one two three')
  const [ada] = persons
  if (!ada) throw new Error('one person')
  const changes = hunk('two', 'TWO AND MORE')
  ada.receive()
  ada.remove('AND ')
  ada.undo.undo()
  expect(ada.read()).toBe('one TWO AND MORE three')
  ada.send()
  undoHunk(changes)
  expect(read()).toBe('one two three')
})

test('[UNDO-3] what the person typed, a hunk deleted and Ctrl+Z took back stays away when the hunk is undone', () => {
  const { persons, hunk, read, undoHunk } = open('one two three')
  const [ada] = persons
  if (!ada) throw new Error('one person')
  ada.insert('two', 'my ')
  ada.send()
  const changes = hunk('my two', '2')
  ada.receive()
  ada.undo.undo()
  ada.send()
  undoHunk(changes)
  expect(read()).toBe('one two three')
})

test('[UNDO-4] two who bring back the same text, not knowing of each other, bring it back once', () => {
  const { persons, read } = open('one two three', 2)
  for (const person of persons) person.remove('two ')
  for (const person of persons) person.undo.undo()
  for (const person of persons) person.send()
  for (const person of persons) person.receive()
  expect([read(), ...persons.map((person) => person.read())]).toEqual(Array(3).fill('one two three'))
})

test('[UNDO-5] text that a hunk’s undo took out meanwhile is not brought back by who did not know of it', () => {
  const { persons, hunk, read, undoHunk } = open('one two three')
  const [ada] = persons
  if (!ada) throw new Error('one person')
  const changes = hunk('two', 'TWO')
  ada.receive()
  undoHunk(changes)
  ada.remove('TWO')
  ada.undo.undo()
  ada.send()
  ada.receive()
  expect([read(), ada.read()]).toEqual(['one two three', 'one two three'])
})
