import { expect, test } from 'vitest'
import { seededRandom } from '../../core/lib/random.ts'
import { itemIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { Progress } from './progress.ts'

test('[RELAY-60] threads that begin at once keep their text at different moments, each within the time it may lose', () => {
  const timers = new ManualTimers()
  const random = seededRandom(7)
  const store = createMemoryStore()
  const kept: { threadId: string; at: number }[] = []
  const noted = {
    ...store,
    setValue: (key: string, value: string) => {
      kept.push({ threadId: key.slice('progress:'.length), at: timers.clock.monotonic() })
      return store.setValue(key, value)
    },
  }
  const turnId = turnIdSchema.parse('trn_1')
  const itemId = itemIdSchema.parse('trn_1.0')
  const running = () => [{ type: 'item/delta', turnId, itemId, offset: 0, text: 'so far' }] as const
  const onBug = (error: unknown) => expect(error).toBeUndefined()
  const threads = Array.from(
    { length: 50 },
    (_, index) => new Progress({ threadId: `${index}`, store: noted, timers, random, running, onBug }),
  )
  const begun = timers.clock.monotonic()
  for (let ms = 0; ms < 5 * limits.progressMs; ms++) {
    for (const thread of threads) thread.grew()
    timers.advance(1)
  }
  const perTenth = Map.groupBy(kept, ({ at }) => Math.floor((at - begun) / (limits.progressMs / 10)))
  for (const moments of perTenth.values()) expect(moments.length).toBeLessThan(threads.length / 3)
  for (const { at, threadId } of kept) {
    const before = kept.findLast((one) => one.threadId === threadId && one.at < at)?.at ?? begun
    expect(at - before).toBeLessThanOrEqual(limits.progressMs + 1)
  }
})
