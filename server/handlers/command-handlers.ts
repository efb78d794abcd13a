import type { Handlers } from '../relay/router.ts'
import type { ApprovalRules } from '../runtime/approval-rules.ts'
import type { Threads } from '../runtime/threads.ts'

export function createCommandHandlers({
  threads,
  rules,
}: {
  readonly threads: Pick<Threads, 'get'>
  readonly rules: ApprovalRules
}): Pick<Handlers, Extract<keyof Handlers, `command/${string}` | `approval/${string}`>> {
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
    'approval/lasting': ({ workspaceId }) => ({ lines: rules.lasting(workspaceId) }),
    async 'approval/takeBack'({ workspaceId, id }) {
      await rules.takeBack(workspaceId, id)
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
