import { mkdirSync } from 'node:fs'
import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { above, below, usedInAll } from '../../core/job/agents.ts'
import { isSettled, type JobRecord, newRecord, waitsAside } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import {
  itemIdSchema,
  type JobId,
  jobIdSchema,
  type ThreadId,
  type TurnId,
  type WorkspaceId,
} from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { Job, JobBudget } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type TierName, tierId } from '../../core/protocol/model.ts'
import type { ThreadPart } from '../../core/protocol/thread.ts'
import type { Mode } from '../../core/protocol/turn.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Hub } from '../relay/hub.ts'
import { Guidance } from '../runtime/guidance.ts'
import { type JoinedOutput, joinOutput } from '../runtime/joined-output.ts'
import { createCommandTool } from '../runtime/model-commands.ts'
import { titleFrom } from '../runtime/prompt-context.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import type { JobWorld, Threads } from '../runtime/threads.ts'
import type { OwnTools } from '../runtime/tool-runner.ts'
import { shownPatch, writePatches } from '../runtime/write-patches.ts'
import type { Runner } from '../sandbox/runner.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import { createPathGuard } from '../workspace/path-guard.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type AgentLimits, Agents, agentLimits } from './agents.ts'
import { Candidates, type Result } from './candidates.ts'
import type { Crash } from './crash-points.ts'
import { createFileDocuments, noSnapshots } from './file-documents.ts'
import { checkGoal } from './job-goal.ts'
import { JobRepository } from './job-repository.ts'
import { type Comeback, prepareComeback, takeTheirs, wholeConflict } from './job-return.ts'
import { JobRun } from './job-run.ts'
import { setUp } from './job-setup.ts'
import { createJobTools } from './job-tools.ts'
import { createJobWorkspace } from './job-workspace.ts'
import { Outbox } from './outbox.ts'
import { costOf, type Prices } from './prices.ts'
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
  readonly syntax: SyntaxChecker
  /** Absolute, in the data folder. */
  readonly folder: string
  readonly threads: () => Threads
  /** Tiers that have models of their own. */
  readonly tiers: ReadonlySet<TierName>
  /** Jobs that run at a time; agents come on top of them. */
  readonly running?: number | undefined
  readonly agents?: AgentLimits | undefined
  readonly defaultModelId: () => Promise<string>
  readonly prices: Prices
  readonly webhooks: readonly Webhook[]
  readonly onProblem: (problem: string) => void
  readonly crash: Crash
  readonly onBug: (error: unknown, where: string) => void
}

interface HandOff {
  readonly workspaceId: WorkspaceId
  readonly task: string
  readonly context?: PromptContext | undefined
  readonly originId?: ThreadId | undefined
  /** The job knows what was said in the thread it comes from. */
  readonly conversation: boolean
  /** Its turn that runs: it is stopped, and the job does the rest. */
  readonly restOf?: TurnId | undefined
  readonly budget?: { readonly [Name in keyof JobBudget]?: number | undefined } | undefined
  /** It says how it would work, and waits for a yes. */
  readonly planFirst?: boolean | undefined
  /** A command that has to pass before it is done. */
  readonly goal?: string | undefined
  /** Of a job that is one of several for the same task. */
  readonly more?: Pick<Job, 'candidate' | 'modelId'>
}

/** All jobs of all workspaces: handed off, run a few at a time, brought back. */
export class Jobs {
  readonly #deps: Deps
  readonly #runs = new Map<JobId, JobRun>()
  readonly #repositories = new Map<WorkspaceId, JobRepository>()
  /** Those that run, or wait for people while they run. */
  readonly #running = new Set<JobId>()
  readonly #removed = new Set<JobId>()
  readonly #agents: Agents
  readonly #agentLimits: AgentLimits
  readonly candidates: Candidates
  readonly #outbox: Outbox
  #isClosed = false

