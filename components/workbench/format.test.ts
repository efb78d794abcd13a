import { expect, test } from 'vitest'
import { formatCount, formatMs, formatWindow } from './format.ts'

test('[FORMAT-1] windows, counts and milliseconds are written as people say them', () => {
  expect([128_000, 131_072, 200_000, 262_144, 1_000_000, 1_048_576].map(formatWindow)).toEqual([
    ...['128k', '128k', '200k', '256k'],
    ...['1M', '1M'],
  ])
  expect(formatCount(1180.4, 'en')).toBe('1,180')
  expect([formatMs(0.42), formatMs(41.2)]).toEqual(['0.4', '41'])
})
