import { expect, test } from 'vitest'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { LoggedEvent, ThreadState } from '../../core/protocol/thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { type LongThread, longThread } from '../../core/testing/long-thread.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createWorld } from '../testing/world.ts'
import { systemTimers } from '../timers.ts'
import { ThreadLog } from './thread-log.ts'

const threadId = threadIdSchema.parse('thr_1')
const topic = `thread:${threadId}`
const shape: LongThread = {
  threadId,
  workspaceId: 'wsp_1',
  turns: 8,
  edits: 3,
  hunks: 3,
  growth: 60,
  stepMs: 20,
  words: 20,
  lineWords: 6,
}
const events = [...longThread(shape)]

function fold(rows: readonly LoggedEvent[]): ThreadState | undefined {
  return rows.reduce<ThreadState | undefined>((state, { event }) => reduceThread(state, event), undefined)
}

async function storeOf(rows: readonly LoggedEvent[]): Promise<Store> {
  const store = createMemoryStore()
  await store.appendEvents(
    topic,
    rows.map(({ seq, at, event }) => ({ seq, at, body: JSON.stringify(event) })),
  )
  return store
}

/** `reads`: the seq after which each read of the log began. */
function open(store: Store) {
  const reads: number[] = []
  const bugs: unknown[] = []
  const watched: Store = {
    ...store,
    readEvents: (name, since, limit) => {
      reads.push(since)
      return store.readEvents(name, since, limit)
    },
  }
  const onBug = (error: unknown) => bugs.push(error)
  const log = new ThreadLog({ threadId, store: watched, timers: systemTimers, onBug })
  return { log, reads, bugs }
}

test('[LOAD-1] a thread is folded from the state that was kept and what came since', async () => {
  const middle = Math.floor(events.length * 0.7)
  const store = await storeOf(events.slice(0, middle))
  const first = open(store)
  const folded = await first.log.load()
  if (!folded) throw new Error('no thread')
  await first.log.keep(folded)
  await store.appendEvents(
    topic,
    events.slice(middle).map(({ seq, at, event }) => ({ seq, at, body: JSON.stringify(event) })),
  )
  const second = open(store)
  expect(await second.log.load()).toEqual({ state: fold(events), seq: events.length })
  expect(second.reads[0]).toBe(middle)
})

test('[LOAD-2] a kept state that cannot be read, is of another form or thread, or from beyond the log is ignored', async () => {
  const store = await storeOf(events)
  const { log } = open(store)
  const folded = await log.load()
  if (!folded) throw new Error('no thread')
  await log.keep(folded)
  const good = (await store.readSnapshot(topic))?.state ?? ''
  const spoilt: readonly (readonly [number, string])[] = [
    [folded.seq, good.slice(0, -5)],
    [folded.seq, good.replace('"form":"', '"form":"0')],
    [folded.seq, good.replace('"id":"thr_1"', '"id":"thr_2"')],
    [folded.seq, 'null'],
    [folded.seq + 1, good],
  ]
  for (const [seq, text] of spoilt) {
    await store.saveSnapshot(topic, seq, text)
    const again = open(store)
    expect(await again.log.load()).toEqual(folded)
    expect([again.reads[0], again.bugs]).toEqual([0, []])
  }
})

test('[LOAD-3] a state is kept when enough came since the last; a store that refuses it harms nothing', async () => {
  const store = await storeOf(events.slice(0, limits.snapshotEvents - 1))
  const small = open(store)
  const few = await small.log.load()
  if (!few) throw new Error('no thread')
  await small.log.keep(few)
  expect(await store.readSnapshot(topic)).toBeUndefined()
  const refusing = open({ ...(await storeOf(events)), saveSnapshot: () => Promise.reject(new Error('full')) })
  const all = await refusing.log.load()
  if (!all) throw new Error('no thread')
  await refusing.log.keep(all)
  expect(refusing.bugs).toHaveLength(1)
  expect(all.state).toEqual(fold(events))
})

test('[LOAD-4] a turn that settles has its thread kept once its rows are durable', async () => {
  const store = createMemoryStore()
  const kept: { seq: number; head: number }[] = []
  const world = await createWorld(
    {},
    {
      store: {
        ...store,
        async saveSnapshot(name, seq, state) {
          kept.push({ seq, head: await store.headSeq(name) })
          await store.saveSnapshot(name, seq, state)
        },
      },
    },
  )
  const thread = await world.newThread()
  for (let i = 0; i < limits.snapshotEvents; i++) void thread.rename(`${i}`)
  await world.ask(thread, 'hello')
  await world.stored()
  const before = thread.state()
  const again = await world.restart()
  expect((await again.threads.get(before.id)).state()).toEqual(before)
  expect(kept).toHaveLength(1)
  expect(kept.every(({ seq, head }) => seq > limits.snapshotEvents && seq <= head)).toBe(true)
  expect([...world.bugs, ...again.bugs]).toEqual([])
  await world.close()
})
