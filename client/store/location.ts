import { z } from 'zod'
import {
  jobIdSchema,
  seqSchema,
  type ThreadId,
  type TurnId,
  threadIdSchema,
  turnIdSchema,
  type WorkspaceId,
  workspaceIdSchema,
} from '../../core/protocol/ids.ts'
import type { ComparedPair } from './jobs-slice.ts'
import type { WorkbenchStore } from './store.ts'

/**
 * Where a link points: `/?w=wsp_…&t=thr_…&turn=trn_…`, into a replay: `/?w=wsp_…&thread=thr_…&t=SEQ`, or to what is
 * between two candidates: `/?w=wsp_…&compare=job_….job_…`.
 */
export interface Place {
  readonly workspaceId: WorkspaceId | undefined
  readonly threadId: ThreadId | undefined
  readonly turnId?: TurnId | undefined
  /** The row of the thread's log that is shown. */
  readonly seq?: number | undefined
  readonly compared?: ComparedPair | undefined
}

const pairSchema = z.tuple([jobIdSchema, jobIdSchema])

export function parsePlace(search: string): Place {
  const params = new URLSearchParams(search)
  return {
    workspaceId: workspaceIdSchema.safeParse(params.get('w')).data,
    threadId: threadIdSchema.safeParse(params.get('thread') ?? params.get('t')).data,
    seq: z.coerce
      .number()
      .pipe(seqSchema)
      .safeParse(params.get('t') ?? undefined).data,
    turnId: turnIdSchema.safeParse(params.get('turn')).data,
    compared: pairSchema.safeParse(params.get('compare')?.split('.')).data,
  }
}

export function toSearch({ workspaceId, threadId, turnId, seq, compared }: Place): string {
  const params = new URLSearchParams()
  if (workspaceId) params.set('w', workspaceId)
  if (threadId) params.set(seq === undefined ? 't' : 'thread', threadId)
  if (seq !== undefined) params.set('t', String(seq))
  if (turnId) params.set('turn', turnId)
  if (compared) params.set('compare', compared.join('.'))
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** Opens what the address names, keeps the address true, and lets the back button work. */
export function bindLocation(store: WorkbenchStore, page: Window): void {
  let leading = false
  const follow = () => {
    const { workspaces, compared, ...act } = store.getState()
    const { openWorkspace, openThread, showTurn, openReplay, closeReplay } = act
    const { compareCandidates, closePatch, closeCandidates } = act
    const place = parsePlace(page.location.search)
    const workspace = workspaces.find(({ id }) => id === place.workspaceId) ?? workspaces[0]
    if (!workspace) return
    leading = true
    openWorkspace(workspace.id, place.workspaceId === workspace.id ? place.threadId : undefined)
    if (!place.threadId && place.workspaceId) openThread(undefined)
    showTurn(place.turnId)
    if (place.seq === undefined) closeReplay()
    else openReplay(place.seq)
    if (place.compared) void compareCandidates(place.compared)
    else if (compared) {
      closePatch()
      closeCandidates()
    }
    leading = false
  }
  page.addEventListener('popstate', follow)
  store.subscribe((state, before) => {
    if (state.workspaces !== before.workspaces && !state.workspaceId) follow()
    const isThere =
      state.workspaceId === before.workspaceId &&
      state.threadId === before.threadId &&
      state.compared === before.compared &&
      (state.replay !== undefined || before.replay === undefined)
    if (leading || isThere) return
    const search = toSearch(state)
    if (search === page.location.search) return
    // What the page chose by itself, or a thread getting its name, is no step to go back from.
    const isFirst = before.threadId === undefined && state.compared === before.compared
    const chosenByPage = !parsePlace(page.location.search).workspaceId || isFirst
    const url = `${page.location.pathname}${search}`
    if (chosenByPage) page.history.replaceState(null, '', url)
    else page.history.pushState(null, '', url)
  })
}
