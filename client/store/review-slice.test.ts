import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import { hunkIdSchema, threadIdSchema } from '../../core/protocol/ids.ts'
import type { LeftFile } from '../../core/protocol/rewind.ts'
import { createNoticeSlice, type NoticeSlice } from './notice-slice.ts'
import { createReviewSlice } from './review-slice.ts'
import type { SliceTools } from './slice.ts'

type State = NoticeSlice & ReturnType<Parameters<typeof createReviewSlice>[0]['get']>

function start(
  answer: (method: string, ids: readonly string[]) => readonly string[],
  besides: { readonly left?: readonly LeftFile[]; readonly undone?: readonly string[] } = {},
) {
  const asked: string[] = []
  const threads = new Set<string>()
  const connection = {
    request: async (method: string, { threadId, hunkIds }: { threadId: string; hunkIds: string[] }) => {
      threads.add(threadId)
      asked.push(`${method} ${hunkIds.length}`)
      return { hunkIds: answer(method, hunkIds), left: [], undone: [], ...besides }
    },
  }
  const inline = { inlineThreads: [], followInline: () => {} }
  let state = { threadId: threadIdSchema.parse('thr_1'), ...inline } as unknown as State
  const tools = {
    get: () => state,
    set: (partial: Partial<State>) => {
      state = { ...state, ...partial }
    },
    deps: { connection },
  } as unknown as SliceTools<State>
  state = { ...state, ...createNoticeSlice(tools), ...createReviewSlice(tools) }
  return { asked, threads, state: () => state, set: tools.set }
}

const ids = Array.from({ length: 3000 }, (_, n) => hunkIdSchema.parse(`trn_1.1.${n}`))

test('[REVIEW-4] any number is undone, and the way back brings back what was', async () => {
  const { asked, threads, state, set } = start((method, asked) =>
    method === 'review/undo' ? asked.slice(0, 1) : asked,
  )
  await state().undoHunks(ids)
  expect(asked).toEqual(['review/undo 2000', 'review/undo 1000'])
  const [notice] = state().notices
  expect(notice).toMatchObject({ key: 'review.undoneNotice', params: { count: 2 } })
  set({ threadId: threadIdSchema.parse('thr_2') })
  notice?.action?.run()
  expect(asked.at(-1)).toBe('review/takeBack 2')
  expect([...threads]).toEqual(['thr_1'])
})

test('[REVIEW-4] what changes nothing says nothing, and a refusal says why', async () => {
  const quiet = start(() => [])
  await quiet.state().undoHunks(ids.slice(0, 2))
  await quiet.state().keepHunks(ids.slice(0, 2))
  expect(quiet.state().notices).toEqual([])
  const refused = start(() => {
    throw new RequestError('busy', 'no connection')
  })
  await refused.state().undoHunks(ids.slice(0, 1))
  expect(refused.state().notices.map(({ key }) => key)).toEqual(['error.busy'])
})

test('[DECK-3] what could not be undone is told by file, and what was undone before it could be kept', async () => {
  const left = ['a', 'b', 'c', 'd'].map((name) => ({ path: `src/${name}.ts`, why: 'notText' as const }))
  const { state } = start((_, asked) => asked.slice(0, 1), {
    left: [...left, { path: 'old.ts', why: 'gone' }],
    undone: ['trn_1.1.1'],
  })
  expect(await state().undoHunks(ids.slice(0, 4), { quietly: true })).toEqual(ids.slice(0, 1))
  expect(state().notices).toMatchObject([
    { key: 'left.notText', params: { names: 'a.ts, b.ts, c.ts +1', count: 4 } },
    { key: 'left.gone', params: { names: 'old.ts', count: 1 } },
    { key: 'review.undoneBefore', params: { count: 1 } },
  ])
})
