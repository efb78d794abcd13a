import { expect, test } from 'vitest'
import { type ChipRoom, placeChip } from './chip-place.ts'

const lines = (firstLine: number, lastLine = firstLine) => ({ firstLine, lastLine })

/** `full`: lines whose text leaves the chip no room. */
function room(full: readonly number[], rest: Partial<ChipRoom> = {}): ChipRoom {
  const isFree = (line: number) => !full.includes(line)
  return { rows: 1, view: lines(1, 30), others: [], before: undefined, isFree, ...rest }
}

test('[WEB-330] the chip of a change stands beside the first of its lines that leaves it room', () => {
  expect(placeChip(lines(5, 8), room([]))).toBe(5)
  expect(placeChip(lines(5, 8), room([5, 6]))).toBe(7)
  expect(placeChip(lines(5, 8), room([], { view: lines(7, 30) }))).toBe(7)
  expect(placeChip(lines(5, 90), room([], { view: lines(40, 60) }))).toBe(40)
})

test('[WEB-330] without room in the change it goes to a line at its edge, over text there only when it must', () => {
  expect(placeChip(lines(5), room([5]))).toBe(6)
  expect(placeChip(lines(5), room([5, 6]))).toBe(4)
  expect(placeChip(lines(5), room([4, 5, 6]))).toBe(4)
  expect(placeChip(lines(1), room([1, 2]))).toBe(2)
  expect(placeChip(lines(5), room([4, 5, 6], { view: lines(5, 30) }))).toBe(6)
})

test('[WEB-330] it covers no line of a change beside its own', () => {
  expect(placeChip(lines(5), room([4, 5, 6, 7], { others: [lines(6)] }))).toBe(4)
  expect(placeChip(lines(6), room([4, 5, 6, 7], { others: [lines(5)] }))).toBe(7)
  expect(placeChip(lines(6), room([6], { others: [lines(5), lines(7)] }))).toBe(5)
  expect(placeChip(lines(6), room([3, 4, 5, 6, 7, 8], { others: [lines(5), lines(7, 8)] }))).toBe(4)
  expect(placeChip(lines(1, 30), room(Array.from({ length: 30 }, (_, i) => i + 1)))).toBeUndefined()
})

test('[WEB-330] a higher chip takes as many lines as it needs', () => {
  const rows = 3
  expect(placeChip(lines(5, 9), room([5], { rows }))).toBe(6)
  expect(placeChip(lines(5), room([5], { rows }))).toBe(6)
  expect(placeChip(lines(5), room([4, 5, 6], { rows }))).toBe(2)
  expect(placeChip(lines(5), room([1, 2, 3, 4, 5, 6], { rows, others: [lines(3)] }))).toBe(6)
  expect(placeChip(lines(2), room([1, 2, 3], { rows, view: lines(1, 4) }))).toBeUndefined()
})

test('[WEB-331] it stays where it is while that is as good as any other place', () => {
  expect(placeChip(lines(5, 8), room([], { before: 7 }))).toBe(7)
  expect(placeChip(lines(5, 8), room([7], { before: 7 }))).toBe(5)
  expect(placeChip(lines(5), room([4, 5, 6], { before: 6 }))).toBe(6)
  expect(placeChip(lines(5), room([5, 6], { before: 6 }))).toBe(4)
  expect(placeChip(lines(5), room([], { before: 20 }))).toBe(5)
})
