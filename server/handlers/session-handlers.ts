import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import { protocolVersion } from '../../core/protocol/version.ts'
import type { Hub } from '../relay/hub.ts'
import type { Handlers } from '../relay/router.ts'
import type { ModelCatalogue } from '../runtime/model-catalogue.ts'
import type { Threads } from '../runtime/threads.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface Deps {
  readonly hub: Hub
  readonly clock: Clock
  readonly threads: Threads
  readonly models: ModelCatalogue
  readonly workspaces: readonly Workspace[]
}

type SessionMethod = 'session/open' | 'session/ping' | 'topic/subscribe' | 'topic/unsubscribe' | 'model/list'

export function createSessionHandlers(deps: Deps): Pick<Handlers, SessionMethod> {
  const { hub, clock, threads, models, workspaces } = deps

  async function offered() {
    return { models: [...(await models.list())], defaultModelId: await models.defaultModelId() }
  }

  return {
    async 'session/open'({ protocol }, { session }) {
      if (protocol !== protocolVersion) {
        throw new RequestError(
          'protocolMismatch',
          'This page is of another version than the server; reload it.',
        )
      }
      const summaries = await Promise.all(
        workspaces.map(async (workspace) => {
          const branch = await workspace.branch().catch(() => undefined)
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
      }
    },

    'session/ping': () => ({ at: clock.now() }),

    async 'topic/subscribe'(params, { session }) {
      const { topic } = params
      if (topic.startsWith('thread:')) await threads.get(threadIdSchema.parse(topic.slice('thread:'.length)))
      if (!hub.isOpen(topic)) throw new RequestError('notFound', 'There is no such topic.')
      if (session.closed) throw new RequestError('busy', 'The session was closed meanwhile.')
      return hub.subscribe(session.outbox, params)
    },

    'topic/unsubscribe'({ topic }, { session }) {
      hub.unsubscribe(session.outbox, topic)
      return {}
    },

    'model/list': offered,
  }
}
