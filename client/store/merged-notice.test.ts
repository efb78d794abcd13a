import { expect, test } from 'vitest'
import { workspaceIdSchema } from '../../core/protocol/ids.ts'
import { memoryStorage } from '../testing/page-store.ts'
import { createMergedNotice } from './merged-notice.ts'
import { createNoticeSlice, type NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

function createPage(storage = memoryStorage()) {
  const opened: string[] = []
  const openFile = (path: string, { line }: { readonly line: number }) => void opened.push(`${path}:${line}`)
  let notices: Partial<NoticeSlice> = {}
  const slice = createNoticeSlice({
    get: () => ({ ...slice, ...notices }),
    set: (partial: Partial<NoticeSlice>) => {
      notices = partial
    },
  } as SliceTools<NoticeSlice>)
  const workspaceId = workspaceIdSchema.parse('wsp_a')
  const state = () => ({ ...slice, ...notices, workspaceId, openFile, closeReview: () => {} })
  return { opened, state, tell: createMergedNotice(state, storage) }
}

test('[DISK-28] files changed by other programs are told in one notice while it is there; Show opens the first at its line', () => {
  const { opened, state, tell } = createPage()
  for (const n of [1, 2, 3, 4]) tell(`src/${n}.ts`, { line: n, deleted: false, at: 1 })
  tell('src/1.ts', { line: 7, deleted: false, at: 2 })
  tell('gone.ts', { line: 1, deleted: true, at: 1 })
  expect(state().notices).toMatchObject([
    { key: 'editor.merged', params: { names: '1.ts, 2.ts, 3.ts +1', count: 4 } },
    { key: 'editor.remade', params: { names: 'gone.ts', count: 1 } },
  ])
  state().notices[0]?.action?.run()
  expect(opened).toEqual(['src/1.ts:7'])
  for (const { id } of state().notices) state().dismissNotice(id)
  tell('src/5.ts', { line: 5, deleted: false, at: 1 })
  expect(state().notices).toMatchObject([{ params: { names: '5.ts', count: 1 } }])
})

test('[DISK-41] each change is told once, also over a reload', () => {
  const storage = memoryStorage()
  const change = { line: 3, deleted: false, at: 7 }
  const page = createPage(storage)
  page.tell('a.ts', change)
  for (const { id } of page.state().notices) page.state().dismissNotice(id)
  page.tell('a.ts', change)
  expect(page.state().notices).toEqual([])
  const next = createPage(storage)
  next.tell('a.ts', change)
  expect(next.state().notices).toEqual([])
  next.tell('a.ts', { ...change, at: 8 })
  expect(next.state().notices).toMatchObject([{ key: 'editor.merged', params: { names: 'a.ts' } }])
})
