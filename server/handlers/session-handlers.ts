import type { Clock } from '../../core/lib/clock.ts'
import type { DeepWork } from '../../core/protocol/check.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import type { Speculation } from '../../core/protocol/speculation.ts'
import { protocolVersion } from '../../core/protocol/version.ts'
import { sharedPaths } from '../../core/state/guest-view.ts'
import type { Actor } from '../access/actor.ts'
import { guestThreadView, guestWorkspaceView } from '../access/guest-topics.ts'
import { pageThreadView } from '../access/page-topic.ts'
import type { Hub, TopicView } from '../relay/hub.ts'
import type { Handlers } from '../relay/router.ts'
import type { ModelCatalogue } from '../runtime/model-catalogue.ts'
import type { Threads } from '../runtime/threads.ts'
import type { SandboxKind } from '../sandbox/runner.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface Deps {
  readonly hub: Hub
  readonly clock: Clock
  readonly threads: Threads
  readonly models: ModelCatalogue
  readonly workspaces: readonly Workspace[]
  readonly sandbox: SandboxKind
  /** The disk takes nothing at present. */
  readonly storeRefuses: () => boolean
  /** Branches of jobs can be pushed somewhere. */
  readonly pullRequests: boolean
  /** Of new threads. */
  readonly deep: DeepWork
  readonly speculation: Speculation
}

type SessionMethod = 'session/open' | 'session/ping' | 'topic/subscribe' | 'topic/unsubscribe' | 'model/list'

export function createSessionHandlers(deps: Deps): Pick<Handlers, SessionMethod> {
  const { hub, clock, threads, models, workspaces, sandbox, storeRefuses, pullRequests, deep, speculation } =
    deps

  async function offered() {
    const list = await models.list()
    const [defaultModelId, tiers] = await Promise.all([models.defaultModelId(), models.tiers()])
    return { models: [...list], defaultModelId, tiers: [...tiers] }
  }

  /** How a topic looks to who follows it. */
  async function viewOf(topic: string, actor: Actor): Promise<TopicView | undefined> {
    const isThread = topic.startsWith('thread:')
    if (actor.kind === 'owner') return isThread ? pageThreadView : undefined
    if (isThread) return guestThreadView
    const { threadId } = actor.pass
    const thread = await threads.get(threadId)
    return guestWorkspaceView(threadId, () => sharedPaths(thread.state()))
  }

  return {
    async 'session/open'({ protocol }, { session }) {
      if (protocol !== protocolVersion) {
        throw new RequestError(
          'protocolMismatch',
          'This page is of another version than the server; reload it.',
        )
      }
      const { actor } = session
      const pass = actor.kind === 'guest' ? actor.pass : undefined
      const summaries = await Promise.all(
        workspaces
          .filter(({ id }) => !pass || id === pass.workspaceId)
          .map(async (workspace) => {
            const branch = pass ? undefined : await workspace.branch().catch(() => undefined)
            const { id, name, sample } = workspace
            return { id, name, sample, ...(branch !== undefined && { branch }) }
          }),
      )
      if (!session.opened) session.onClose(() => hub.leave(session.outbox))
      session.opened = true
      const { epoch } = hub
      return {
        protocol: protocolVersion,
        epoch,
        sessionId: session.id,
        workspaces: summaries,
        ...(await offered()),
        deep,
        speculation,
        ...(sandbox === 'unsafe-none' && { unsafeCommands: true as const }),
        ...(storeRefuses() && { storeRefuses: true as const }),
        ...(pullRequests && !pass && { pullRequests: true as const }),
        ...(pass && { guest: pass }),
      }
    },

    'session/ping': () => ({ at: clock.now(), clock: clock.monotonic() }),

    async 'topic/subscribe'(params, { session }) {
      const { topic } = params
      if (topic.startsWith('thread:')) await threads.get(threadIdSchema.parse(topic.slice('thread:'.length)))
      const view = await viewOf(topic, session.actor)
      if (!hub.isOpen(topic)) throw new RequestError('notFound', 'There is no such topic.')
      if (session.closed) throw new RequestError('busy', 'The session was closed meanwhile.')
      return hub.subscribe(session.outbox, params, view)
    },

    'topic/unsubscribe'({ topic }, { session }) {
      hub.unsubscribe(session.outbox, topic)
      return {}
    },

    'model/list': offered,
  }
}
