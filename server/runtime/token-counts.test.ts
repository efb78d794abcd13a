import { expect, test } from 'vitest'
import type { ModelItem } from '../../core/engine/model-stream.ts'
import { ManualClock } from '../../core/lib/clock.ts'
import { systemTimers as timers } from '../timers.ts'
import { TokenCounts } from './token-counts.ts'

function start() {
  let counted = 0
  const clock = new ManualClock()
  const counts = new TokenCounts({
    clock,
    timers,
    countText: (text) => {
      counted += text.length
      clock.advance(text.length / 1000)
      return text.length
    },
  })
  return { counts, counted: () => counted }
}

const result = (output: string): ModelItem => ({
  type: 'toolResult',
  callId: 'c',
  name: 'read_file',
  output,
  format: 'json',
})

test('[RELAY-65] a text that comes again in another request is not counted again', async () => {
  const { counts, counted } = start()
  const text = 'word '.repeat(1000)
  await counts.settle([result(text)])
  const first = counted()
  expect(first).toBe(text.length)
  const again = result(text)
  await counts.settle([again])
  expect(counted()).toBe(first)
  expect(counts.bound.item(result(text))).toBe(counts.exact.item(again))
})

test('[RELAY-65] what was counted long ago is forgotten, and counted again when it comes again', async () => {
  const { counts, counted } = start()
  const text = (n: number) => `${n} `.padEnd(1_000_000, '.')
  for (let n = 0; n < 6; n++) await counts.settle([result(text(n))])
  const before = counted()
  await counts.settle([result(text(5))])
  expect(counted()).toBe(before)
  await counts.settle([result(text(0))])
  expect(counted()).toBe(before + 1_000_000)
})

test('[RELAY-66] many who count at once have one slice together between two readings', async () => {
  const { counts, counted } = start()
  const text = (n: number) => `${n} `.padEnd(600, '.')
  let isDone = false
  const all = Promise.all(Array.from({ length: 20 }, (_, n) => counts.settle([result(text(n))])))
  void all.then(() => {
    isDone = true
  })
  const perRound: number[] = []
  while (!isDone) {
    const before = counted()
    await new Promise<void>((resolve) => setImmediate(resolve))
    perRound.push(counted() - before)
  }
  // A slice takes a thousand characters here; who has begun a text within it counts that to its end.
  expect(Math.max(...perRound)).toBeLessThanOrEqual(1200)
  expect(counted()).toBe(20 * 600)
})
