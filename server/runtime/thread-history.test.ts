import { expect, test } from 'vitest'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { LoggedEvent, ThreadState } from '../../core/protocol/thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { longThread } from '../../core/testing/long-thread.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { readHistory } from './thread-history.ts'

const threadId = threadIdSchema.parse('thr_1')
const shape = {
  threadId,
  workspaceId: 'wsp_1',
  turns: 5,
  edits: 2,
  hunks: 3,
  growth: 80,
  words: 30,
  lineWords: 6,
}

async function storeOf(rows: readonly LoggedEvent[]): Promise<Store> {
  const store = createMemoryStore()
  const stored = rows.map(({ seq, at, event }) => ({ seq, at, body: JSON.stringify(event) }))
  await store.appendEvents(`thread:${threadId}`, stored)
  return store
}

async function readAll(store: Store, limit: number) {
  const pages: (readonly LoggedEvent[])[] = []
  for (let since = 0, head = 1; since < head; ) {
    const page = await readHistory(store, { threadId, since, limit })
    pages.push(page.rows)
    expect(page.upTo).toBeGreaterThan(since)
    since = page.upTo
    head = page.head
  }
  return { rows: pages.flat(), pages }
}

const fold = (state: ThreadState | undefined, { event }: LoggedEvent) => reduceThread(state, event)

test('[RHIST-1] read piece by piece a thread’s history is its log, each row once and in order', async () => {
  const slow = [...longThread({ ...shape, stepMs: limits.replayGrowthMs })]
  const { rows } = await readAll(await storeOf(slow), 300)
  expect(rows).toEqual(slow)
})

test('[RHIST-2] a piece is bounded in rows and in size', async () => {
  const rows = [...longThread({ ...shape, stepMs: 500 })]
  const store = await storeOf(rows)
  const { pages } = await readAll(store, 7)
  expect(Math.max(...pages.map((page) => page.length))).toBe(7)
  const renamed = (seq: number): LoggedEvent => ({
    seq,
    at: 0,
    event: { type: 'thread/renamed', title: 'long '.repeat(limits.historyChars / 10) },
  })
  const created = rows.slice(0, 1)
  const heavy = await storeOf([...created, ...[2, 3, 4, 5, 6].map(renamed)])
  expect((await readAll(heavy, 1000)).pages.map((page) => page.length)).toEqual([3, 2, 1])
})

test('[RHIST-3] a growing hunk is told every replayGrowthMs; up to any row that is told the thread is the same', async () => {
  const rows = [...longThread({ ...shape, stepMs: 50 })]
  const { rows: told } = await readAll(await storeOf(rows), 100)
  expect(told.length).toBeLessThan(rows.length / 2)
  let state: ThreadState | undefined
  let thinned: ThreadState | undefined
  let next = 0
  for (const row of rows) {
    state = fold(state, row)
    if (told[next]?.seq !== row.seq) continue
    thinned = fold(thinned, row)
    next++
    expect(thinned).toEqual(state)
  }
  expect(next).toBe(told.length)
  const gaps = told.map(({ at }, i) => at - (told[i - 1]?.at ?? at))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(limits.replayGrowthMs)
})

test('[RHIST-4] a thread there is not has no history', async () => {
  await expect(readHistory(createMemoryStore(), { threadId, since: 0, limit: 10 })).rejects.toMatchObject({
    code: 'notFound',
  })
})
