import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainOutput } from './plain-output.ts'

test('[RUNNER-20] colours, titles, links, clipboards and cursor movements of terminals leave their words alone', () => {
  expect(plainOutput('\u001b[1;31mred\u001b[0m plain')).toBe('red plain')
  expect(plainOutput('\u001b]0;title\u0007a\u001b]52;c;c2VjcmV0\u001b\\b')).toBe('ab')
  expect(plainOutput('\u001b]8;;http://evil\u0007link\u001b]8;;\u0007')).toBe('link')
  expect(plainOutput('\u001b[2J\u001b[Hfaked\u001bPq#sixel\u001b\\')).toBe('faked')
  expect(plainOutput('\u009b31mred\u009d52;c;x\u009c!')).toBe('red!')
})

test('[RUNNER-20] a line that was written over shows its last state', () => {
  expect(plainOutput('10 %\r50 %\r100 %\ndone\r\nnext')).toBe('100 %\ndone\nnext')
  expect(plainOutput('waiting …\r')).toBe('waiting …')
})

test('[RUNNER-20] nothing is left that a terminal obeys or that turns text round', () => {
  const bytes = fc.array(fc.constantFrom(...'\u001b[]PX0;m\u0007\r\n\t ab\\\u009b\u009d\u202e\u0008'), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(bytes, (characters) => {
      const plain = plainOutput(characters.join(''))
      expect(plain).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }),
    { numRuns: 2000 },
  )
})
