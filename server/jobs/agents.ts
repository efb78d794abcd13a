import { createHash } from 'node:crypto'
import { above, agentsOf, below } from '../../core/job/agents.ts'
import { isSettled, type JobRecord, newRecord } from '../../core/job/ledger.ts'
import { clipped } from '../../core/lib/clipped.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type JobId, jobIdSchema, steerIdSchema, type ThreadId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type TierName, tierId } from '../../core/protocol/model.ts'
import { queueIdSchema } from '../../core/protocol/queue.ts'
import type { ThreadPart } from '../../core/protocol/thread.ts'
import { waitingSteers } from '../../core/state/steers.ts'
import { agentToolSchemas } from '../../core/tools/agent-tools.ts'
import { titleFrom } from '../runtime/prompt-context.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import { type OwnTools, type ToolResult, wrongArguments } from '../runtime/tool-runner.ts'
import { mergeAgent, type Taken } from './agent-merge.ts'
import type { CrashPoint } from './crash-points.ts'
import type { JobCopies } from './job-copies.ts'
import type { JobRun } from './job-run.ts'

/** How far jobs may split themselves. */
export interface AgentLimits {
  /** Agents of agents: 1 lets none of them start further ones. */
  readonly depth: number
  /** That one job may start in all. */
  readonly perJob: number
  /** Of one depth, on the whole server: deeper ones never wait for those that wait for them. */
  readonly running: number
}

/** As people set them. */
export function agentLimits(set: {
  readonly agentDepth?: number
  readonly agentsPerJob?: number
  readonly runningAgents?: number
}): AgentLimits {
  return {
    depth: set.agentDepth ?? limits.agentDepth,
    perJob: set.agentsPerJob ?? limits.agentsPerJob,
    running: set.runningAgents ?? limits.runningAgents,
  }
}

interface Deps {
  readonly clock: Clock
  readonly limits: AgentLimits
  /** Tiers that have models of their own. */
  readonly tiers: ReadonlySet<TierName>
  readonly all: () => readonly Job[]
  readonly run: (id: JobId) => JobRun
  readonly find: (id: JobId) => JobRun | undefined
  /** Puts it in the ledger, with a thread of its own. */
  readonly add: (record: JobRecord, thread: { modelId: string; part: ThreadPart }) => Promise<Job>
  readonly fill: () => void
  readonly thread: (id: ThreadId) => Promise<ThreadRuntime>
  readonly copies: JobCopies
  readonly crash: (point: CrashPoint) => Promise<void>
}

/** Of the step under way, which is done again as a whole when its server dies: what it makes is named by its call. */
interface Call {
  readonly callId: string
  readonly signal: AbortSignal
}

