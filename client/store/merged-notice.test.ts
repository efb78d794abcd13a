import { expect, test } from 'vitest'
import { createMergedNotice } from './merged-notice.ts'
import { createNoticeSlice, type NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

test('[DISK-28] files changed by other programs are told in one notice while it is there; Show opens the first at its line', () => {
  const opened: string[] = []
  const openFile = (path: string, { line }: { readonly line: number }) => void opened.push(`${path}:${line}`)
  let notices: Partial<NoticeSlice> = {}
  const slice = createNoticeSlice({
    get: () => ({ ...slice, ...notices }),
    set: (partial: Partial<NoticeSlice>) => {
      notices = partial
    },
  } as SliceTools<NoticeSlice>)
  const state = () => ({ ...slice, ...notices, openFile, closeReview: () => {} })
  const tell = createMergedNotice(state)
  for (const n of [1, 2, 3, 4]) tell(`src/${n}.ts`, { line: n, deleted: false })
  tell('src/1.ts', { line: 7, deleted: false })
  tell('gone.ts', { line: 1, deleted: true })
  expect(state().notices).toMatchObject([
    { key: 'editor.merged', params: { names: '1.ts, 2.ts, 3.ts +1', count: 4 } },
    { key: 'editor.remade', params: { names: 'gone.ts', count: 1 } },
  ])
  state().notices[0]?.action?.run()
  expect(opened).toEqual(['src/1.ts:7'])
  for (const { id } of state().notices) state().dismissNotice(id)
  tell('src/5.ts', { line: 5, deleted: false })
  expect(state().notices).toMatchObject([{ params: { names: '5.ts', count: 1 } }])
})
