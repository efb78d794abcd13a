import type { Handlers } from '../relay/router.ts'
import type { Threads } from '../runtime/threads.ts'

export function createCommandHandlers({
  threads,
}: {
  readonly threads: Pick<Threads, 'get'>
}): Pick<Handlers, 'command/run' | 'command/stop'> {
  return {
    async 'command/run'({ threadId, id, text }) {
      await (await threads.get(threadId)).commands.run(id, text)
      return {}
    },
    async 'command/stop'({ threadId, id }) {
      const { commands } = await threads.get(threadId)
      commands.stop(id)
      return {}
    },
  }
}
