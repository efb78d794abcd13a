import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import { hunkIdSchema, itemIdSchema, threadIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import type { Hunk } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { createHistorySlice, rewindable } from './history-slice.ts'
import { createNoticeSlice, type NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

type State = NoticeSlice & ReturnType<Parameters<typeof createHistorySlice>[0]['get']>

function turn(n: number, status?: Hunk['status']): Turn {
  const id = turnIdSchema.parse(`trn_${n}`)
  const hunk = { id: hunkIdSchema.parse(`trn_${n}.1.1`), path: 'a.ts', status: status ?? 'written' } as Hunk
  const file = { path: 'a.ts', kind: 'update', status: 'written', hunks: [hunk] } as const
  const change = { type: 'fileChange', id: itemIdSchema.parse(`trn_${n}.1`), files: [file] }
  const items = status === undefined ? [] : [change]
  return { id, status: 'completed', items } as unknown as Turn
}

function start(turns: readonly Turn[], refuse?: string) {
  const asked: string[] = []
  const threads = new Set<string>()
  const connection = {
    request: async (method: string, { threadId, turnId }: { threadId: string; turnId: string }) => {
      if (turnId === refuse) throw new RequestError('conflict', 'no')
      asked.push(`${method} ${turnId}`)
      threads.add(threadId)
      return {}
    },
  }
  let state = { threadId: threadIdSchema.parse('thr_1'), thread: { turns } as ThreadState } as State
  const tools = {
    get: () => state,
    set: (partial: Partial<State>) => {
      state = { ...state, ...partial }
    },
    deps: { connection },
  } as unknown as SliceTools<State>
  state = { ...state, ...createNoticeSlice(tools), ...createHistorySlice(tools) }
  return { asked, threads, state: () => state, set: tools.set }
}

const second = turnIdSchema.parse('trn_2')

test('[REWIND-1] what the turn and those after it wrote goes, the newest first, and comes back the oldest first', async () => {
  const undone = { ...turn(4, 'undone'), undone: {} }
  const { asked, threads, state, set } = start([
    turn(1, 'written'),
    turn(2, 'written'),
    turn(3),
    undone,
    turn(5, 'written'),
  ])
  await state().rewindFiles(second)
  expect(asked).toEqual(['turn/undo trn_5', 'turn/undo trn_2'])
  const [notice] = state().notices
  expect(notice).toMatchObject({ key: 'history.rewound', params: { count: 2 } })
  set({ threadId: threadIdSchema.parse('thr_2') })
  notice?.action?.run()
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked.slice(2)).toEqual(['turn/redo trn_2', 'turn/redo trn_5'])
  expect([...threads]).toEqual(['thr_1'])
})

test('[REWIND-1] a refusal ends it, is told, and what was done can be taken back', async () => {
  const { asked, state } = start([turn(2, 'written'), turn(3, 'written')], 'trn_2')
  await state().rewindFiles(second)
  expect(asked).toEqual(['turn/undo trn_3'])
  expect(state().notices.map(({ key }) => key)).toEqual(['error.conflict', 'history.rewound'])
})

test('[REWIND-2] a rewind is offered up to the last turn but one that stands in files', () => {
  const count = (...turns: Turn[]) => rewindable({ turns } as ThreadState)
  expect(count()).toBe(0)
  expect(count(turn(1, 'written'))).toBe(0)
  expect(count(turn(1, 'written'), turn(2), turn(3, 'undone'))).toBe(0)
  expect(count(turn(1, 'written'), turn(2), turn(3, 'written'), turn(4, 'written'), turn(5))).toBe(3)
  expect(count(turn(1, 'written'), { ...turn(2, 'written'), undone: {} }, turn(3, 'written'))).toBe(1)
})
