import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import {
  hunkIdSchema,
  itemIdSchema,
  rewindIdSchema,
  threadIdSchema,
  turnIdSchema,
} from '../../core/protocol/ids.ts'
import type { Hunk } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { canGoBack, createHistorySlice, filesFrom } from './history-slice.ts'
import { createNoticeSlice, type NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

type State = NoticeSlice & ReturnType<Parameters<typeof createHistorySlice>[0]['get']>

const threadId = threadIdSchema.parse('thr_1')
const turnId = turnIdSchema.parse('trn_2')
const rewindId = rewindIdSchema.parse('rew_1')

function start(answers: Record<string, unknown>) {
  const asked: { readonly method: string; readonly params: Record<string, unknown> }[] = []
  const connection = {
    request: async (method: string, params: Record<string, unknown>) => {
      asked.push({ method, params })
      const answer = answers[method]
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  let state = { threadId, thread: { turns: [] as Turn[] } as ThreadState } as State
  const tools = {
    get: () => state,
    set: (partial: Partial<State>) => {
      state = { ...state, ...partial }
    },
    deps: { connection },
  } as unknown as SliceTools<State>
  state = {
    ...state,
    showOverlay: (overlay) => tools.set({ overlay }),
    focusComposer: () => {},
    openThread: (id) => tools.set({ threadId: id }),
    ...createNoticeSlice(tools),
    ...createHistorySlice(tools),
  }
  return { asked, state: () => state, set: tools.set }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const preview = { turns: 2, messages: 4, files: [] }
const left = [{ path: 'gone.ts', why: 'gone' }]

test('[REWIND-1] what would change is shown, one request goes back, and the way back is offered, also from another thread', async () => {
  const { asked, state, set } = start({
    'thread/rewindPreview': preview,
    'thread/rewind': { rewindId, turns: 2, files: ['a.ts'], left },
    'thread/unrewind': { files: ['a.ts'], left: [] },
  })
  await state().askRewind(turnId)
  expect([state().overlay, state().rewindAsk]).toEqual(['rewind', { threadId, turnId, preview }])
  await state().rewind('both')
  expect(state().overlay).toBeUndefined()
  expect(state().notices).toMatchObject([
    { key: 'history.done.both', params: { turns: 2, files: 1 } },
    { key: 'history.left', tone: 'danger', params: { count: 1, paths: 'gone.ts' } },
  ])
  set({ threadId: threadIdSchema.parse('thr_2') })
  state().notices[0]?.action?.run()
  await settled()
  expect(asked.map(({ method, params }) => [method, params.threadId])).toEqual([
    ['thread/rewindPreview', threadId],
    ['thread/rewind', threadId],
    ['thread/unrewind', threadId],
  ])
})

test('[REWIND-1] a refusal ends it and is told', async () => {
  const { state } = start({
    'thread/rewindPreview': preview,
    'thread/rewind': new RequestError('conflict', 'no'),
  })
  await state().askRewind(turnId)
  await state().rewind('files')
  expect(state().notices.map(({ key }) => key)).toEqual(['error.conflict'])
  const refused = start({ 'thread/rewindPreview': new RequestError('notFound', 'no') })
  await refused.state().askRewind(turnId)
  expect([refused.state().overlay, refused.state().notices.length]).toEqual([undefined, 1])
})

function turn(n: number, status: Hunk['status'], path: string): Turn {
  const id = turnIdSchema.parse(`trn_${n}`)
  const hunk = { id: hunkIdSchema.parse(`trn_${n}.1.1`), path, status } as Hunk
  const file = { path, kind: 'update', status: 'written', hunks: [hunk] } as const
  const items = [{ type: 'fileChange', id: itemIdSchema.parse(`trn_${n}.1`), files: [file] }]
  return { id, status: 'completed', items } as unknown as Turn
}

test('[REWIND-2] while nothing runs the thread can go back; counted are the files that hold something from there on', () => {
  const turns = [turn(1, 'written', 'a.ts'), turn(2, 'undone', 'b.ts'), turn(3, 'written', 'c.ts')]
  const thread = { turns } as ThreadState
  const count = (n: number) => filesFrom(thread, turnIdSchema.parse(`trn_${n}`))
  expect([count(1), count(2), count(3), count(4)]).toEqual([2, 1, 1, 0])
  expect(canGoBack({ thread, replay: undefined })).toBe(true)
  const running = { ...turn(4, 'written', 'd.ts'), status: 'running' } as Turn
  expect(canGoBack({ thread: { turns: [...turns, running] } as ThreadState, replay: undefined })).toBe(false)
  expect(canGoBack({ thread, replay: {} })).toBe(false)
})

test('[REWIND-2] a prompt in other words runs from where the thread was; what does not arrive stays with the person', async () => {
  const { asked, state } = start({
    'turn/rerun': { turnId: turnIdSchema.parse('trn_9'), rewindId, left: [] },
    'thread/unrewind': { files: [], left: [] },
  })
  state().editPrompt({ turnId, text: '   ' })
  await state().rerun('both')
  state().editPrompt({ turnId, text: ' other words ' })
  await state().rerun('both')
  expect(asked).toEqual([
    { method: 'turn/rerun', params: { threadId, turnId, text: 'other words', what: 'both' } },
  ])
  expect(state().editing).toBeUndefined()
  state().notices[0]?.action?.run()
  await settled()
  expect(asked.at(-1)).toMatchObject({ method: 'thread/unrewind', params: { rewindId } })
  const refused = start({ 'turn/rerun': new RequestError('busy', 'no') })
  refused.state().editPrompt({ turnId, text: 'other' })
  await refused.state().rerun('conversation')
  expect(refused.state().editing).toEqual({ turnId, text: 'other' })
})

test('[FORK-3] a fork is opened at once under the name it was given', async () => {
  const forked = threadIdSchema.parse('thr_fork')
  const { asked, state } = start({ 'thread/fork': { threadId: forked } })
  await state().forkThread(turnId, 'Fork of it')
  expect(asked[0]?.params).toEqual({ threadId, throughTurnId: turnId, title: 'Fork of it' })
  expect(state().threadId).toBe(forked)
})
