import { above, below, usedInAll } from '../../core/job/agents.ts'
import { isSettled, type JobRecord, waitsAside } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type JobId, jobIdSchema, type ThreadId, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type TierName, tierId } from '../../core/protocol/model.ts'
import type { ThreadPart } from '../../core/protocol/thread.ts'
import type { Mode } from '../../core/protocol/turn.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Hub } from '../relay/hub.ts'
import { type JoinedOutput, joinOutput } from '../runtime/joined-output.ts'
import type { JobWorld, Threads } from '../runtime/threads.ts'
import type { Runner } from '../sandbox/runner.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { RunProgram } from '../workspace/run-process.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type AgentLimits, Agents, agentLimits } from './agents.ts'
import { Candidates } from './candidates.ts'
import type { Crash } from './crash-points.ts'
import { DiskRoom } from './disk-room.ts'
import type { Forge } from './forge.ts'
import { draftOf, type HandOff } from './hand-off.ts'
import { JobCopies } from './job-copies.ts'
import { checkGoal } from './job-goal.ts'
import { JobOutcomes, refuseAgent } from './job-outcomes.ts'
import { JobPlaces } from './job-places.ts'
import { JobRequests } from './job-requests.ts'
import { JobRun } from './job-run.ts'
import { setUp } from './job-setup.ts'
import { createJobWorlds } from './job-world.ts'
import { Outbox } from './outbox.ts'
import type { Prices } from './prices.ts'
import type { SyntaxChecker } from './syntax-checker.ts'
import { type Webhook, webhookEffects, webhookKind } from './webhooks.ts'

interface Deps {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly workspaces: readonly Workspace[]
  readonly runner: Runner
  /** Starts git and what else looks after copies. */
  readonly program: RunProgram
  readonly syntax: SyntaxChecker
  /** Absolute, in the data folder. */
  readonly folder: string
  readonly threads: () => Threads
  /** Tiers that have models of their own. */
  readonly tiers: ReadonlySet<TierName>
  /** Jobs that run at a time; agents come on top of them. */
  readonly running?: number | undefined
  readonly agents?: AgentLimits | undefined
  /** MiB that the copies of one job may take. */
  readonly diskMb?: number | undefined
  /** The first wait for a model that cannot be had. */
  readonly awayMs?: number | undefined
  /** Makes a copy fit to work in where the workspace says nothing of it: a line or more for the shell. */
  readonly setup?: string | undefined
  readonly defaultModelId: () => Promise<string>
  readonly prices: Prices
  readonly webhooks: readonly Webhook[]
  readonly forges: readonly Forge[]
  readonly onProblem: (problem: string) => void
  readonly crash: Crash
  readonly onBug: (error: unknown, where: string) => void
}

/** A job that is to be, and the thread it gets. */
interface Added {
  readonly draft: JobRecord
  readonly modelId: string
  readonly mode?: Mode
  readonly from?: ThreadId | undefined
  readonly part?: ThreadPart
  readonly before?: () => Promise<void>
}

/** All jobs of all workspaces: handed off, run a few at a time, brought back. */
export class Jobs {
  readonly #deps: Deps
  readonly #runs = new Map<JobId, JobRun>()
  readonly #removed = new Set<JobId>()
  readonly #agents: Agents
  readonly copies: JobCopies
  readonly #places: JobPlaces
  readonly candidates: Candidates
  readonly outcomes: JobOutcomes
  readonly requests: JobRequests
  /** Where the thread of a job reads and writes. */
  readonly world: (id: JobId) => JobWorld
  readonly #outbox: Outbox
  readonly #room: DiskRoom
  #isClosed = false

