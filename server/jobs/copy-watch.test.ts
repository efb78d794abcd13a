import { setImmediate as nextLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ManualTimers } from '../testing/manual-timers.ts'
import { watchCopy } from './copy-watch.ts'

function watched(weights: readonly boolean[]) {
  const timers = new ManualTimers()
  const left = [...weights]
  const seen = { free: 1000, weighed: 0, full: 0 }
  const stop = watchCopy({
    timers,
    folder: '/',
    freeMiB: async () => seen.free,
    weigh: async () => {
      seen.weighed++
      return left.shift() ?? false
    },
    onFull: () => seen.full++,
  })
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 250) {
      timers.advance(250)
      await nextLoop()
    }
  }
  return { seen, pass, stop }
}

test('[RJOB-88] a command that writes quickly is weighed at once, one that does not now and then', async () => {
  const { seen, pass } = watched([false, true])
  await pass(4750)
  expect(seen.weighed).toBe(0)
  await pass(250)
  expect(seen).toEqual({ free: 1000, weighed: 1, full: 0 })
  seen.free -= 99
  await pass(500)
  expect(seen.weighed).toBe(1)
  seen.free -= 1
  await pass(250)
  expect(seen).toEqual({ free: 900, weighed: 2, full: 1 })
  // What was lost before is known by then.
  await pass(500)
  expect(seen.weighed).toBe(2)
})

test('[RJOB-88] nothing is weighed any more when the command has ended', async () => {
  const { seen, pass, stop } = watched([])
  stop()
  seen.free = 0
  await pass(6000)
  expect(seen.weighed).toBe(0)
})
