import { isWithin } from '../../core/lib/moved-path.ts'
import type { TandemEvent } from '../../core/protocol/events.ts'
import type { Person } from '../../core/protocol/people.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { WorkspaceEvent, WorkspaceState } from '../../core/protocol/workspace.ts'
import { guestEvent, guestThread } from '../../core/state/guest-view.ts'
import type { TopicView } from '../relay/hub.ts'

/** The shared thread as its guests see it. */
export const guestThreadView: TopicView = {
  state: (full) => ('turns' in full ? guestThread(full) : full),
  event: (event, full) => (isThreadEvent(event) && 'turns' in full ? guestEvent(event, full) : undefined),
}

/** The shared thread's workspace as guests see it: that thread, its files, and who is here. */
export function guestWorkspaceView(threadId: string, shared: () => ReadonlySet<string>): TopicView {
  return {
    state: (full) => ('threads' in full ? guestWorkspace(full, threadId) : full),
    event: (event) => (isThreadEvent(event) ? undefined : workspaceEvent(event, threadId, shared())),
  }
}

/** People, without what they look at that is not shared. */
export function guestPeople(people: readonly Person[], shared: ReadonlySet<string>): Person[] {
  return people.map(({ path, ...person }) =>
    path !== undefined && shared.has(path) ? { ...person, path } : person,
  )
}

function guestWorkspace(state: WorkspaceState, threadId: string): WorkspaceState {
  return { ...state, threads: state.threads.filter(({ id }) => id === threadId) }
}

function workspaceEvent(
  event: WorkspaceEvent,
  threadId: string,
  shared: ReadonlySet<string>,
): WorkspaceEvent | undefined {
  switch (event.type) {
    case 'threadList/added':
      return event.thread.id === threadId ? event : nothing
    case 'threadList/changed':
    case 'threadList/marked':
      return event.threadId === threadId ? event : nothing
    case 'files/changed':
      return { ...event, folders: foldersOf(shared).filter((folder) => event.folders.includes(folder)) }
    case 'file/moved':
      return [...shared].some((path) => isWithin(path, event.to)) ? event : undefined
    case 'document/saved':
    case 'document/merged':
      return shared.has(event.path) ? event : undefined
    case 'job/changed':
    case 'job/removed':
      return undefined
    case 'store/changed':
      return event
    case 'people/changed':
      return { ...event, people: guestPeople(event.people, shared) }
  }
}

/** Keeps the place of an event that is not for guests. */
const nothing: WorkspaceEvent = { type: 'files/changed', folders: [] }

/** The folders that lead to the paths, the root among them. */
function foldersOf(paths: ReadonlySet<string>): string[] {
  const folders = new Set([''])
  for (const path of paths) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      folders.add(path.slice(0, at))
  }
  return [...folders]
}

export function isThreadEvent(event: TandemEvent): event is ThreadEvent {
  return !workspaceTypes.has(event.type)
}

const workspaceTypes: ReadonlySet<TandemEvent['type']> = new Set<WorkspaceEvent['type']>([
  'threadList/added',
  'threadList/changed',
  'threadList/marked',
  'files/changed',
  'file/moved',
  'document/saved',
  'document/merged',
  'job/changed',
  'job/removed',
  'people/changed',
  'store/changed',
])