/** Agents: jobs that do a part of another job's work. What they change comes into its copy, in one of its steps. */
export class Agents {
  readonly #deps: Deps
  /** Told when any job has changed. */
  #changed = Promise.withResolvers<void>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  tools(id: JobId): OwnTools {
    return (name, args, call) => {
      const { run } = this.#deps
      switch (name) {
        case 'spawn':
          return this.#spawn(run(id), args, call)
        case 'wait':
          return this.#wait(run(id), args, call)
        case 'message':
          return this.#message(run(id), args, call)
        case 'stop':
          return this.#stop(run(id), args)
        default:
          return undefined
      }
    }
  }

  /** A job stands otherwise than before. */
  noteChange({ id }: Job): void {
    this.#tellChanged()
    const { all, run } = this.#deps
    // What lets it go on lets its agents go on.
    for (const agent of below(id, all())) run(agent.id).waits.wake()
  }

  /** Somebody has said something to a job: one that waits for agents hears it. */
  noteWords(): void {
    this.#tellChanged()
  }

  /** The job has ended: nobody takes over what its agents do. */
  async stopBelow(id: JobId): Promise<void> {
    const { all, run } = this.#deps
    const running = below(id, all()).filter((agent) => !isSettled(agent))
    await Promise.all(running.map((agent) => run(agent.id).stop()))
  }

  /** What a step took over is committed: the agents' own copies have nothing more in them. */
  async settleMerged({ merged = {} }: JobRecord): Promise<void> {
    const { find, copies } = this.#deps
    for (const [id, { head, at }] of Object.entries(merged)) {
      const run = find(jobIdSchema.parse(id))
      if (!run || run.record.head !== head || run.job.settledAt !== at) continue
      if (run.job.state !== 'done' || run.job.outcome) continue
      if (run.job.sight === 'shared') continue
      await run.settleOutcome((job) => ({ ...job, outcome: 'merged' }))
      await copies.tidy(run.job)
    }
  }

  depth(job: Job): number {
    return above(job, (id) => this.#deps.find(id)?.job).length
  }

  async #spawn(parent: JobRun, args: unknown, call: Call): Promise<ToolResult> {
    const checked = agentToolSchemas.spawn.safeParse(args)
    if (!checked.success) return wrongArguments('spawn', checked.error)
    const { task, tier, files = [], worktree = 'own' } = checked.data
    const { find, all, add, fill, clock, crash, copies, limits: most } = this.#deps
    const id = jobIdSchema.parse(`job_${this.#nameOf(parent, call)}`)
    const told = (job: Job) => completed(`Agent ${job.id} has “${job.title}”. Go on; wait brings its result.`)
    const known = find(id)
    if (known) return told(known.job)
    const { job, record } = parent
    if (this.depth(job) >= most.depth)
      return failed(`Agents of agents go no deeper than ${most.depth}; do this part by yourself.`)
    const at = record.step?.at ?? clock.now()
    const from = await copies
      .repository(job)
      .commit(copies.tree(job), record.head, { message: 'As an agent has it', at })
    if (agentsOf(job.id, all()).length >= most.perJob)
      return failed(`A job may start ${most.perJob} agents; do this part by yourself.`)
    if (call.signal.aborted || isSettled(job)) return failed('The job was stopped.')
    const modelId = await this.#modelOf(parent, tier)
    const draft = newRecord({
      id,
      workspaceId: job.workspaceId,
      // Known in a moment; nobody has seen it yet.
      threadId: '' as ThreadId,
      parentId: job.id,
      sight: worktree === 'own' ? 'own' : 'shared',
      modelId,
      title: titleFrom(task),
      task: files.length === 0 ? task : `${task}\n\nBegin with: ${files.join(', ')}`,
      state: 'queued',
      paused: false,
      budget: job.budget,
      used: { steps: 0, tokens: 0, ms: 0 },
      plan: [],
      files: [],
      answer: '',
      createdAt: clock.now(),
      conflicts: [],
    })
    const part = worktree === 'own' ? 'agent' : 'reader'
    const agent = await add({ ...draft, base: from, head: from }, { modelId, part })
    await crash('spawned')
    fill()
    return told(agent)
  }

  async #wait(parent: JobRun, args: unknown, { signal }: Call): Promise<ToolResult> {
    const checked = agentToolSchemas.wait.safeParse(args)
    if (!checked.success) return wrongArguments('wait', checked.error)
    const own = agentsOf(parent.job.id, this.#deps.all())
    const { ids } = checked.data
    const strange = ids?.find((id) => !own.some((agent) => agent.id === id))
    if (strange !== undefined) return failed(noAgent(strange))
    const { run } = this.#deps
    // What has been told once is not told again.
    const isNew = ({ job }: JobRun) => {
      const taken = parent.hasTaken(job.id)
      return !taken || taken.at !== job.settledAt
    }
    const chosen = own.filter(({ id }) => (ids ? ids.includes(id) : isNew(run(id))))
    if (chosen.length === 0) return completed('No agent is left to wait for.')
    // It takes as long as it takes: restarts meanwhile are no attempts that failed.
    await parent.waits.patient()
    signal.addEventListener('abort', () => this.#tellChanged())
    const thread = await this.#deps.thread(parent.job.threadId)
    while (!chosen.every(({ id }) => isSettled(run(id).job))) {
      if (signal.aborted) return failed('The job was stopped.')
      if (waitingSteers(thread.state().turns.at(-1)).length > 0) return completed(wordsMeanwhile)
      await this.#changed.promise
    }
    const reports: string[] = []
    for (const { id } of chosen) reports.push(await this.#takeOver(parent, run(id), signal))
    await this.#deps.crash('merged')
    return completed(reports.join('\n\n'))
  }

  async #message(parent: JobRun, args: unknown, call: Call): Promise<ToolResult> {
    const checked = agentToolSchemas.message.safeParse(args)
    if (!checked.success) return wrongArguments('message', checked.error)
    const { id, text } = checked.data
    const agent = this.#own(parent, id)
    if (!agent) return failed(noAgent(id))
    const { state } = agent.job
    if (state === 'failed' || state === 'stopped')
      return failed(`Agent ${id} has ${state}; start another one.`)
    const name = this.#nameOf(parent, call)
    const context = { openPaths: [] }
    const runtime = await this.#deps.thread(agent.job.threadId)
    const turn = runtime.state().turns.findLast(({ copied }) => !copied)
    if (!turn) return failed(`Agent ${id} has not begun yet. Wait, or say it again later.`)
    try {
      if (state === 'done') {
        await agent.awaken()
        const prompt = { id: queueIdSchema.parse(`que_${name}`), text, context }
        await runtime.queue.change({ type: 'add', prompt })
      } else await runtime.control.steer(turn.id, { id: steerIdSchema.parse(`ste_${name}`), text, context })
    } catch (error) {
      if (error instanceof RequestError) return failed(error.message)
      throw error
    }
    return completed(`Agent ${id} has been told.`)
  }

  async #stop(parent: JobRun, args: unknown): Promise<ToolResult> {
    const checked = agentToolSchemas.stop.safeParse(args)
    if (!checked.success) return wrongArguments('stop', checked.error)
    const { id } = checked.data
    const agent = this.#own(parent, id)
    if (!agent) return failed(noAgent(id))
    if (!isSettled(agent.job)) await agent.stop()
    return completed(`Agent ${id} is stopped.`)
  }

  #tellChanged(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #own(parent: JobRun, id: string): JobRun | undefined {
    const agent = this.#deps.find(id as JobId)
    return agent?.job.parentId === parent.job.id ? agent : undefined
  }

  /** What an agent answered, and what of its changes is in the job's copy now. */
  #takeOver(parent: JobRun, agent: JobRun, signal: AbortSignal): Promise<string> {
    const { copies } = this.#deps
    const { job } = parent
    const tree = copies.tree(job)
    const repository = copies.repository(job)
    return repository.inTree(tree, async () => {
      const { base, head, job: done } = agent.record
      const from = parent.hasTaken(done.id)?.head ?? base
      const isDone = done.state === 'done'
      const isNew = isDone && head !== from && !signal.aborted
      const taken = isNew ? await mergeAgent({ repository, tree, base: from, head }) : undefined
      parent.take(done.id, { head, at: done.settledAt })
      const parts = [isDone ? done.answer : (done.problem ?? ''), ...(taken ? tellTaken(taken, done) : [])]
      const said = clipped(parts.filter((part) => part !== '').join('\n\n'), agentReportChars)
      const left = isDone ? '' : '. Nothing of its changes was taken over'
      return `Agent ${done.id} (“${done.title}”): ${done.state}${left}.\n${said}`
    })
  }

  async #modelOf(parent: JobRun, tier: TierName | undefined): Promise<string> {
    if (tier !== undefined && this.#deps.tiers.has(tier)) return tierId(tier)
    return (await this.#deps.thread(parent.job.threadId)).state().modelId
  }

  #nameOf({ job, record }: JobRun, { callId }: Call): string {
    return createHash('sha256').update(`${job.id} ${record.step?.n} ${callId}`).digest('hex').slice(0, 32)
  }
}

