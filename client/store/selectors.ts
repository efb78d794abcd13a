import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Measurement, Mode, Turn } from '../../core/protocol/turn.ts'
import type { WorkspaceSummary } from '../../core/protocol/workspace.ts'
import type { ConnectionSlice } from './connection-slice.ts'
import type { ThreadSlice } from './thread-slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

type InThread = { readonly thread: ThreadState | undefined }

export function isRunning(turn: Turn): boolean {
  return turn.status === 'running' || turn.status === 'retrying'
}

/** Turns run one at a time, the last. */
export function runningTurn({ thread }: InThread): Turn | undefined {
  const last = thread?.turns.at(-1)
  return last && isRunning(last) ? last : undefined
}

export function lastMeasurement({ thread }: InThread): Measurement | undefined {
  return thread?.turns.findLast((turn) => turn.measurement)?.measurement
}

export function currentModel(
  state: InThread &
    Pick<ConnectionSlice, 'models' | 'defaultModelId'> &
    Pick<ThreadSlice, 'nextModelId' | 'threadId'>,
): ModelDescription | undefined {
  const id = state.thread?.modelId ?? state.nextModelId ?? state.defaultModelId
  return state.models.find((model) => model.id === id)
}

export function currentMode(state: InThread & Pick<ThreadSlice, 'nextMode'>): Mode {
  return state.thread?.mode ?? state.nextMode
}

export function currentWorkspace(
  state: Pick<ConnectionSlice, 'workspaces'> & Pick<WorkspaceSlice, 'workspaceId'>,
): WorkspaceSummary | undefined {
  return state.workspaces.find(({ id }) => id === state.workspaceId)
}
