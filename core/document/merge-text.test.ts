import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDocument, textOf } from './document-text.ts'
import { createFork } from './fork.ts'
import { mergeText } from './merge-text.ts'
import { diffText, type TextEdit } from './text-diff.ts'

function apply(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let at = 0
  for (const { from, to, insert } of edits) {
    result += text.slice(at, from) + insert
    at = to
  }
  return result + text.slice(at)
}

const unit = fc.constantFrom('a', 'b', ' ', '\n', '\n', '\u{1f600}', '\u{1f601}', '\u{1d4b3}')
const text = fc.array(unit, { maxLength: 60 }).map((units) => units.join(''))

describe('merging a text from disk', () => {
  test('[DOC-11] any text becomes any other, and no edit cuts a surrogate pair', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = diffText(before, after)
        expect(apply(before, edits)).toBe(after)
        for (const { from, to, insert } of edits) {
          expect(before.slice(from, to).isWellFormed() && insert.isWellFormed()).toBe(true)
        }
        const document = textOf(createDocument(1))
        document.insert(0, before)
        mergeText(document, after, 'disk')
        expect(document.toString()).toBe(after)
      }),
      { numRuns: 500 },
    )
  })

  test('[DOC-11] lines in common are found again in any order of change', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('x', 'y', 'z', '', 'longer line')), fc.nat(), (lines, at) => {
        const before = `${lines.join('\n')}\n`
        const cut = lines.map(String).toSpliced(at % (lines.length + 1), 1, 'new')
        const after = `${cut.join('\n')}\n`
        const edits = diffText(before, after)
        expect(apply(before, edits)).toBe(after)
        expect(edits.reduce((sum, edit) => sum + edit.insert.length, 0)).toBeLessThanOrEqual(4)
      }),
    )
  })

  test('[DOC-11] what is typed meanwhile stays in its place', () => {
    const live = createDocument(1)
    textOf(live).insert(0, 'one\ntwo\nthree\n')
    const disk = createFork({ live, clientId: 9 })
    textOf(live).insert(4, 'typed ')
    disk.beginHunk('disk')
    for (const { from, to, insert } of diffText(disk.text(), 'one!\ntwo\nthree\nfour\n').toReversed()) {
      disk.replace(from, to, insert)
    }
    disk.merge()
    expect(textOf(live).toString()).toBe('one!\ntyped two\nthree\nfour\n')
  })

  test('[DOC-12] one changed line of 10 MB is one small edit', () => {
    const before = Array.from(
      { length: 200_000 },
      (_, line) => `line ${line} of a long, long, long, file`,
    ).join('\n')
    const after = before.replace('line 100000 of', 'LINE 100000 in')
    const edits = diffText(before, after)
    expect(apply(before, edits)).toBe(after)
    expect(edits.reduce((sum, edit) => sum + edit.to - edit.from, 0)).toBeLessThan(10)
  })

  test('[DOC-12] every line changed: each is changed by itself; every third: the others stay', () => {
    const before = Array.from({ length: 6000 }, (_, line) => `  line ${line}`).join('\n')
    const indented = diffText(before, before.replaceAll('  line', '\tline'))
    expect(indented.length).toBe(6000)
    const lines = before.split('\n')
    const third = lines
      .flatMap((line, index) => (index % 3 === 0 ? [line, 'x'.repeat(30)] : [line]))
      .join('\n')
    const edits = diffText(before, third)
    expect(apply(before, edits)).toBe(third)
    expect(edits.every((edit) => edit.from === edit.to)).toBe(true)
  })
})
