import { expect, test } from 'vitest'
import { seededRandom } from '../../core/lib/random.ts'
import { itemIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Delta } from '../relay/outbox.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { Progress } from './progress.ts'

const turnId = turnIdSchema.parse('trn_1')

function delta(itemId: string, text: string): Delta {
  return { type: 'item/delta', turnId, itemId: itemIdSchema.parse(itemId), offset: 0, text }
}

test('[RELAY-60] threads that begin at once keep their text at different moments, each within the time it may lose', () => {
  const timers = new ManualTimers()
  const random = seededRandom(7)
  const store = createMemoryStore()
  const kept: { threadId: string; at: number }[] = []
  const noted = {
    ...store,
    appendUpdate: (key: string, row: Uint8Array) => {
      kept.push({ threadId: key.slice('progress:'.length), at: timers.clock.monotonic() })
      return store.appendUpdate(key, row)
    },
  }
  const running = () => [delta('trn_1.0', 'word ')]
  const onBug = (error: unknown) => expect(error).toBeUndefined()
  const threads = Array.from(
    { length: 50 },
    (_, index) =>
      new Progress({
        threadId: `${index}`,
        store: noted,
        clock: timers.clock,
        timers,
        random,
        running,
        onBug,
      }),
  )
  const begun = timers.clock.monotonic()
  for (let ms = 0; ms < 5 * limits.progressMs; ms++) {
    for (const thread of threads) thread.grew({ ...delta('trn_1.0', 'word '), offset: 5 * ms })
    timers.advance(1)
  }
  const perTenth = Map.groupBy(kept, ({ at }) => Math.floor((at - begun) / (limits.progressMs / 10)))
  for (const moments of perTenth.values()) expect(moments.length).toBeLessThan(threads.length / 3)
  // Those of one moment share a write to the disk.
  expect(new Set(kept.map(({ at }) => at)).size).toBeLessThan(kept.length / 3)
  for (const { at, threadId } of kept) {
    const before = kept.findLast((one) => one.threadId === threadId && one.at < at)?.at ?? begun
    expect(at - before).toBeLessThanOrEqual(limits.progressMs + 1)
  }
})

/** One thread's kept text, and what a server that died now would find of it. */
function longAnswer() {
  const timers = new ManualTimers()
  const store = createMemoryStore()
  let running: readonly Delta[] = []
  let bytes = 0
  let isFull = false
  const bugs: string[] = []
  const noted = {
    ...store,
    async appendUpdate(key: string, row: Uint8Array) {
      if (isFull) throw new Error('The disk is full.')
      bytes += row.length
      return store.appendUpdate(key, row)
    },
  }
  const open = () =>
    new Progress({
      threadId: 'thr_1',
      store: noted,
      clock: timers.clock,
      timers,
      random: seededRandom(1),
      running: () => running,
      onBug: (_error, where) => bugs.push(where),
    })
  const progress = open()
  return {
    progress,
    bugs,
    open,
    bytes: () => bytes,
    fillDisk: (full: boolean) => {
      isFull = full
    },
    /** What is under way has become this, by deltas of its new ends. */
    async grow(...deltas: readonly Delta[]) {
      const before = new Map(running.map(({ itemId, text }) => [itemId, text.length]))
      running = deltas
      for (const one of deltas) {
        const offset = before.get(one.itemId) ?? 0
        if (one.text.length > offset) progress.grew({ ...one, offset, text: one.text.slice(offset) })
      }
      timers.advance(limits.progressMs)
      // What the store refuses is known a moment later.
      await new Promise((resolve) => setImmediate(resolve))
    },
    /** By item, as the thread would have it again. */
    async found() {
      const texts = new Map<string, string>()
      for (const { itemId, offset, text } of await open().read()) {
        const known = texts.get(itemId) ?? ''
        if (offset <= known.length) texts.set(itemId, known.slice(0, offset) + text)
      }
      return Object.fromEntries(texts)
    },
  }
}

test('[RELAY-61] keeping the text of a long answer costs what came since, and a server that died has all of it', async () => {
  const { grow, found, bytes } = longAnswer()
  let text = ''
  for (let i = 0; i < 200; i++) {
    text += `line ${i} of a long answer\n`
    await grow(delta('trn_1.0', text))
  }
  expect(await found()).toEqual({ 'trn_1.0': text })
  expect(bytes()).toBeLessThan(200 * 150)
})

test('[RELAY-61] of items that are over nothing stays, and after the turn nothing at all', async () => {
  const { progress, grow, found } = longAnswer()
  await grow(delta('trn_1.0', 'I look.'))
  await grow(delta('trn_1.2', 'one'), delta('trn_1.3', 'two'))
  await grow(delta('trn_1.3', 'two and more'))
  expect(await found()).toEqual({ 'trn_1.2': 'one', 'trn_1.3': 'two and more' })
  progress.clear()
  expect(await found()).toEqual({})
})

test('[RELAY-61] what a server that died had kept is let go with the turn that follows', async () => {
  const { grow, open, found } = longAnswer()
  await grow(delta('trn_1.0', 'before the crash'))
  const after = open()
  expect(await after.read()).toHaveLength(1)
  after.clear()
  expect(await found()).toEqual({})
})

test('[RELAY-61] after a write that failed the whole text is kept again', async () => {
  const { grow, found, fillDisk, bugs } = longAnswer()
  await grow(delta('trn_1.0', 'one '))
  fillDisk(true)
  await grow(delta('trn_1.0', 'one two '))
  fillDisk(false)
  await grow(delta('trn_1.0', 'one two three'))
  expect(bugs).toEqual(['progress'])
  expect(await found()).toEqual({ 'trn_1.0': 'one two three' })
})

test('[RELAY-64] text that an older version kept is read until the log has it', async () => {
  const store = createMemoryStore()
  const kept = [delta('trn_1.0', 'Half a sen')]
  await store.setValue('progress:thr_1', JSON.stringify(kept))
  const onBug = (error: unknown) => expect(error).toBeUndefined()
  const open = () =>
    new Progress({
      threadId: 'thr_1',
      store,
      clock: new ManualTimers().clock,
      timers: new ManualTimers(),
      random: seededRandom(1),
      running: () => [],
      onBug,
    })
  expect(await open().read()).toEqual(kept)
  const progress = open()
  expect(await progress.read()).toEqual(kept)
  progress.clear()
  expect(await open().read()).toEqual([])
})
