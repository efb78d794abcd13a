import { isGuestTurn } from '../../core/state/guest-view.ts'
import { liveToolSchemas } from '../../core/tools/tool.ts'
import { createCommandTool } from '../runtime/model-commands.ts'
import type { Threads } from '../runtime/threads.ts'
import { type OwnTools, wrongArguments } from '../runtime/tool-runner.ts'
import type { Jobs } from './jobs.ts'

/** What a Live turn has besides files: it runs commands, and hands part of its work to a job and goes on meanwhile. */
export function createLiveTools({
  jobs,
  threads,
}: {
  readonly jobs: Jobs
  readonly threads: () => Pick<Threads, 'get'>
}): OwnTools {
  const runCommand = createCommandTool({ runtime: ({ id }) => threads().get(id) })
  return (name, args, call) => {
    if (name === 'delegate' && call.thread.mode === 'live') return delegate(jobs, args, call.thread)
    return runCommand(name, args, call)
  }
}

async function delegate(jobs: Jobs, args: unknown, thread: Parameters<OwnTools>[2]['thread']) {
  const checked = liveToolSchemas.delegate.safeParse(args)
  if (!checked.success) return wrongArguments('delegate', checked.error)
  const turn = thread.turns.at(-1)
  if (turn && isGuestTurn(turn))
    return { status: 'failed' as const, output: 'A guest asked for this turn, and guests have no jobs.' }
  const { task, files = [], budget_minutes: minutes } = checked.data
  const job = await jobs.start({
    workspaceId: thread.workspaceId,
    task: files.length === 0 ? task : `${task}\n\nBegin with: ${files.join(', ')}`,
    originId: thread.id,
    conversation: false,
    ...(minutes !== undefined && { budget: { minutes } }),
  })
  const output = `Background job ${job.id} “${job.title}” has it. People see its progress and will review its changes; do not do the same work here.`
  return { status: 'completed' as const, output }
}
