import type { DeepWork } from '../../core/protocol/check.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { QueueId } from '../../core/protocol/queue.ts'
import type { GuestMark } from '../../core/protocol/share.ts'
import { type Speculation, speculation as speculationOf } from '../../core/protocol/speculation.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { guestEvent, guestThread } from '../../core/state/guest-view.ts'
import { sharedWith } from '../access/access-check.ts'
import { guestContext } from '../access/guest-prompt.ts'
import type { People } from '../relay/people.ts'
import type { Handlers } from '../relay/router.ts'
import type { Session } from '../relay/session.ts'
import type { ModelCatalogue } from '../runtime/model-catalogue.ts'
import type { Threads } from '../runtime/threads.ts'

type ThreadMethod =
  | 'thread/create'
  | 'thread/rename'
  | 'thread/pin'
  | 'thread/archive'
  | 'thread/read'
  | 'thread/history'
  | 'thread/search'
  | 'thread/configure'
  | 'thread/warm'
  | 'workspace/warm'
  | 'prompt/preview'
  | 'thread/inspect'
  | 'turn/start'
  | 'turn/redirect'
  | 'turn/steer'
  | 'turn/pause'
  | 'turn/unpause'
  | 'turn/interrupt'
  | 'turn/switch'
  | 'thread/limits'
  | 'edit/decide'
  | 'queue/add'
  | 'queue/edit'
  | 'queue/move'
  | 'queue/remove'
  | 'queue/resume'
  | 'review/keep'
  | 'review/undo'
  | 'review/takeBack'
  | 'thread/rewindPreview'
  | 'thread/rewind'
  | 'thread/unrewind'
  | 'thread/window'
  | 'thread/compact'
  | 'thread/stopCompact'
  | 'thread/uncompact'
  | 'message/pin'
  | 'thread/fork'
  | 'turn/rerun'
  | 'turn/resume'
  | 'turn/compare'
  | 'turn/check'
  | 'turn/stopCheck'
  | 'turn/undo'
  | 'turn/redo'

