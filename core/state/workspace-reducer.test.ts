import { expect, test } from 'vitest'
import { threadIdSchema, workspaceIdSchema } from '../protocol/ids.ts'
import type { WorkspaceEvent, WorkspaceState } from '../protocol/workspace.ts'
import { reduceWorkspace } from './workspace-reducer.ts'

const threadId = threadIdSchema.parse('thr_1')
const fold = (...events: WorkspaceEvent[]) =>
  events.reduce<WorkspaceState>(reduceWorkspace, { id: workspaceIdSchema.parse('wsp_1'), threads: [] })

test('[LIST-2] a mark stays while its thread changes, and moves it nowhere in time', () => {
  const { threads } = fold(
    {
      type: 'threadList/added',
      thread: { id: threadId, title: '', createdAt: 1, updatedAt: 1, running: false },
    },
    { type: 'threadList/marked', threadId, pinned: true, archived: false },
    { type: 'threadList/changed', threadId, title: 'new', running: true, at: 5 },
    { type: 'threadList/marked', threadId, pinned: true, archived: true },
  )
  expect(threads).toEqual([
    { id: threadId, title: 'new', createdAt: 1, updatedAt: 5, running: true, pinned: true, archived: true },
  ])
})
