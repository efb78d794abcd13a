import type { ModelDescription, Tier } from '../../core/protocol/model.ts'
import type { GuestPass } from '../../core/protocol/share.ts'
import type { WorkspaceSummary } from '../../core/protocol/workspace.ts'
import type { ConnectionStatus } from '../connection/connection.ts'
import type { SliceTools } from './slice.ts'

/** The socket's state and what the server said when it opened. */
export interface ConnectionSlice {
  readonly status: ConnectionStatus
  /** Names this start of the server; `undefined` until the first open. */
  readonly epoch: string | undefined
  readonly workspaces: readonly WorkspaceSummary[]
  readonly models: readonly ModelDescription[]
  readonly defaultModelId: string
  readonly tiers: readonly Tier[]
  /** The server runs commands without a sandbox. */
  readonly unsafeCommands: boolean
  /** Set for who came by a link: what it is for. */
  readonly guest: GuestPass | undefined
  /** Asks what models and tiers are like now. */
  refreshModels(): void
  /** Starts following the connection. Returns what ends it. */
  connect(): () => void
}

export function createConnectionSlice({ set, deps }: SliceTools<ConnectionSlice>): ConnectionSlice {
  return {
    status: 'connecting',
    epoch: undefined,
    workspaces: [],
    models: [],
    defaultModelId: '',
    tiers: [],
    unsafeCommands: false,
    guest: undefined,
    refreshModels() {
      // What was known before stays good enough.
      deps.connection.request('model/list', {}).then(set, () => {})
    },
    connect: () =>
      deps.connection.onStatus((status, session) => {
        if (status === 'open' && session) {
          const { epoch, workspaces, models, defaultModelId, tiers, guest } = session
          const unsafeCommands = session.unsafeCommands === true
          set({ status, epoch, workspaces, models, defaultModelId, tiers, unsafeCommands, guest })
        } else set({ status })
      }),
  }
}
