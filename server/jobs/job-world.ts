import { mkdirSync } from 'node:fs'
import type { Clock } from '../../core/lib/clock.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { Guidance } from '../runtime/guidance.ts'
import { createCommandTool } from '../runtime/model-commands.ts'
import type { JobWorld, Threads } from '../runtime/threads.ts'
import type { OwnTools } from '../runtime/tool-runner.ts'
import type { Timers } from '../timers.ts'
import { watchCopy } from './copy-watch.ts'
import type { Crash } from './crash-points.ts'
import { createFileDocuments, noSnapshots } from './file-documents.ts'
import type { JobRun } from './job-run.ts'
import { createJobTools } from './job-tools.ts'
import { createJobWorkspace } from './job-workspace.ts'

interface Deps {
  readonly clock: Clock
  readonly timers: Timers
  readonly threads: () => Threads
  readonly run: (id: JobId) => JobRun
  readonly tree: (job: Job) => string
  /** What its model has besides: agents, or a word about candidates. */
  readonly more: (job: Job) => OwnTools
  readonly isClosed: () => boolean
  /** Words for a job's next request are there. */
  readonly onWords: () => void
  readonly crash: Crash
}

/** Where the thread of a job reads and writes, and what its model can do there. */
export function createJobWorlds(deps: Deps): (id: JobId) => JobWorld {
  const { clock, timers, threads, run, tree, more, isClosed, onWords, crash } = deps
  const tools = (id: JobId): OwnTools => {
    const others = more(run(id).job)
    if (run(id).job.judges !== undefined) return others
    const command = createCommandTool({
      runtime: (thread) => threads().get(thread.id),
      onWait: (approval) => run(id).waits.leave(approval),
    })
    const runCommand: OwnTools = (name, args, call) => {
      const full = new AbortController()
      const running = command(name, args, { ...call, signal: AbortSignal.any([call.signal, full.signal]) })
      if (!running) return undefined
      const stop = watchCopy({
        timers,
        folder: tree(run(id).job),
        weigh: () => run(id).waits.weigh(),
        onFull: () => full.abort(),
      })
      const ended = async () => {
        await crash('commandStarted')
        const result = await running
        stop()
        await crash('commandEnded')
        await run(id).waits.weigh()
        if (!full.signal.aborted) return result
        return { ...result, output: `${result.output}\n[Stopped: the copy has no more room on disk.]` }
      }
      return ended().finally(stop)
    }
    const own = createJobTools({ run: () => run(id), runCommand })
    return (name, args, call) => own(name, args, call) ?? others(name, args, call)
  }
  return (id) => {
    const { job } = run(id)
    const root = tree(job)
    // A job that was cleaned up can still be read.
    mkdirSync(root, { recursive: true, mode: 0o700 })
    const workspace = createJobWorkspace({ id: job.workspaceId, root })
    const documents = createFileDocuments({ workspace, clock, timers })
    return {
      workspace,
      documents,
      snapshots: () => noSnapshots,
      guidance: new Guidance(workspace, documents),
      journal: {
        begin: (step, stored) => run(id).begin(step, stored),
        answered: (events) => run(id).answered(events),
      },
      tools: job.sight === 'shared' ? () => undefined : tools(id),
      isHeld: () => run(id).isHeld,
      isSettling: () => run(id).isSettling,
      onSteered: onWords,
      onTurnSettled: (thread, stored) => {
        if (!isClosed()) void run(id).turnSettled(thread, stored)
      },
    }
  }
}
