import type { Handlers } from '../relay/router.ts'
import type { Threads } from '../runtime/threads.ts'

export function createCommandHandlers({
  threads,
}: {
  readonly threads: Pick<Threads, 'get'>
}): Pick<Handlers, 'command/run' | 'command/stop' | 'command/stopCall' | 'approval/answer'> {
  return {
    async 'command/run'({ threadId, id, text }) {
      await (await threads.get(threadId)).commands.run(id, text)
      return {}
    },
    async 'approval/answer'({ threadId, approvalId, hash, answer }) {
      const { approvals } = await threads.get(threadId)
      await approvals.answer(approvalId, hash, answer)
      return {}
    },
    async 'command/stopCall'({ threadId, callId }) {
      const { commands } = await threads.get(threadId)
      commands.stopCall(callId)
      return {}
    },
    async 'command/stop'({ threadId, id }) {
      const { commands } = await threads.get(threadId)
      commands.stop(id)
      return {}
    },
  }
}
