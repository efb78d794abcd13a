import { expect, test } from 'vitest'
import { limits } from '../../core/protocol/limits.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { StoreWatch } from './store-watch.ts'

test('[STORE-17] that a store refuses is told once, and that it takes again as soon as any write does, asked for or not', async () => {
  const timers = new ManualTimers()
  const told: boolean[] = []
  let hasRoom = true
  const watch: StoreWatch = new StoreWatch({
    timers,
    async probe() {
      watch.note(hasRoom)
      if (!hasRoom) throw new Error('full')
    },
    onChange: (isRefusing) => told.push(isRefusing),
  })
  watch.note(true)
  expect(told).toEqual([])
  hasRoom = false
  watch.note(false)
  watch.note(false)
  expect([told, watch.isRefusing]).toEqual([[true], true])
  for (let n = 0; n < 3; n++) await pass(timers)
  expect(told).toEqual([true])
  hasRoom = true
  await pass(timers)
  expect([told, watch.isRefusing]).toEqual([[true, false], false])
})

async function pass(timers: ManualTimers): Promise<void> {
  timers.advance(limits.diskRetryMs)
  await new Promise((resolve) => setImmediate(resolve))
}
