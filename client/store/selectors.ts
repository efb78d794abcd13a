import { type Action, roleMay } from '../../core/protocol/access.ts'
import type { DeepWork } from '../../core/protocol/check.ts'
import type { HunkId, TurnId } from '../../core/protocol/ids.ts'
import { type ModelDescription, type Tier, tierNameOf } from '../../core/protocol/model.ts'
import type { GuestPass } from '../../core/protocol/share.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Measurement, Mode, Turn } from '../../core/protocol/turn.ts'
import type { WorkspaceSummary } from '../../core/protocol/workspace.ts'
import { noDeepWork } from '../../core/state/checks.ts'
import { unreviewedIn } from '../../core/state/review.ts'

// Selectors name the facts they read, not the slices these live in, so that slices may use selectors.
type InThread = { readonly thread: ThreadState | undefined }
type InThreads = InThread & { readonly inlineThreads: readonly ThreadState[] }

/** Whether this person may do that; guests may what their link allows. */
export function may({ guest }: { readonly guest: GuestPass | undefined }, action: Action): boolean {
  return roleMay(guest?.role ?? 'owner', action)
}

export function isRunning(turn: Turn): boolean {
  return turn.status === 'running' || turn.status === 'retrying'
}

/** Turns run one at a time, the last. */
export function runningTurn({ thread }: InThread): Turn | undefined {
  const last = thread?.turns.at(-1)
  return last && isRunning(last) ? last : undefined
}

/** Also when the server has only been asked to. */
export function isPaused(state: InThread & { readonly pauseAsked: TurnId | undefined }): boolean {
  const turn = runningTurn(state)
  return turn !== undefined && (turn.paused === true || turn.id === state.pauseAsked)
}

/** Where the model writes for this person: edits in place, and the thread in view. */
export function threadsAtWork({ thread, inlineThreads }: InThreads): readonly ThreadState[] {
  return thread ? [...inlineThreads.filter(({ id }) => id !== thread.id), thread] : inlineThreads
}

/** The thread a hunk was written in: its id begins with its turn's. */
export function threadOfHunk(state: InThreads, id: HunkId): ThreadState | undefined {
  const turnId = id.slice(0, id.indexOf('.'))
  return threadsAtWork(state).find(({ turns }) => turns.some((turn) => turn.id === turnId))
}

export function unreviewedOf(state: InThreads, path?: string): readonly HunkId[] {
  return threadsAtWork(state).flatMap((thread) => unreviewedIn(thread, path))
}

export function lastMeasurement({ thread }: InThread): Measurement | undefined {
  return thread?.turns.findLast((turn) => turn.measurement)?.measurement
}

/** A model or a tier. */
export function chosenModelId(
  state: InThread & { readonly defaultModelId: string; readonly nextModelId: string | undefined },
): string {
  return state.thread?.modelId ?? state.nextModelId ?? state.defaultModelId
}

/** Who would answer now. */
export function currentModel(
  state: Parameters<typeof chosenModelId>[0] & {
    readonly models: readonly ModelDescription[]
    readonly tiers: readonly Tier[]
  },
): ModelDescription | undefined {
  const chosen = chosenModelId(state)
  const tierName = tierNameOf(chosen)
  const id = tierName ? state.tiers.find(({ name }) => name === tierName)?.current : chosen
  return state.models.find((model) => model.id === id)
}

/** As people know it, also when it is offered no more. */
export function modelName({ models }: { readonly models: readonly ModelDescription[] }, id: string): string {
  return models.find((model) => model.id === id)?.name ?? id.slice(id.indexOf('/') + 1)
}

export function currentMode(state: InThread & { readonly nextMode: Mode }): Mode {
  return state.thread?.mode ?? state.nextMode
}

/** What the deep tier does besides, in the thread in view or the next one. */
export function currentDeepWork(
  state: InThread & { readonly nextDeepWork: DeepWork | undefined; readonly deepWork: DeepWork },
): DeepWork {
  if (state.thread) return state.thread.deep ?? noDeepWork
  return state.nextDeepWork ?? state.deepWork
}

export function currentWorkspace(state: {
  readonly workspaces: readonly WorkspaceSummary[]
  readonly workspaceId: string | undefined
}): WorkspaceSummary | undefined {
  return state.workspaces.find(({ id }) => id === state.workspaceId)
}

export function isPreviewOpen(
  state: Parameters<typeof currentWorkspace>[0] &
    Parameters<typeof may>[0] & { readonly previewOpen: boolean | null },
): boolean {
  if (!may(state, 'preview/open')) return false
  return state.previewOpen ?? currentWorkspace(state)?.sample ?? false
}

/** What becomes of words said while a turn runs: it goes on from them, takes them along, or is finished before them. */
export type SendWay = 'redirect' | 'steer' | 'queue'

const ways: Readonly<Record<Mode, SendWay>> = { live: 'redirect', plan: 'queue', background: 'steer' }

/** What Enter does while a turn runs: in Live one corrects, in Plan one thinks ahead, to a job one adds. */
export function whileRunning(
  state: Parameters<typeof currentMode>[0] & { readonly whileRunning: SendWay | null },
): SendWay {
  return state.whileRunning ?? ways[currentMode(state)]
}

/** `other`: not what the button says, but the opposite. */
export function howToSend(
  state: Parameters<typeof whileRunning>[0] & Parameters<typeof isPaused>[0] & { readonly goOnFrom: unknown },
  other: boolean,
): SendWay {
  if (!runningTurn(state)) return 'redirect'
  // Who holds the turn up, or points at a place, wants it to go on from there.
  const way = isPaused(state) || state.goOnFrom ? 'redirect' : whileRunning(state)
  if (!other) return way
  return way === 'redirect' ? 'queue' : 'redirect'
}
