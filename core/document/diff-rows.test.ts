import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffRows } from './diff-rows.ts'

const text = fc
  .array(fc.constantFrom('a', 'b b', ' b b', 'one two', 'one  two', '', '甲乙', 'x😀y'), { maxLength: 12 })
  .map((lines) => (lines.length > 0 ? `${lines.join('\n')}\n` : ''))

const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

test('[DIFF-1] without the added lines it is the old text, without the removed ones the new text', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const rows = diffRows(before, after, { ignoreWhitespace: false })
      const without = (kind: string) => joined(rows.filter((row) => row.kind !== kind).map((row) => row.text))
      expect(without('added')).toBe(before)
      expect(without('removed')).toBe(after)
    }),
  )
})

test('[DIFF-2] marks lie in their line, in order, and are whole words', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      for (const { text: line, marks } of diffRows(before, after, { ignoreWhitespace: false })) {
        let at = 0
        for (const { from, to } of marks) {
          expect(from).toBeGreaterThanOrEqual(at)
          expect(to).toBeGreaterThan(from)
          expect(to).toBeLessThanOrEqual(line.length)
          at = to
        }
      }
    }),
  )
  const rows = diffRows('const total = price\n', 'const total = prices\n', { ignoreWhitespace: false })
  expect(rows.map(({ text: line, marks }) => marks.map(({ from, to }) => line.slice(from, to)))).toEqual([
    ['price'],
    ['prices'],
  ])
})

test('[DIFF-3] lines that differ in white space alone are alike when that is not looked at', () => {
  const before = 'a\n  b c\nd\n'
  const after = 'a\nb  c\nD\n'
  const kinds = (ignoreWhitespace: boolean) =>
    diffRows(before, after, { ignoreWhitespace }).map(({ kind, text: line }) => `${kind} ${line}`)
  expect(kinds(true)).toEqual(['same a', 'same b  c', 'removed d', 'added D'])
  expect(kinds(false)).toEqual(['same a', 'removed   b c', 'removed d', 'added b  c', 'added D'])
})
