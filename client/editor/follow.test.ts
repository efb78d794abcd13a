import { expect, test } from 'vitest'
import { decideFollow } from './follow.ts'

const watching = {
  following: true,
  writingPath: 'a.ts',
  activePath: 'b.ts',
  idleMs: 5000,
  hasSelection: false,
}

test('[FOLLOW-1] the file the model writes is opened, and its place shown once it is', () => {
  expect(decideFollow(watching)).toBe('open')
  expect(decideFollow({ ...watching, activePath: 'a.ts' })).toBe('reveal')
})

test('[FOLLOW-2] a person who types, selects or does not want to follow stays where they are', () => {
  expect(decideFollow({ ...watching, idleMs: 2999 })).toBe('stay')
  expect(decideFollow({ ...watching, hasSelection: true })).toBe('stay')
  expect(decideFollow({ ...watching, following: false })).toBe('stay')
  expect(decideFollow({ ...watching, writingPath: undefined })).toBe('stay')
})
