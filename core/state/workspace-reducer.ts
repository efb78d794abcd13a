import { softAssertNever } from '../lib/assert-never.ts'
import type { WorkspaceEvent, WorkspaceState } from '../protocol/workspace.ts'

/** Folds what the log keeps of a workspace: its list of threads. Newest first. */
export function reduceWorkspace(state: WorkspaceState, event: WorkspaceEvent): WorkspaceState {
  switch (event.type) {
    case 'threadList/added':
      return {
        ...state,
        threads: [event.thread, ...state.threads.filter(({ id }) => id !== event.thread.id)],
      }
    case 'threadList/changed': {
      const { threadId, title, running, at } = event
      const threads = state.threads.map((thread) =>
        thread.id === threadId ? { ...thread, title, running, updatedAt: at } : thread,
      )
      return { ...state, threads: threads.toSorted((a, b) => b.updatedAt - a.updatedAt) }
    }
    case 'threadList/marked': {
      const { threadId, pinned, archived } = event
      const threads = state.threads.map((thread) =>
        thread.id === threadId ? { ...thread, pinned, archived } : thread,
      )
      return { ...state, threads }
    }
    case 'files/changed':
    case 'file/moved':
    case 'document/saved':
    case 'document/merged':
    case 'job/changed':
    case 'job/removed':
    case 'job/wrote':
    case 'schedules/changed':
    case 'people/changed':
    case 'store/changed':
      return state
    default:
      softAssertNever(event)
      return state
  }
}
