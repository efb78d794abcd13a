import { expect, test } from 'vitest'
import { threadIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { ThreadSummary } from '../../core/protocol/thread.ts'
import { parsePlace, toSearch } from './location.ts'
import type { WorkbenchDeps } from './slice.ts'
import { arrangeThreads, createThreadsSlice } from './threads-slice.ts'

const summary = (name: string, marks: Partial<ThreadSummary> = {}): ThreadSummary => ({
  id: threadIdSchema.parse(`thr_${name}`),
  title: name,
  createdAt: 0,
  updatedAt: 0,
  running: false,
  ...marks,
})

test('[LIST-1] pinned threads stand first, archived ones apart, each in the order they came', () => {
  const threads = [
    summary('a'),
    summary('b', { pinned: true }),
    summary('c', { archived: true, pinned: true }),
    summary('d', { archived: false }),
    summary('e', { pinned: true }),
  ]
  const { shown, archived } = arrangeThreads(threads)
  expect(shown.map(({ title }) => title)).toEqual(['b', 'e', 'a', 'd'])
  expect(archived.map(({ title }) => title)).toEqual(['c'])
})

test('[LIST-3] of searches the last word counts, and one is under way at a time', async () => {
  const asked: { query: string; answer(): void }[] = []
  const hit = (match: string) => ({
    threadId: threadIdSchema.parse('thr_a'),
    title: '',
    before: '',
    match,
    after: '',
  })
  const request = (_: string, { query }: { query: string }) =>
    new Promise((resolve) => asked.push({ query, answer: () => resolve({ hits: [hit(query)] }) }))
  const deps = { connection: { request } } as unknown as WorkbenchDeps
  let state = { workspaceId: workspaceIdSchema.parse('wsp_a') } as Parameters<
    Parameters<typeof createThreadsSlice>[0]['set']
  >[0] &
    ReturnType<Parameters<typeof createThreadsSlice>[0]['get']>
  const slice = createThreadsSlice({
    get: () => state,
    set: (partial) => {
      state = { ...state, ...partial }
    },
    deps,
  })
  state = { ...state, ...slice }
  for (const query of ['a', 'ab', 'abc']) slice.searchThreads(query)
  expect(asked.map(({ query }) => query)).toEqual(['a'])
  asked[0]?.answer()
  await expect.poll(() => asked.map(({ query }) => query)).toEqual(['a', 'abc'])
  asked[1]?.answer()
  await expect.poll(() => state.threadHits?.[0]?.match).toBe('abc')
  slice.searchThreads(' ')
  expect([state.threadHits, asked.length]).toEqual([undefined, 2])
})

test('[LIST-4] a link names a turn of its thread', () => {
  const search = '?w=wsp_a&t=thr_a&turn=trn_a'
  expect(toSearch(parsePlace(search))).toBe(search)
  expect(parsePlace('?w=wsp_a&t=thr_a&turn=no').turnId).toBeUndefined()
})
