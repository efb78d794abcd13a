import { expect, test } from 'vitest'
import { limits } from '../protocol/limits.ts'
import { ChangeTimes, decodeTimes, encodeTimes, type TimedChange } from './change-times.ts'

function typed(at: number, clock: number, length = 1): TimedChange {
  return { at, changes: { insertions: [{ client: 7, clock, length }], deletions: [] } }
}

test('[REPLAY-42] what happens within a moment is one change, with the time of the last of it', () => {
  const times = new ChangeTimes()
  const within = limits.documentTimeMs - 1
  for (const [clock, at] of [0, within, within + 1, 5000].entries()) times.note(typed(at, clock))
  expect(times.list()).toMatchObject([typed(within, 0, 2), typed(within + 1, 2), typed(5000, 3)])
})

test('[REPLAY-42] what came and went within a moment did both', () => {
  const range = { client: 7, clock: 0, length: 3 }
  const times = new ChangeTimes([{ at: 1, changes: { insertions: [range], deletions: [] } }])
  times.note({ at: 2, changes: { insertions: [], deletions: [range] } })
  expect(times.list()).toMatchObject([{ at: 2, changes: { insertions: [range], deletions: [range] } }])
})

test('[REPLAY-42] where the clock was put back each change keeps its own time', () => {
  const times = new ChangeTimes([typed(9000, 0), typed(10, 1), typed(20, 2)])
  expect(times.list()).toMatchObject([typed(9000, 0), typed(20, 1, 2)])
})

test('[REPLAY-43] a document typed in for days stays small: the older, the coarser', () => {
  const times = new ChangeTimes()
  const count = limits.documentTimeRanges * 3
  for (let i = 0; i < count; i++) times.note(typed(i * 1000, i))
  const list = times.list()
  expect(list.length).toBeLessThanOrEqual(limits.documentTimeRanges)
  // Nothing is forgotten, and lately all is as it was.
  const chars = list.reduce((sum, { changes }) => sum + (changes.insertions[0]?.length ?? 0), 0)
  expect(chars).toBe(count)
  expect(list.slice(-1000)).toMatchObject(
    Array.from({ length: 1000 }, (_, i) => typed((count - 1000 + i) * 1000, count - 1000 + i)),
  )
  expect(encodeTimes(list).length).toBeLessThan(20 * limits.documentTimeRanges)
})

test('[REPLAY-43] of what does not fit the oldest times are forgotten', () => {
  const times = new ChangeTimes()
  const count = limits.documentTimeRanges + 10
  for (let i = 0; i < count; i++) times.note(typed(i * 1000, i * 2))
  const first = times.list()[0]?.changes.insertions[0]?.clock ?? 0
  expect(first).toBeGreaterThan(0)
  expect(times.list().at(-1)).toMatchObject(typed((count - 1) * 1000, (count - 1) * 2))
  const ranges = times.list().reduce((sum, { changes }) => sum + changes.insertions.length, 0)
  expect(ranges).toBeLessThanOrEqual(limits.documentTimeRanges)
})

test('[REPLAY-42] times come through the journal and the wire as they are; bytes that are none say nothing', () => {
  const range = { client: 2 ** 32 - 1, clock: 5, length: 2 }
  const list = [typed(1_790_000_000_000, 3), { at: 1, changes: { insertions: [], deletions: [range] } }]
  expect(decodeTimes(encodeTimes(list))).toEqual(list)
  expect(decodeTimes(new Uint8Array())).toEqual([])
  expect(decodeTimes(Uint8Array.of(5, 200))).toEqual([])
})