export function createThreadHandlers(deps: {
  threads: Threads
  models: ModelCatalogue
  people: People
  /** A link to it works. */
  isShared: (threadId: ThreadId) => boolean
  /** What is sent ahead of prompts. */
  speculation: Speculation
  /** Of new threads. */
  deep: DeepWork
  /** The disk takes nothing at present. */
  storeRefuses: () => boolean
}): Pick<Handlers, ThreadMethod> {
  const { threads, models, people, isShared, speculation } = deps

  /** A guest's prompt says so, and brings nothing along that is not shared with them. */
  async function asked(given: PromptContext, { actor, id }: Session) {
    const shared = await sharedWith(threads, actor)
    if (actor.kind === 'owner' || !shared) return { context: given }
    const guest: GuestMark = { linkId: actor.pass.linkId, name: people.nameOf(id) ?? 'Guest' }
    return { context: guestContext(given, shared), guest }
  }

  /** Guests change their own prompts only: another's would run with what its author may see. */
  function checkOwn({ actor }: Session, { queue = [] }: ThreadState, id: QueueId): void {
    const entry = queue.find((other) => other.id === id)
    if (actor.kind === 'owner' || !entry || entry.guest?.linkId === actor.pass.linkId) return
    throw new RequestError('forbidden', 'That prompt is not yours; only its author can change it.')
  }

  return {
    async 'thread/create'({ workspaceId, modelId, mode, inline, deep = deps.deep }) {
      const chosen = modelId ?? (await models.defaultModelId())
      await models.resolve(chosen)
      const created = { workspaceId, modelId: chosen, mode: mode ?? 'live', inline, deep } as const
      return { threadId: await threads.create(created) }
    },
    async 'thread/rename'({ threadId, title }) {
      const runtime = await threads.get(threadId)
      await runtime.rename(title)
      return {}
    },
    async 'thread/pin'({ threadId, pinned }) {
      await threads.mark(threadId, { pinned })
      return {}
    },
    async 'thread/archive'({ threadId, archived }) {
      await threads.mark(threadId, { archived })
      return {}
    },
    async 'thread/search'({ workspaceId, query }) {
      return { hits: await threads.search(workspaceId, query) }
    },
    async 'thread/read'({ threadId }, { session }) {
      const thread = (await threads.get(threadId)).state()
      return { thread: session.actor.kind === 'guest' ? guestThread(thread) : thread }
    },
    async 'thread/history'(page, { session }) {
      const history = await threads.history(page)
      if (session.actor.kind === 'owner') return history
      const thread = (await threads.get(page.threadId)).state()
      const rows = history.rows.flatMap((row) => {
        const event = guestEvent(row.event, thread)
        return event ? [{ ...row, event }] : []
      })
      return { ...history, rows }
    },
    async 'thread/configure'({ threadId, ...change }) {
      const runtime = await threads.get(threadId)
      await runtime.configure(change)
      return {}
    },
    async 'thread/warm'({ threadId, how, context }, { session }) {
      const runtime = await threads.get(threadId)
      // Guests cost their host nothing they do not see, and what is shared is sent when somebody asks.
      const most = isShared(threadId) || session.actor.kind === 'guest' ? 'connection' : 'prefill'
      await runtime.requests.warm((model) => {
        const allowed = speculationOf(how, speculation, model)
        return allowed === 'prefill' ? most : allowed
      }, context ?? { openPaths: [] })
      return {}
    },
    async 'workspace/warm'({ modelId }) {
      if (speculation !== 'off') await models.prepare(modelId ?? (await models.defaultModelId()))
      return {}
    },
    'prompt/preview': ({ workspaceId, threadId, text, context }) =>
      threads.preview({ workspaceId, threadId, text, context }),
    async 'thread/inspect'({ threadId, turnId }) {
      const runtime = await threads.get(threadId)
      return runtime.requests.inspect(turnId)
    },
    async 'turn/start'({ threadId, text, context: given }, { receivedAt, session }) {
      // A model would answer what is then said to be lost.
      if (deps.storeRefuses()) throw new RequestError('storageFailed', 'The disk takes nothing at present.')
      const runtime = await threads.get(threadId)
      const { context, guest } = await asked(given, session)
      return { turnId: await runtime.start(text, context, receivedAt, guest) }
    },
    async 'turn/redirect'({ threadId, expectedTurnId, text, context }, { receivedAt, session }) {
      const runtime = await threads.get(threadId)
      await runtime.control.redirect(expectedTurnId, { text, ...(await asked(context, session)) }, receivedAt)
      return {}
    },
    async 'turn/steer'({ threadId, expectedTurnId, id, text, context: given }, { session }) {
      const runtime = await threads.get(threadId)
      const said = await asked(given, session)
      await runtime.control.steer(expectedTurnId, { id, text, ...said })
      return {}
    },
    async 'turn/pause'({ threadId, expectedTurnId }) {
      const runtime = await threads.get(threadId)
      runtime.control.pause(expectedTurnId)
      return {}
    },
    async 'turn/unpause'({ threadId, expectedTurnId }) {
      const runtime = await threads.get(threadId)
      runtime.control.unpause(expectedTurnId)
      return {}
    },
    async 'turn/interrupt'({ threadId, expectedTurnId }) {
      const runtime = await threads.get(threadId)
      runtime.control.interrupt(expectedTurnId)
      return {}
    },
    async 'edit/decide'({ threadId, hunkId, decision }) {
      const runtime = await threads.get(threadId)
      return { decided: runtime.control.decideHunk(hunkId, decision) }
    },
    async 'queue/add'({ threadId, id, text, context, at }, { session }) {
      const { queue } = await threads.get(threadId)
      const prompt = { id, text, ...(await asked(context, session)) }
      await queue.change({ type: 'add', prompt, ...(at !== undefined && !prompt.guest && { at }) })
      return {}
    },
    async 'queue/edit'({ threadId, id, text }, { session }) {
      const runtime = await threads.get(threadId)
      checkOwn(session, runtime.state(), id)
      await runtime.queue.change({ type: 'edit', id, text })
      return {}
    },
    async 'queue/move'({ threadId, id, to }, { session }) {
      const runtime = await threads.get(threadId)
      checkOwn(session, runtime.state(), id)
      await runtime.queue.change({ type: 'move', id, to })
      return {}
    },
    async 'queue/remove'({ threadId, id }, { session }) {
      const runtime = await threads.get(threadId)
      checkOwn(session, runtime.state(), id)
      await runtime.queue.change({ type: 'remove', id })
      return {}
    },
    async 'queue/resume'({ threadId }) {
      const { queue } = await threads.get(threadId)
      await queue.resume()
      return {}
    },
    async 'review/keep'({ threadId, hunkIds }) {
      const runtime = await threads.get(threadId)
      return runtime.reverts.keep(hunkIds)
    },
    async 'review/undo'({ threadId, hunkIds }) {
      const runtime = await threads.get(threadId)
      return runtime.reverts.undo(hunkIds)
    },
    async 'review/takeBack'({ threadId, hunkIds }) {
      const runtime = await threads.get(threadId)
      return runtime.reverts.takeBack(hunkIds)
    },
    async 'thread/rewindPreview'({ threadId, turnId }) {
      const { reverts } = await threads.get(threadId)
      return reverts.previewRewind(turnId)
    },
    async 'thread/rewind'({ threadId, turnId, what }) {
      const runtime = await threads.get(threadId)
      return runtime.rewind(turnId, what)
    },
    async 'thread/unrewind'({ threadId, rewindId }) {
      const runtime = await threads.get(threadId)
      return runtime.unrewind(rewindId)
    },
    async 'turn/rerun'({ threadId, turnId, text, what }, { receivedAt }) {
      const runtime = await threads.get(threadId)
      return runtime.rerun({ turnId, text, what }, receivedAt)
    },
    async 'turn/switch'({ threadId, expectedTurnId, modelId }) {
      const runtime = await threads.get(threadId)
      await runtime.control.switchModel(expectedTurnId, modelId)
      return {}
    },
    async 'thread/limits'({ threadId, others }) {
      const runtime = await threads.get(threadId)
      return runtime.requests.limits(others)
    },
    async 'thread/window'({ threadId }) {
      const runtime = await threads.get(threadId)
      return runtime.requests.windowUse()
    },
    async 'thread/compact'({ threadId }) {
      const { compactor } = await threads.get(threadId)
      await compactor.request()
      return {}
    },
    async 'thread/stopCompact'({ threadId }) {
      const { compactor } = await threads.get(threadId)
      await compactor.stop()
      return {}
    },
    async 'thread/uncompact'({ threadId, compactionId }) {
      const { compactor } = await threads.get(threadId)
      await compactor.undo(compactionId)
      return {}
    },
    async 'message/pin'({ threadId, itemId, pinned }) {
      const runtime = await threads.get(threadId)
      await runtime.compactor.pin(itemId, pinned)
      return {}
    },
    async 'thread/fork'({ threadId, throughTurnId, title }) {
      return { threadId: await threads.fork(threadId, throughTurnId, title) }
    },
    async 'turn/resume'({ threadId, turnId }, { receivedAt }) {
      const runtime = await threads.get(threadId)
      await runtime.resume(turnId, receivedAt)
      return {}
    },
    async 'turn/compare'({ threadId, turnId }) {
      const runtime = await threads.get(threadId)
      await runtime.requests.compare(turnId)
      return {}
    },
    async 'turn/check'({ threadId, turnId }) {
      const { checks } = await threads.get(threadId)
      await checks.request(turnId)
      return {}
    },
    async 'turn/stopCheck'({ threadId, turnId }) {
      const { checks } = await threads.get(threadId)
      await checks.stop(turnId)
      return {}
    },
    async 'turn/undo'({ threadId, turnId }) {
      const runtime = await threads.get(threadId)
      return runtime.reverts.revert(turnId, 'undo')
    },
    async 'turn/redo'({ threadId, turnId }) {
      const runtime = await threads.get(threadId)
      return runtime.reverts.revert(turnId, 'redo')
    },
  }
}
