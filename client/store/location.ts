import {
  type ThreadId,
  type TurnId,
  threadIdSchema,
  turnIdSchema,
  type WorkspaceId,
  workspaceIdSchema,
} from '../../core/protocol/ids.ts'
import type { WorkbenchStore } from './store.ts'

/** Where a link points: `/?w=wsp_…&t=thr_…&turn=trn_…`. */
export interface Place {
  readonly workspaceId: WorkspaceId | undefined
  readonly threadId: ThreadId | undefined
  readonly turnId?: TurnId | undefined
}

export function parsePlace(search: string): Place {
  const params = new URLSearchParams(search)
  return {
    workspaceId: workspaceIdSchema.safeParse(params.get('w')).data,
    threadId: threadIdSchema.safeParse(params.get('t')).data,
    turnId: turnIdSchema.safeParse(params.get('turn')).data,
  }
}

export function toSearch({ workspaceId, threadId, turnId }: Place): string {
  const params = new URLSearchParams()
  if (workspaceId) params.set('w', workspaceId)
  if (threadId) params.set('t', threadId)
  if (turnId) params.set('turn', turnId)
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** Opens what the address names, keeps the address true, and lets the back button work. */
export function bindLocation(store: WorkbenchStore, page: Window): void {
  let leading = false
  const follow = () => {
    const { workspaces, openWorkspace, openThread, showTurn } = store.getState()
    const place = parsePlace(page.location.search)
    const workspace = workspaces.find(({ id }) => id === place.workspaceId) ?? workspaces[0]
    if (!workspace) return
    leading = true
    openWorkspace(workspace.id, place.workspaceId === workspace.id ? place.threadId : undefined)
    if (!place.threadId && place.workspaceId) openThread(undefined)
    showTurn(place.turnId)
    leading = false
  }
  page.addEventListener('popstate', follow)
  store.subscribe((state, before) => {
    if (state.workspaces !== before.workspaces && !state.workspaceId) follow()
    if (leading || (state.workspaceId === before.workspaceId && state.threadId === before.threadId)) return
    const search = toSearch(state)
    if (search === page.location.search) return
    // What the page chose by itself, or a thread getting its name, is no step to go back from.
    const chosenByPage = !parsePlace(page.location.search).workspaceId || before.threadId === undefined
    const url = `${page.location.pathname}${search}`
    if (chosenByPage) page.history.replaceState(null, '', url)
    else page.history.pushState(null, '', url)
  })
}
