import type { DeepWork } from '../../core/protocol/check.ts'
import type { ModelDescription, Tier } from '../../core/protocol/model.ts'
import type { GuestPass } from '../../core/protocol/share.ts'
import type { Speculation } from '../../core/protocol/speculation.ts'
import type { WorkspaceSummary } from '../../core/protocol/workspace.ts'
import { noDeepWork } from '../../core/state/checks.ts'
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
  /** Of threads that nobody has set otherwise. */
  readonly deepWork: DeepWork
  /** What the server sends ahead of prompts unless a person wants it otherwise. */
  readonly serverSpeculation: Speculation
  /** The server runs commands without a sandbox. */
  readonly unsafeCommands: boolean
  /** The server's disk takes nothing at present. */
  readonly storeRefuses: boolean
  /** Branches of jobs can be pushed, and pull requests opened. */
  readonly pullRequests: boolean
  /** Set for who came by a link: what it is for. */
  readonly guest: GuestPass | undefined
  /** Asks what models and tiers are like now. */
  refreshModels(): void
  noteStore(isRefusing: boolean): void
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
    deepWork: noDeepWork,
    serverSpeculation: 'off',
    unsafeCommands: false,
    storeRefuses: false,
    pullRequests: false,
    guest: undefined,
    refreshModels() {
      // What was known before stays good enough.
      deps.connection.request('model/list', {}).then(set, () => {})
    },
    noteStore: (storeRefuses) => set({ storeRefuses }),
    connect: () =>
      deps.connection.onStatus((status, session) => {
        if (status === 'open' && session) {
          const { epoch, workspaces, models, defaultModelId, tiers, deep: deepWork, guest } = session
          const unsafeCommands = session.unsafeCommands === true
          const pullRequests = session.pullRequests === true
          const storeRefuses = session.storeRefuses === true
          const offered = { models, defaultModelId, tiers, deepWork, serverSpeculation: session.speculation }
          set({ status, epoch, workspaces, ...offered, unsafeCommands, storeRefuses, pullRequests, guest })
        } else set({ status })
      }),
  }
}
