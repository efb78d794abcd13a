import { expect, test } from 'vitest'
import { columnsOf, placeFlags } from './flag-place.ts'

/** Lines from 1 with texts of these lengths. */
const text = (...lengths: number[]) => ({ textPx: (line: number) => lengths[line - 1], roomPx: 300 })
const flag = (client: number, lineNumber: number) => ({ client, lineNumber, widthPx: 60 })

test('[WEB-275] a name stands behind the text of its line, and behind names that stand there', () => {
  expect([...placeFlags([flag(1, 2), flag(2, 2)], text(100, 50, 100))]).toEqual([
    [1, { lineNumber: 2, shiftPx: 12 }],
    [2, { lineNumber: 2, shiftPx: 84 }],
  ])
})

test('[WEB-275] beside a long line it stands behind the text above or below, and nowhere when all are long', () => {
  expect(placeFlags([flag(1, 2)], text(100, 290, 100)).get(1)).toEqual({ lineNumber: 1, shiftPx: 12 })
  expect(placeFlags([flag(1, 1)], text(290, 100)).get(1)).toEqual({ lineNumber: 2, shiftPx: 12 })
  expect(placeFlags([flag(1, 2)], text(290, 290, 290)).size).toBe(0)
})

test('[WEB-275] wide letters and tabs count as wide as they are drawn', () => {
  expect(columnsOf('a中文，b', 2)).toBe(8)
  expect(columnsOf('\ta\tb', 4)).toBe(9)
})
