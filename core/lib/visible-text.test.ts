import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visibleText } from './visible-text.ts'

const marks = (text: string) => visibleText(text).map(({ text: piece, mark }) => mark ?? piece)

test('[VISIBLE-1] what cannot be seen gets a mark: zero widths, direction controls, tabs, odd spaces, tags', () => {
  expect(marks('a\u200bb\u202ec\td\u00a0e')).toEqual(['a', 'ZWSP', 'b', 'RLO', 'c', '⇥', 'd', 'NBSP', 'e'])
  expect(marks('\u{e0041}\u0007\ufe0f\u3164')).toEqual(['U+E0041', 'U+0007', 'U+FE0F', 'U+3164'])
  expect(marks('plain text\n你好 😀')).toEqual(['plain text\n你好 😀'])
})

test('[VISIBLE-2] nothing but invisible characters is marked, and no character is lost', () => {
  const odd = fc.constantFrom('\u200b', '\u202e', '\t', '\n', ' ', '\ud800', '\u{e0041}', 'a', '字')
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(odd).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const pieces = visibleText(text)
      expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      for (const piece of pieces) {
        if (piece.mark === undefined) expect(visibleText(piece.text)).toEqual([piece])
        else {
          expect([...piece.text]).toHaveLength(1)
          expect(piece.text).not.toMatch(/^[\p{L}\p{N}\p{P}\p{S}\n ]$/u)
        }
      }
    }),
  )
})
