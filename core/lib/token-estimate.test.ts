import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateTokens } from './token-estimate.ts'

test('[MENTION-7] tokens are estimated: one of four Latin characters, one of each CJK character', () => {
  expect(['', 'a', 'abcdefgh', '你好', '你好abcd', '😀'].map(estimateTokens)).toEqual([0, 1, 2, 2, 3, 1])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(estimateTokens(a + b)).toBeGreaterThanOrEqual(estimateTokens(a))
      expect(estimateTokens(a)).toBeLessThanOrEqual(a.length)
    }),
  )
})
