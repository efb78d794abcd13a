import type { Handlers } from '../relay/router.ts'
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
  | 'prompt/preview'
  | 'thread/inspect'
  | 'turn/start'
  | 'turn/redirect'
  | 'turn/steer'
  | 'turn/pause'
  | 'turn/unpause'
  | 'turn/interrupt'
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
  | 'thread/fork'
  | 'turn/rerun'
  | 'turn/resume'
  | 'turn/undo'
  | 'turn/redo'

export function createThreadHandlers(deps: {
  threads: Threads
  models: ModelCatalogue
}): Pick<Handlers, ThreadMethod> {
  const { threads, models } = deps
  return {
    async 'thread/create'({ workspaceId, modelId, mode, inline }) {
      const chosen = modelId ?? (await models.defaultModelId())
      await models.resolve(chosen)
      const created = { workspaceId, modelId: chosen, mode: mode ?? 'live', inline } as const
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
    async 'thread/read'({ threadId }) {
      const runtime = await threads.get(threadId)
      return { thread: runtime.state() }
    },
    'thread/history': (page) => threads.history(page),
    async 'thread/configure'({ threadId, modelId, mode }) {
      const runtime = await threads.get(threadId)
      await runtime.configure({ modelId, mode })
      return {}
    },
    async 'thread/warm'({ threadId }) {
      const runtime = await threads.get(threadId)
      await runtime.warm()
      return {}
    },
    'prompt/preview': ({ workspaceId, threadId, text, context }) =>
      threads.preview({ workspaceId, threadId, text, context }),
    async 'thread/inspect'({ threadId, turnId }) {
      const runtime = await threads.get(threadId)
      return runtime.inspect(turnId)
    },
    async 'turn/start'({ threadId, text, context }, { receivedAt }) {
      const runtime = await threads.get(threadId)
      return { turnId: await runtime.start(text, context, receivedAt) }
    },
    async 'turn/redirect'({ threadId, expectedTurnId, text, context }) {
      const runtime = await threads.get(threadId)
      await runtime.redirect(expectedTurnId, text, context)
      return {}
    },
    async 'turn/steer'({ threadId, expectedTurnId, id, text, context }) {
      const runtime = await threads.get(threadId)
      await runtime.steer(expectedTurnId, { id, text, context })
      return {}
    },
    async 'turn/pause'({ threadId, expectedTurnId }) {
      const runtime = await threads.get(threadId)
      runtime.pause(expectedTurnId)
      return {}
    },
    async 'turn/unpause'({ threadId, expectedTurnId }) {
      const runtime = await threads.get(threadId)
      runtime.unpause(expectedTurnId)
      return {}
    },
    async 'turn/interrupt'({ threadId, expectedTurnId }) {
      const runtime = await threads.get(threadId)
      runtime.interrupt(expectedTurnId)
      return {}
    },
    async 'edit/decide'({ threadId, hunkId, decision }) {
      const runtime = await threads.get(threadId)
      return { decided: runtime.decideHunk(hunkId, decision) }
    },
    async 'queue/add'({ threadId, id, text, context, at }) {
      const { queue } = await threads.get(threadId)
      await queue.change({ type: 'add', prompt: { id, text, context }, ...(at !== undefined && { at }) })
      return {}
    },
    async 'queue/edit'({ threadId, id, text }) {
      const { queue } = await threads.get(threadId)
      await queue.change({ type: 'edit', id, text })
      return {}
    },
    async 'queue/move'({ threadId, id, to }) {
      const { queue } = await threads.get(threadId)
      await queue.change({ type: 'move', id, to })
      return {}
    },
    async 'queue/remove'({ threadId, id }) {
      const { queue } = await threads.get(threadId)
      await queue.change({ type: 'remove', id })
      return {}
    },
    async 'queue/resume'({ threadId }) {
      const { queue } = await threads.get(threadId)
      await queue.resume()
      return {}
    },
    async 'review/keep'({ threadId, hunkIds }) {
      const runtime = await threads.get(threadId)
      return { hunkIds: await runtime.reverts.keep(hunkIds) }
    },
    async 'review/undo'({ threadId, hunkIds }) {
      const runtime = await threads.get(threadId)
      return { hunkIds: await runtime.reverts.undo(hunkIds) }
    },
    async 'review/takeBack'({ threadId, hunkIds }) {
      const runtime = await threads.get(threadId)
      return { hunkIds: await runtime.reverts.takeBack(hunkIds) }
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
    async 'thread/fork'({ threadId, throughTurnId, title }) {
      return { threadId: await threads.fork(threadId, throughTurnId, title) }
    },
    async 'turn/resume'({ threadId, turnId }, { receivedAt }) {
      const runtime = await threads.get(threadId)
      await runtime.resume(turnId, receivedAt)
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