const wordsMeanwhile =
  'Somebody has said something to you meanwhile; it follows. Your agents go on: wait for them again when you have dealt with it.'

/** Of one agent's answer and conflicts, what its job is told. */
const agentReportChars = 12_000

function tellTaken({ files, conflicts, clashes }: Taken, { id }: Job): readonly string[] {
  const names = files.map(({ path, kind, added, removed }) =>
    kind === 'delete' ? `${path} (deleted)` : `${path} (+${added} -${removed})`,
  )
  const parts = [names.length > 0 ? `In your files now: ${names.join(', ')}.` : 'It brought no changes.']
  if (conflicts.length + clashes.length > 0)
    parts.push('These changes did not fit with yours. Your text stands there; edit what has to be otherwise:')
  for (const { path, startLine, base, ours, theirs } of conflicts) {
    const sides = ['<<<<<<< yours', ours, '||||||| before', base, '=======', theirs, `>>>>>>> ${id}`]
    parts.push(`${path}, line ${startLine}:\n${sides.join('\n')}`)
  }
  for (const { path, why } of clashes) parts.push(`${path}: ${why}.`)
  return parts
}

function noAgent(id: string): string {
  return `You have no agent ${id}.`
}

function completed(output: string): ToolResult {
  return { status: 'completed', output }
}

function failed(output: string): ToolResult {
  return { status: 'failed', output }
}
