import { expect, test } from 'vitest'
import { encodeChangeSet } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { createFork } from './fork.ts'
import { placeOfHunk } from './hunk-place.ts'

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