  constructor(deps: Deps) {
    this.#deps = deps
    const all = () => this.#all()
    const run = (id: JobId) => this.run(id)
    this.#room = new DiskRoom({ timers: deps.timers, isOver: () => this.#isClosed })
    const program = this.#room.program(deps.program)
    this.copies = new JobCopies({ ...deps, program, records: () => this.#records() })
    this.outcomes = new JobOutcomes({ ...deps, copies: this.copies, run, all })
    this.requests = new JobRequests({
      ...deps,
      copies: this.copies,
      run,
      find: (id) => this.find(id),
      outbox: () => this.#outbox,
    })
    const agents = deps.agents ?? agentLimits({})
    const { running = limits.runningJobs } = deps
    this.#places = new JobPlaces({
      clock: deps.clock,
      timers: deps.timers,
      all,
      depth: (job) => this.#above(job).length,
      places: (depth) => (depth === 0 ? running : agents.running),
      run: (id) => void this.run(id).run(),
    })
    this.#agents = new Agents({
      clock: deps.clock,
      limits: agents,
      tiers: deps.tiers,
      all,
      run,
      find: (id) => this.#runs.get(id),
      add: (draft, thread) => this.#addOne({ draft, ...thread }),
      fill: () => this.#places.fill(),
      thread: (id) => deps.threads().get(id),
      copies: this.copies,
      crash: deps.crash,
    })
    this.candidates = new Candidates({
      clock: deps.clock,
      random: deps.random,
      tiers: deps.tiers,
      runner: deps.runner,
      syntax: deps.syntax,
      all,
      run,
      find: (id) => this.#runs.get(id),
      copies: this.copies,
      start: (handOffs) => this.startAll(handOffs),
      add: (draft, thread) => this.#addOne({ draft, ...thread }),
      fill: () => this.#places.fill(),
      modelOf: async ({ threadId }) => (await deps.threads().get(threadId)).state().modelId,
      apply: (id, result) => this.outcomes.apply(id, undefined, result),
      discard: (id) => this.outcomes.discard(id, true),
      snapshot: async (job) => {
        await deps.documents.flush(job.workspaceId)
        return this.copies.repository(job).snapshot(job.createdAt)
      },
      crash: deps.crash,
      onBug: deps.onBug,
    })
    const { store, clock, random, timers, onBug } = deps
    this.#outbox = new Outbox({
      store,
      clock,
      random,
      timers,
      onBug,
      kindOf: (effect) => webhookKind(effect, deps) ?? this.requests.kindOf(effect),
    })
    this.world = createJobWorlds({
      ...deps,
      run,
      tree: (job) => this.copies.tree(job),
      more: ({ id, judges }) => (judges === undefined ? this.#agents.tools(id) : this.candidates.tools(id)),
      isClosed: () => this.#isClosed,
      onWords: () => this.#agents.noteWords(),
    })
  }

  /** Reads the ledger, before threads are. */
  async load(): Promise<void> {
    for (const { body } of await this.#deps.store.readJobs()) {
      const record: JobRecord = JSON.parse(body)
      const isServed = this.#deps.workspaces.some(({ id }) => id === record.job.workspaceId)
      if (isServed) this.#keep(record)
    }
  }

  /** Goes on with what a server that is no more was doing; resolves when that is at its next step. */
  async resume(): Promise<void> {
    const steps: Promise<void>[] = []
    for (const job of this.#all().toSorted((a, b) => a.createdAt - b.createdAt)) {
      if (!isSettled(job) && job.state !== 'queued' && !waitsAside(job)) {
        this.#places.launch(job.id)
        if (job.state === 'running' && !job.paused) steps.push(this.run(job.id).underWay)
      }
      // What a server that died had not come to.
      else if (job.outcome === undefined) this.candidates.noteChange(job)
      else this.outcomes.resume(job.id).catch((error) => this.#deps.onBug(error, 'commit of a job'))
    }
    this.#places.fill()
    this.#outbox.start().catch((error) => this.#deps.onBug(error, 'outbox'))
    this.copies.start()
    await Promise.all(steps)
  }

  /** Newest first, agents among them. */
  list(workspaceId: WorkspaceId): Job[] {
    return (
      this.#all()
        // Without a thread it is not in the ledger yet: who saw it now might never see it again.
        .filter((job) => job.workspaceId === workspaceId && job.threadId !== '')
        .toSorted((a, b) => b.createdAt - a.createdAt)
    )
  }

  /** Resolves when the job is in the ledger; what it takes to begin is done after that. One that is known by `id` is in it. */
  async start(handOff: HandOff, id?: JobId): Promise<Job> {
    const known = id && this.#runs.get(id)?.job
    if (known) return known
    const [job] = await this.startAll([handOff], id)
    if (!job) throw new Error('A hand-off becomes a job.')
    return job
  }

  /** All of them are in the ledger, or none is. */
  async startAll(handOffs: readonly HandOff[], id?: JobId): Promise<readonly Job[]> {
    const { clock, random, threads, crash, diskMb = limits.jobDiskMb } = this.#deps
    const added: Added[] = []
    for (const handOff of handOffs) {
      const { workspaceId, originId, conversation, restOf, planFirst, more } = handOff
      this.copies.workspace(handOff)
      const kept = this.list(workspaceId).filter(({ parentId }) => parentId === undefined).length
      if (kept + handOffs.length > limits.jobs)
        throw new RequestError('tooLarge', `At most ${limits.jobs} jobs are kept; remove some.`)
      const modelId = more?.modelId ?? (await this.#modelFor(originId))
      const title = await this.#askedFor(handOff)
      const own = {
        id: id ?? jobIdSchema.parse(mintId('job', random)),
        modelId,
        diskMb,
        at: clock.now(),
        title,
      }
      added.push({
        draft: draftOf(handOff, own),
        modelId,
        mode: planFirst ? 'plan' : 'background',
        from: conversation ? originId : undefined,
        before: async () => {
          if (restOf === undefined || originId === undefined) return
          await (await threads().get(originId)).control.halt(restOf)
          await crash('turnHalted')
        },
      })
    }
    const jobs = await this.#add(added)
    this.#places.fill()
    return jobs
  }

  async #addOne(added: Added): Promise<Job> {
    const [job] = await this.#add([added])
    if (!job) throw new Error('What is added is a job.')
    return job
  }

  /** Puts jobs in the ledger, each with a thread of its own: all of them, or none. */
  async #add(added: readonly Added[]): Promise<readonly Job[]> {
    const { store, threads, crash } = this.#deps
    for (const { draft } of added) this.#keep(draft)
    try {
      const records: JobRecord[] = []
      for (const { draft, before, mode = 'background', ...thread } of added) {
        const { id, workspaceId, title } = draft.job
        await before?.()
        const own = { workspaceId, mode, job: id, title, modelId: thread.modelId } as const
        const threadId = await threads().create({ ...own, from: thread.from, part: thread.part })
        await crash('threadMade')
        records.push({ ...draft, job: { ...draft.job, threadId } })
      }
      await crash('threadsMade')
      await store.addJobs(
        records.map((record) => ({ id: record.job.id, head: record.head, body: JSON.stringify(record) })),
      )
      await crash('handedOff')
      for (const record of records) {
        this.#keep(record)
        this.#tell(record.job)
      }
      return records.map(({ job }) => job)
    } catch (error) {
      for (const { draft } of added) this.#runs.delete(draft.job.id)
      throw error
    }
  }

  run(id: JobId): JobRun {
    const run = this.#runs.get(id)
    if (!run) throw new RequestError('notFound', 'There is no such job.')
    return run
  }

  find(id: JobId): Job | undefined {
    return this.#runs.get(id)?.job
  }

  /** A job that failed or was stopped goes on when there is room for it. */
  async retry(id: JobId): Promise<void> {
    const run = this.run(id)
    if (this.#above(run.job).some(isSettled))
      throw new RequestError('conflict', 'The job it works for has ended; try that one again.')
    await run.retry()
    this.#places.fill()
  }

  /** It goes on when there is room for it. */
  async decidePlan(id: JobId, decision: { readonly accept: boolean; readonly text: string }): Promise<void> {
    await this.run(id).decidePlan(decision)
    this.#places.fill()
  }

  /** The job's changes as one patch, from where it began. */
  async patch(id: JobId): Promise<string> {
    const { base, head, job } = this.run(id).record
    return base === '' ? '' : this.copies.repository(job).patch(base, head)
  }

  artefacts(id: JobId) {
    return this.copies.artefacts.list(this.run(id).job)
  }

  /** Forgets it and its agents. What nobody has decided about is not lost that way. */
  async remove(id: JobId): Promise<void> {
    const { job } = this.run(id)
    refuseAgent(job)
    const whole = [...below(id, this.#all()).toReversed(), job]
    if (!whole.every(isSettled))
      throw new RequestError('conflict', 'The job is still running; stop it first.')
    if (job.files.length > 0 && job.outcome === undefined)
      throw new RequestError('conflict', 'Apply or discard its changes first.')
    const { store, hub } = this.#deps
    for (const one of whole) {
      await store.removeJob(one.id)
      await this.#deps.crash('removed')
      await this.copies.remove(one)
      hub.publishPassing(`workspace:${job.workspaceId}`, { type: 'job/removed', jobId: one.id })
      // Its thread can still be read by whoever has it open.
      this.#removed.add(one.id)
    }
  }

  /** Resolves when nothing of it is under way outside. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#places.close()
    this.copies.close()
    return this.#outbox.close()
  }

  #records(): readonly JobRecord[] {
    return [...this.#runs.values()]
      .map(({ record }) => record)
      .filter(({ job }) => !this.#removed.has(job.id))
  }

  #all(): readonly Job[] {
    return this.#records().map(({ job }) => job)
  }

  #above(job: Job): readonly Job[] {
    return above(job, (id) => this.#runs.get(id)?.job)
  }

  #keep(record: JobRecord): void {
    const { store, hub, clock, runner, onBug, crash } = this.#deps
    const { job } = record
    const room = this.#room
    const copies = this.copies
    const tree = copies.tree(job)
    const run = new JobRun(record, {
      store,
      room,
      logged: () => room.until(() => hub.isStored(`thread:${job.threadId}`)),
      clock,
      repository: copies.repository(job),
      tree,
      line: () => [this.run(job.id), ...this.#above(job).map(({ id }) => this.run(id))],
      used: (one) => usedInAll(one, this.#all()),
      onMerged: (known) => this.#agents.settleMerged(known),
      thread: () => this.#deps.threads().get(this.run(job.id).job.threadId),
      snapshot: () => this.candidates.base(this.run(job.id).job),
      afterCopy: () => copies.include(job),
      setUp: async (signal) => {
        const done = await setUp({
          script: this.#deps.setup,
          workspaceRoot: copies.workspace(job).root,
          tree,
          runner,
          signal,
          output: this.#outputOf(job, 'setup'),
          crash,
        })
        if (done.problem === undefined) await copies.artefacts.begin(job)
        return done
      },
      checkGoal: (command, signal) =>
        checkGoal(command, { runner, folder: tree, signal, output: this.#outputOf(job, 'goal') }),
      prices: this.#deps.prices,
      firstMs: this.#deps.awayMs,
      weigh: () => copies.weigh(job),
      onChange: (changed) => {
        this.#tell(changed)
        this.#agents.noteChange(changed)
        if (!this.#isClosed) this.candidates.noteChange(changed)
        if (!isSettled(changed) || this.#isClosed) return
        this.#agents.stopBelow(changed.id).catch((error) => onBug(error, 'agents of a job'))
      },
      // What agents do is their job's to tell.
      effectsOf: (changed, nth) =>
        changed.parentId === undefined
          ? webhookEffects(this.#deps.webhooks, changed, { nth, at: clock.now() })
          : [],
      onEffects: () => this.#outbox.wake(),
      onIdle: () => this.#places.leave(job.id),
      onBug,
      crash,
    })
    this.#runs.set(job.id, run)
  }

  /** What a person had asked for where a job does the rest of a turn. */
  async #askedFor({ originId, restOf }: HandOff): Promise<string | undefined> {
    if (originId === undefined || restOf === undefined) return undefined
    const { turns } = (await this.#deps.threads().get(originId)).state()
    const [said] = turns.find(({ id }) => id === restOf)?.items ?? []
    return said?.type === 'userMessage' && said.text.trim() !== '' ? said.text : undefined
  }

  async #modelFor(originId: ThreadId | undefined): Promise<string> {
    if (this.#deps.tiers.has('background')) return tierId('background')
    if (originId === undefined) return this.#deps.defaultModelId()
    return (await this.#deps.threads().get(originId)).state().modelId
  }

  /** What a command writes that the server runs for a job, as it writes it. */
  #outputOf({ id, workspaceId }: Job, what: 'goal' | 'setup'): JoinedOutput {
    let text = ''
    return joinOutput(this.#deps.timers, (piece) => {
      text = `${text}${piece.text}`.slice(-limits.commandToldChars)
      this.#deps.hub.publishPassing(`workspace:${workspaceId}`, { type: 'job/wrote', jobId: id, what, text })
    })
  }

  #tell(job: Job): void {
    this.#deps.hub.publishPassing(`workspace:${job.workspaceId}`, { type: 'job/changed', job })
  }
}
