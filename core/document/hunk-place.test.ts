import { expect, test } from 'vitest'
import { encodeChangeSet } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { createFork } from './fork.ts'
import { placeOfHunk } from './hunk-place.ts'
import { revertChanges } from './revert-changes.ts'

test('[CHECK-10] a change whose text another replaced stands where that does, and covers nothing', () => {
  const live = createDocument(1)
  textOf(live).insert(0, 'import\n\nconsole\n')
  const replaced = (clientId: number, old: string, now: string) => {
    const fork = createFork({ live, clientId })
    fork.beginHunk('h')
    const at = fork.text().indexOf(old)
    fork.replace(at, at + old.length, now)
    fork.endHunk('h')
    fork.merge()
    return { anchor: fork.anchor('h'), changes: encodeChangeSet(fork.changes('h')), addedLines: 1 }
  }
  const first = replaced(10, 'console\n', 'wrold\n')
  expect(placeOfHunk(live, first)).toEqual({ from: 8, to: 14 })
  const second = replaced(11, 'wrold\n', 'world\n')
  expect(placeOfHunk(live, first)).toEqual({ from: 8, to: 8 })
  expect(placeOfHunk(live, second)).toEqual({ from: 8, to: 14 })
})

test('[CHECK-12] a change that was undone and brought back covers all its lines again', () => {
  const live = createDocument(1)
  textOf(live).insert(0, 'one\ntwo\nthree\n')
  const fork = createFork({ live, clientId: 10 })
  fork.beginHunk('h')
  fork.replace(4, 8, 'first\n')
  fork.merge()
  fork.replace(10, 10, 'second\n')
  fork.merge()
  fork.endHunk('h')
  fork.merge()
  const anchor = fork.anchor('h')
  const undone = revertChanges(live, fork.changes('h'), 'undo')
  expect(textOf(live).toString()).toBe('one\ntwo\nthree\n')
  const changes = encodeChangeSet(revertChanges(live, undone, 'redo'))
  expect(textOf(live).toString()).toBe('one\nfirst\nsecond\nthree\n')
  expect(placeOfHunk(live, { anchor, changes, addedLines: 2 })).toEqual({ from: 4, to: 17 })
})
