import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { ChangeSet } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { createFork } from './fork.ts'
import { dropHalfWritten } from './half-written.ts'
import { decodePosition } from './position.ts'
import { replaceText } from './replace-text.ts'
import { revertChanges } from './revert-changes.ts'

function setUp(text: string) {
  const live = createDocument(1)
  textOf(live).insert(0, text)
  const show = () => textOf(live).toString()
  const type = (before: string, insert: string) => textOf(live).insert(show().indexOf(before), insert)
  return { live, show, type, snapshot: Y.snapshot(live) }
}

describe('fork', () => {
  test('[DOC-2] an edit placed in the text the model saw keeps what was typed since', () => {
    const { live, show, type, snapshot } = setUp('a\nb\nc\n')
    type('b', 'mine ')
    const fork = createFork({ live, clientId: 9, snapshot })
    expect(fork.text()).toBe('a\nb\nc\n')
    fork.beginHunk('h')
    fork.replace(2, 3, 'B')
    fork.merge()
    type('c', 'more ')
    fork.replace(3, 3, 'BB')
    fork.endHunk('h')
    fork.merge()
    expect(show()).toBe('a\nmine BBB\nmore c\n')
    revertChanges(live, fork.changes('h'), 'undo')
    expect(show()).toBe('a\nmine b\nmore c\n')
  })

  test('[DOC-17] lines next to each other, each changed, deleted or added by a hunk of its own or by a person, come back in any order, each at its place', () => {
    const count = 6
    const lines = Array.from({ length: count }, (_, n) => n)
    const order = fc.shuffledSubarray(lines, { minLength: 2 })
    const kinds = fc.array(fc.constantFrom('change', 'delete', 'add', 'type'), {
      minLength: count,
      maxLength: count,
    })
    fc.assert(
      fc.property(order, kinds, order, fc.boolean(), (changed, kindOf, undone, apart) => {
        const { live, show } = setUp(lines.map((line) => `old ${line}\n`).join(''))
        const now = new Map(lines.map((line) => [line, `old ${line}\n`]))
        const text = () => [...now.values()].join('')
        const hunks = new Map<number, ChangeSet>()
        for (const line of changed) {
          const old = now.get(line) ?? ''
          const insert = { change: `new ${line}\n`, delete: '', add: `more ${line}\n`, type: `my ${line}\n` }
          const kind = kindOf[line] ?? 'change'
          const to = text().indexOf(old) + old.length
          const from = kind === 'add' ? to : to - old.length
          if (kind === 'type') replaceText(textOf(live), { from, to, insert: insert.type })
          else {
            const fork = createFork({ live, clientId: 9 + line })
            fork.beginHunk('h')
            if (apart) {
              fork.replace(from, to, '')
              fork.merge()
              fork.replace(from, from, insert[kind].slice(0, 2))
              fork.refresh()
              fork.replace(
                from + insert[kind].slice(0, 2).length,
                from + insert[kind].slice(0, 2).length,
                insert[kind].slice(2),
              )
            } else fork.replace(from, to, insert[kind])
            fork.endHunk('h')
            fork.merge()
            hunks.set(line, fork.changes('h'))
          }
          now.set(line, kind === 'add' ? old + insert.add : insert[kind])
          expect(show()).toBe(text())
        }
        for (const line of undone) {
          const changes = hunks.get(line)
          if (!changes) continue
          revertChanges(live, changes, 'undo')
          now.set(line, `old ${line}\n`)
          expect(show()).toBe(text())
        }
      }),
      { numRuns: 500 },
    )
  })

  test('[DOC-7] a dropped hunk leaves fork and document as they were', () => {
    const { live, show, type } = setUp('a\nb\nc\n')
    const fork = createFork({ live, clientId: 9 })
    fork.beginHunk('h')
    fork.replace(0, 4, 'something else\n')
    fork.merge()
    type('else', 'typed ')
    fork.revertHunk('h')
    expect(fork.text()).toBe('a\nb\nc\n')
    expect(show()).toBe('a\nb\ntyped c\n')
  })

  test('[DOC-7] nor does what somebody else deleted meanwhile come back', () => {
    const { live, show } = setUp('abcdef')
    const fork = createFork({ live, clientId: 9 })
    textOf(live).delete(1, 2)
    fork.beginHunk('h')
    fork.replace(0, 4, 'X')
    fork.merge()
    expect(show()).toBe('Xef')
    fork.revertHunk('h')
    expect(show()).toBe('adef')
    expect(fork.text()).toBe('abcdef')
    fork.beginHunk('next')
    fork.replace(1, 3, '-')
    fork.merge()
    expect(show()).toBe('a-def')
  })

  test('[DOC-8] a half-written hunk is taken back after a restart, a finished one stays', () => {
    const { live } = setUp('a\nb\nc\n')
    const fork = createFork({ live, clientId: 9 })
    fork.beginHunk('first')
    fork.replace(0, 1, 'A')
    fork.endHunk('first')
    fork.beginHunk('second')
    fork.replace(4, 5, 'C')
    fork.merge()
    const journal = Y.encodeStateAsUpdate(live)
    fork.replace(5, 5, 'CC')
    fork.replace(2, 3, '')
    fork.merge()
    const browser = Y.encodeStateAsUpdate(live)
    const again = createDocument(2)
    Y.applyUpdate(again, journal)
    dropHalfWritten(again, (client) => client === 9, 'recovery')
    expect(textOf(again).toString()).toBe('A\nb\nC\n')
    dropHalfWritten(again, () => false, 'recovery')
    expect(textOf(again).toString()).toBe('A\nb\nc\n')
    Y.applyUpdate(again, browser)
    dropHalfWritten(again, () => false, 'recovery')
    expect(textOf(again).toString()).toBe('A\nb\nc\n')
  })

  test('[DOC-9] the anchor holds the hunk while others write before, in and after it', () => {
    const { live, show, type } = setUp('a\nb\nc\n')
    const fork = createFork({ live, clientId: 9 })
    fork.beginHunk('h')
    fork.replace(2, 3, 'one')
    fork.replace(5, 5, ' two')
    fork.merge()
    const written = () => {
      const anchor = fork.anchor('h')
      return show().slice(decodePosition(live, anchor?.from ?? ''), decodePosition(live, anchor?.to ?? ''))
    }
    expect(written()).toBe('one two')
    fork.endHunk('h')
    type('a', 'before ')
    type('two', 'in ')
    type('\nc', ' after')
    expect(written()).toBe('one in two')
  })

  test('[DOC-9] of a pure deletion it is the place', () => {
    const { live, show, type } = setUp('abc')
    const fork = createFork({ live, clientId: 9 })
    fork.beginHunk('h')
    fork.replace(1, 3, '')
    fork.merge()
    const { from = '', to = '' } = fork.anchor('h') ?? {}
    type('a', '123')
    expect([show(), decodePosition(live, from), decodePosition(live, to)]).toEqual(['123a', 4, 4])
    expect(decodePosition(live, 'no position')).toBeUndefined()
    expect(decodePosition(live, 'AAAA')).toBeUndefined()
  })

  test('[DOC-9] a refresh in the middle of a hunk moves it along', () => {
    const { live, show, type } = setUp('abc')
    const fork = createFork({ live, clientId: 9 })
    fork.beginHunk('h')
    fork.replace(1, 2, 'X')
    type('a', '123')
    fork.refresh()
    expect(fork.text()).toBe('123aXc')
    fork.replace(5, 5, 'Y')
    fork.merge()
    const { from = '', to = '' } = fork.anchor('h') ?? {}
    expect(show().slice(decodePosition(live, from), decodePosition(live, to))).toBe('XY')
  })
})
