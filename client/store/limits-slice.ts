import type { ThreadId } from '../../core/protocol/ids.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import { type ModelDescription, type Tier, tierId } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { UsageSum } from '../../core/protocol/usage.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { currentModel, may, runningTurn } from './selectors.ts'
import type { SliceTools } from './slice.ts'

/** Another way to have a turn answered: a tier where there are any, and models. */
export interface OtherModel {
  /** What is chosen: a tier or a model. */
  readonly chosen: string
  /** Who would answer. */
  readonly modelId: string
}

/** What is left of the thread's model, and going to another instead of waiting. */
export interface LimitsSlice {
  /** Of the thread in view, when it was asked for last; `failed`: the server gave none. */
  readonly poolView: ResultOf<'thread/limits'> | 'failed' | undefined
  /** What models took today. */
  readonly usageToday: readonly UsageSum[]
  loadLimits(): Promise<void>
  /** The turn that waits is answered by another model. */
  switchModel(modelId: string): void
}

type Needs = LimitsSlice &
  Pick<NoticeSlice, 'notifyFailure'> &
  Parameters<typeof may>[0] &
  Parameters<typeof currentModel>[0] & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
    readonly models: readonly ModelDescription[]
    readonly tiers: readonly Tier[]
  }

const mostOthers = 5

export function createLimitsSlice({ get, set, deps }: SliceTools<Needs>): LimitsSlice {
  const { connection } = deps
  return {
    poolView: undefined,
    usageToday: [],
    async loadLimits() {
      const { threadId } = get()
      if (!threadId) return set({ poolView: undefined })
      const others = otherModels(get()).map(({ modelId }) => modelId)
      const today = new Date(deps.clock.now()).setHours(0, 0, 0, 0)
      const [poolView, used] = await Promise.all([
        connection.request('thread/limits', { threadId, others }).catch(() => 'failed' as const),
        may(get(), 'usage/read')
          ? connection.request('usage/read', { since: today }).catch(() => undefined)
          : undefined,
      ])
      // The person may be in another thread by then.
      if (get().threadId === threadId) set({ poolView, ...(used && { usageToday: used.sums }) })
    },
    switchModel(modelId) {
      const { threadId, notifyFailure } = get()
      const expectedTurnId = runningTurn(get())?.id
      if (!threadId || !expectedTurnId) return
      connection.request('turn/switch', { threadId, expectedTurnId, modelId }).catch(notifyFailure)
    },
  }
}

/** Tiers first, then models that are ready; none twice, and not the one that is asked now. */
export function otherModels(state: Pick<Needs, 'models' | 'tiers'> & Parameters<typeof currentModel>[0]) {
  const present = runningTurn(state)?.modelId ?? currentModel(state)?.id
  const tiers = state.tiers
    .filter(({ configured }) => configured)
    .map(({ name, current }): OtherModel => ({ chosen: tierId(name), modelId: current }))
  const models = state.models
    .filter(({ status, kind }) => status === 'ready' && kind === 'language')
    .map(({ id }): OtherModel => ({ chosen: id, modelId: id }))
  const seen = new Set([present])
  return [...tiers, ...models]
    .filter(({ modelId }) => {
      const isNew = !seen.has(modelId)
      seen.add(modelId)
      return isNew
    })
    .slice(0, mostOthers)
}