  constructor(deps: Deps) {
    this.#deps = deps
    this.#agentLimits = deps.agents ?? agentLimits({})
    this.#agents = new Agents({
      clock: deps.clock,
      limits: this.#agentLimits,
      tiers: deps.tiers,
      all: () => this.#all(),
      run: (id) => this.run(id),
      find: (id) => this.#runs.get(id),
      add: (record, thread) => this.#add(record, thread),
      fill: () => this.#fill(),
      thread: (id) => deps.threads().get(id),
      repository: ({ workspaceId }) => this.#repository(workspaceId),
      tree: (job) => this.#tree(job),
      tidy: (job) => this.#tidy(job),
      crash: deps.crash ?? (async () => undefined),
    })
    this.candidates = new Candidates({
      clock: deps.clock,
      random: deps.random,
      tiers: deps.tiers,
      runner: deps.runner,
      syntax: deps.syntax,
      all: () => this.#all(),
      run: (id) => this.run(id),
      find: (id) => this.#runs.get(id),
      repository: ({ workspaceId }) => this.#repository(workspaceId),
      tree: (job) => this.#tree(job),
      start: (handOff) => this.start(handOff),
      add: (record, thread) => this.#add(record, thread),
      fill: () => this.#fill(),
      modelOf: async ({ threadId }) => (await deps.threads().get(threadId)).state().modelId,
      apply: (id, result) => this.apply(id, undefined, result),
      discard: (id) => this.discard(id, true),
      snapshot: async ({ workspaceId, createdAt }) => {
        await deps.documents.flush(workspaceId)
        return this.#repository(workspaceId).snapshot(createdAt)
      },
      onBug: deps.onBug,
    })
    const { store, clock, random, timers, onBug } = deps
    this.#outbox = new Outbox({
      store,
      clock,
      random,
      timers,
      onBug,
      kindOf: (effect) => webhookKind(effect, deps),
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

  /** Copies that a server which died was about to clear away. Nothing undecided is in them but what runs. */
  async #clearAway(): Promise<void> {
    for (const { id: workspaceId } of this.#deps.workspaces) {
      const folder = join(this.#deps.folder, workspaceId)
      for (const name of await readdir(folder).catch(() => [])) {
        const id = jobIdSchema.safeParse(name)
        if (!id.success) continue
        const job = this.#runs.get(id.data)?.job
        if (!job) await rm(join(folder, name), { recursive: true, force: true })
        else if (isSettled(job) && job.outcome !== undefined) await this.#tidy(job)
      }
    }
  }

  /** Goes on with what a server that is no more was doing. */
  resume(): void {
    for (const job of this.#all().toSorted((a, b) => a.createdAt - b.createdAt)) {
      if (!isSettled(job) && job.state !== 'queued' && !waitsAside(job)) this.#launch(job.id)
      // What a server that died had not come to.
      else if (job.outcome === undefined) this.candidates.noteChange(job)
    }
    this.#fill()
    this.#outbox.start().catch((error) => this.#deps.onBug(error, 'outbox'))
    void this.#clearAway().catch((error) => this.#deps.onBug(error, 'copies of jobs'))
  }

  /** Newest first, agents among them. */
  list(workspaceId: WorkspaceId): Job[] {
    return (
      this.#all()
        // Without a thread it is not in the ledger yet: who saw it now might never see it again.
        .filter((job) => job.workspaceId === workspaceId && job.threadId !== '' && !this.#removed.has(job.id))
        .toSorted((a, b) => b.createdAt - a.createdAt)
    )
  }

  /** Resolves when the job is in the ledger; what it takes to begin is done after that. One that is known by `id` is in it. */
  async start(handOff: HandOff, id = jobIdSchema.parse(mintId('job', this.#deps.random))): Promise<Job> {
    const known = this.#runs.get(id)?.job
    if (known) return known
    const { workspaceId, task, originId, conversation, restOf, budget, planFirst, goal, more } = handOff
    const { clock, threads, crash } = this.#deps
    this.#workspace(workspaceId)
    if (this.list(workspaceId).filter(({ parentId }) => parentId === undefined).length >= limits.jobs)
      throw new RequestError('tooLarge', `At most ${limits.jobs} jobs are kept; remove some.`)
    const title = titleFrom(task)
    const modelId = more?.modelId ?? (await this.#modelFor(originId))
    const draft = newRecord({
      id,
      workspaceId,
      // Known in a moment; nobody has seen the job yet.
      threadId: '' as ThreadId,
      ...(originId !== undefined && { originId }),
      title,
      task,
      state: 'queued',
      paused: false,
      budget: {
        steps: budget?.steps ?? limits.jobSteps,
        tokens: budget?.tokens ?? limits.jobTokens,
        minutes: budget?.minutes ?? limits.jobMinutes,
        ...(budget?.cost !== undefined && { cost: budget.cost }),
      },
      ...(planFirst && { planFirst }),
      ...(goal !== undefined && { goal: { command: goal, checks: 0 } }),
      used: { steps: 0, tokens: 0, ms: 0 },
      plan: [],
      files: [],
      answer: '',
      createdAt: clock.now(),
      conflicts: [],
      ...(more && { ...more, modelId }),
    })
    const job = await this.#add(draft, {
      modelId,
      mode: planFirst ? 'plan' : 'background',
      from: conversation ? originId : undefined,
      before: async () => {
        if (restOf === undefined || originId === undefined) return
        await (await threads().get(originId)).halt(restOf)
        await crash('turnHalted')
      },
    })
    this.#fill()
    return job
  }

  /** Puts a job in the ledger, with a thread of its own. */
  async #add(
    draft: JobRecord,
    {
      before = async () => undefined,
      mode = 'background',
      ...thread
    }: {
      readonly modelId: string
      readonly mode?: Mode
      readonly from?: ThreadId | undefined
      readonly part?: ThreadPart
      readonly before?: () => Promise<void>
    },
  ): Promise<Job> {
    const { store, threads, crash } = this.#deps
    const { id, workspaceId, title } = draft.job
    this.#keep(draft)
    try {
      await before()
      const own = { workspaceId, mode, job: id, title } as const
      const threadId = await threads().create({ ...own, ...thread })
      await crash('threadMade')
      const record = { ...draft, job: { ...draft.job, threadId } }
      await store.addJob(id, { head: record.head, body: JSON.stringify(record) })
      await crash('handedOff')
      this.#keep(record)
      this.#tell(record.job)
      return record.job
    } catch (error) {
      this.#runs.delete(id)
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
    this.#fill()
  }

  /** It goes on when there is room for it. */
  async decidePlan(id: JobId, decision: { readonly accept: boolean; readonly text: string }): Promise<void> {
    await this.run(id).decidePlan(decision)
    this.#fill()
  }

  /** The job's changes as one patch, from where it began. */
  async patch(id: JobId): Promise<string> {
    const { base, head, job } = this.run(id).record
    return base === '' ? '' : this.#repository(job.workspaceId).patch(base, head)
  }

  /** Brings the changes into the files as they are now, as a turn of the thread the job came from. */
  async apply(id: JobId, into: ThreadId | undefined, result?: Result): Promise<Job> {
    const run = this.run(id)
    const { base } = run.record
    const { head, files } = result ?? { head: run.record.head, files: run.job.files }
    const job = { ...run.job, files: [...files] }
    refuseAgent(job)
    if (!isSettled(job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    if (job.outcome === 'applied' && !result)
      throw new RequestError('conflict', 'Its changes came back already.')
    const { documents, threads, crash } = this.#deps
    const repository = this.#repository(job.workspaceId)
    const readText = (path: string) => documents.readText(job.workspaceId, path)
    const threadId = into ?? (await this.#home(job))
    // Known before anything comes to it: who has to ask again asks for the same thread.
    if (threadId !== job.originId) await run.settleOutcome((known) => ({ ...known, originId: threadId }))
    const runtime = await threads().get(threadId)
    let comeback: Comeback = { patches: [], conflicts: [], left: [] }
    const { turnId, failed } = await this.#bringIn(runtime, job, async (seen) => {
      await crash('returning')
      // What the edits are worked out from is what they are placed in, however fast people type.
      const readSeen = async (path: string) => seen.text(job.workspaceId, path) ?? (await readText(path))
      comeback = await prepareComeback({ job, base, head, repository, readText: readSeen })
      return comeback
    })
    // Nothing that could not be placed goes by in silence.
    const unplaced = await Promise.all(
      failed.map((path) => wholeConflict({ path, base, head, repository, readText })),
    )
    await crash('returned')
    await run.settleOutcome((now) => ({
      ...now,
      outcome: 'applied',
      originId: threadId,
      appliedTurnId: turnId,
      conflicts: [...comeback.conflicts, ...unplaced],
      ...(result && { brought: files.map(({ path }) => path) }),
    }))
    await crash('applied')
    if (job.candidate) await run.publish()
    await this.#tidy(job)
    return run.job
  }

  /** Takes the job's side of a conflict, as a turn of the thread the rest came to, or lets the person's stand. */
  async resolve(
    id: JobId,
    place: { readonly path: string; readonly startLine: number },
    take: 'ours' | 'theirs',
  ): Promise<Job> {
    const run = this.run(id)
    const { job } = run
    const conflict = job.conflicts.find(
      ({ path, startLine }) => path === place.path && startLine === place.startLine,
    )
    if (!conflict) throw new RequestError('notFound', 'There is no such conflict any more.')
    if (take === 'theirs') {
      const { documents, threads } = this.#deps
      const now = await documents.readText(job.workspaceId, place.path)
      const patch = takeTheirs(conflict, now)
      if (patch === undefined)
        throw new RequestError(
          'conflict',
          'The file was changed there since; take over by hand what you want.',
        )
      if (patch !== 'taken') {
        const comeback = { patches: [patch], conflicts: [], left: [] }
        await this.#bringIn(await threads().get(await this.#home(job)), job, async () => comeback)
      }
    }
    await this.#deps.crash('sideTaken')
    await run.settleOutcome((known) => ({
      ...known,
      conflicts: known.conflicts.filter(
        (other) => other.path !== place.path || other.startLine !== place.startLine,
      ),
    }))
    await this.#deps.crash('sideKept')
    return run.job
  }

  /** Commits what came back, as people left it. */
  async commit(id: JobId, message: string): Promise<Job> {
    const run = this.run(id)
    const { job } = run
    if (job.outcome !== 'applied') throw new RequestError('conflict', 'Apply its changes first.')
    await this.#deps.documents.flush(job.workspaceId)
    const paths = job.brought ?? job.files.map(({ path }) => path)
    const repository = this.#repository(job.workspaceId)
    // A server that dies in between leaves word of what it was about to do: that is looked for before it is done again.
    const { committing } = run.record
    const made = committing && job.commit === undefined ? await repository.findCommit(committing) : undefined
    const step = { message, at: this.#deps.clock.now() }
    if (!made) await run.noteCommitting(step)
    const commit = made ?? (await repository.commitFiles(paths, step))
    await this.#deps.crash('filesCommitted')
    await run.settleOutcome((known) => ({ ...known, commit }))
    await this.#deps.crash('commitKept')
    return run.job
  }

  /** The edits as a turn whose hunks people judge. */
  async #bringIn(
    runtime: ThreadRuntime,
    job: Job,
    prepare: (seen: TurnSnapshots) => Promise<Comeback>,
  ): Promise<{ readonly turnId: TurnId; readonly failed: readonly string[] }> {
    const { documents, snapshots } = this.#deps
    const workspace = this.#workspace(job.workspaceId)
    const text = `These changes come from the background job “${job.title}”.`
    let failed: readonly string[] = []
    const turnId = await runtime.bringIn({ text, job: { id: job.id, title: job.title } }, async (turn) => {
      const seen = snapshots()
      try {
        for (const { path } of job.files) await seen.note(workspace.id, path)
        const comeback = await prepare(seen)
        if (comeback.patches.length === 0) return
        const { patches } = comeback
        const { turnId, firstItem, publish } = turn
        const id = itemIdSchema.parse(`${turnId}.${firstItem}`)
        failed = await writePatches({
          patches,
          item: { id, request: 0, callId: `job_${turnId}` },
          shown: shownPatch(patches),
          turnId,
          authorName: 'Tandem',
          workspace,
          documents,
          turn: seen,
          publish,
        })
      } finally {
        seen.close()
      }
    })
    return { turnId, failed }
  }

  /** Nobody wants its changes; its commits stay, and so they can be wanted again. */
  async discard(id: JobId, discarded: boolean): Promise<void> {
    const run = this.run(id)
    refuseAgent(run.job)
    if (!isSettled(run.job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    await run.settleOutcome(({ outcome: _, ...job }) => (discarded ? { ...job, outcome: 'discarded' } : job))
    await this.#deps.crash('discarded')
    if (discarded) await this.#tidy(run.job)
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
      await this.#tidy(one)
      hub.publishPassing(`workspace:${job.workspaceId}`, { type: 'job/removed', jobId: one.id })
      // Its thread can still be read by whoever has it open.
      this.#removed.add(one.id)
    }
  }

  /** Its commits have all it did; the copy is made again should it go on. */
  async #tidy(job: Job): Promise<void> {
    for (const one of [job, ...below(job.id, this.#all())]) {
      // What a reader sees is another's.
      if (one.sight === 'shared') continue
      await rm(dirname(this.#tree(one)), { recursive: true, force: true }).catch((error) =>
        this.#deps.onBug(error, 'copy of a job'),
      )
    }
    await this.#deps.crash('tidied')
  }

  /** Where its thread reads and writes. */
  world = (id: JobId): JobWorld => {
    const { clock, timers } = this.#deps
    const run = this.run(id)
    const root = this.#tree(run.job)
    // A job that was cleaned up can still be read.
    mkdirSync(root, { recursive: true, mode: 0o700 })
    const workspace = createJobWorkspace({ id: run.job.workspaceId, root })
    const documents = createFileDocuments({ workspace, clock, timers })
    return {
      workspace,
      documents,
      snapshots: () => noSnapshots,
      guidance: new Guidance(workspace, documents),
      journal: {
        begin: (step, stored) => this.run(id).begin(step, stored),
        answered: (events) => this.run(id).answered(events),
      },
      tools: run.job.sight === 'shared' ? () => undefined : this.#tools(id),
      onTurnSettled: (thread, stored) => {
        if (!this.#isClosed) void this.run(id).turnSettled(thread, stored)
      },
    }
  }

  /** Resolves when nothing of it is under way outside. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.#outbox.close()
  }

  #told(command: OwnTools): OwnTools {
    const { crash } = this.#deps
    return (...call) => {
      const running = command(...call)
      return (
        running &&
        crash('commandStarted').then(async () => {
          const result = await running
          await crash('commandEnded')
          return result
        })
      )
    }
  }

  #tools(id: JobId): OwnTools {
    if (this.run(id).job.judges !== undefined) return this.candidates.tools(id)
    const command = createCommandTool({
      runtime: (thread) => this.#deps.threads().get(thread.id),
      onWait: (approval) => this.run(id).waitForLeave(approval),
    })
    const own = createJobTools({ run: () => this.run(id), runCommand: this.#told(command) })
    const agents = this.#agents.tools(id)
    return (name, args, call) => own(name, args, call) ?? agents(name, args, call)
  }

  /** Each depth has places of its own: who waits for agents keeps none from beginning. */
  #fill(): void {
    const { running = limits.runningJobs } = this.#deps
    const depthOf = (job: Job) => this.#agents.depth(job)
    const taken = new Map<number, number>()
    const take = (depth: number) => taken.set(depth, (taken.get(depth) ?? 0) + 1)
    for (const id of this.#running) take(depthOf(this.run(id).job))
    const waiting = this.#all()
      // Without a thread it is not in the ledger yet.
      .filter((job) => job.state === 'queued' && job.threadId !== '' && !this.#running.has(job.id))
      .toSorted((a, b) => a.createdAt - b.createdAt)
    for (const job of waiting) {
      const depth = depthOf(job)
      if ((taken.get(depth) ?? 0) >= (depth === 0 ? running : this.#agentLimits.running)) continue
      take(depth)
      this.#launch(job.id)
    }
  }

  #all(): readonly Job[] {
    return [...this.#runs.values()].map(({ job }) => job).filter(({ id }) => !this.#removed.has(id))
  }

  #above(job: Job): readonly Job[] {
    return above(job, (id) => this.#runs.get(id)?.job)
  }

  #launch(id: JobId): void {
    this.#running.add(id)
    // What was asked for is answered first.
    this.#deps.timers.later(() => void this.run(id).run())
  }

  #keep(record: JobRecord): void {
    const { store, clock, runner, onBug, crash } = this.#deps
    const { job } = record
    const repository = this.#repository(job.workspaceId)
    const run = new JobRun(record, {
      store,
      clock,
      repository,
      tree: this.#tree(job),
      line: () => [this.run(job.id), ...this.#above(job).map(({ id }) => this.run(id))],
      used: (one) => usedInAll(one, this.#all()),
      onMerged: (known) => this.#agents.settleMerged(known),
      thread: () => this.#deps.threads().get(this.run(job.id).job.threadId),
      snapshot: () => this.candidates.base(this.run(job.id).job),
      afterCopy: () => this.#copyIncluded(job),
      setUp: (signal) =>
        setUp({
          workspaceRoot: this.#workspace(job.workspaceId).root,
          tree: this.#tree(job),
          runner,
          signal,
          output: this.#outputOf(job, 'setup'),
        }),
      checkGoal: (command, signal) =>
        checkGoal(command, { runner, folder: this.#tree(job), signal, output: this.#outputOf(job, 'goal') }),
      costOf: (modelId, usage) => costOf(this.#deps.prices, modelId, usage),
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
      onIdle: () => {
        this.#running.delete(job.id)
        if (!this.#isClosed) this.#fill()
      },
      onBug,
      crash,
    })
    this.#runs.set(job.id, run)
  }

  /** What `.worktreeinclude` names comes along: files that git ignores and a build needs. */
  async #copyIncluded(job: Job): Promise<void> {
    const { root } = this.#workspace(job.workspaceId)
    // A link the job has made leads no copy out of its folder.
    const guard = createPathGuard(this.#tree(job))
    for (const path of await this.#repository(job.workspaceId).included()) {
      const target = await guard.forWrite(path)
      await mkdir(dirname(target), { recursive: true })
      await cp(join(root, path), target, { dereference: false, force: true })
    }
  }

  async #modelFor(originId: ThreadId | undefined): Promise<string> {
    if (this.#deps.tiers.has('background')) return tierId('background')
    if (originId === undefined) return this.#deps.defaultModelId()
    return (await this.#deps.threads().get(originId)).state().modelId
  }

  /** The thread it was handed off from; a new one when that is no more. */
  async #home(job: Job): Promise<ThreadId> {
    const { threads, defaultModelId } = this.#deps
    if (job.originId) {
      const there = await threads()
        .get(job.originId)
        .catch(() => undefined)
      if (there) return job.originId
    }
    return threads().create({
      workspaceId: job.workspaceId,
      modelId: await defaultModelId(),
      mode: 'live',
      title: job.title,
    })
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

  #workspace(id: WorkspaceId): Workspace {
    const workspace = this.#deps.workspaces.find((other) => other.id === id)
    if (!workspace) throw new RequestError('notFound', 'This server does not serve that workspace.')
    return workspace
  }

  #repository(id: WorkspaceId): JobRepository {
    const known = this.#repositories.get(id)
    if (known) return known
    const { root } = this.#workspace(id)
    const repository = new JobRepository({
      root,
      folder: join(this.#deps.folder, id),
      crash: this.#deps.crash,
    })
    this.#repositories.set(id, repository)
    return repository
  }

  #tree({ id, workspaceId, sight, parentId }: Job): string {
    const owner = sight === 'shared' && parentId !== undefined ? parentId : id
    return join(this.#deps.folder, workspaceId, owner, 'tree')
  }
}

function refuseAgent({ parentId }: Job): void {
  if (parentId !== undefined)
    throw new RequestError('conflict', 'An agent’s changes go to the job it works for.')
}
