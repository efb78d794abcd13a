import type { ModelEvent } from '../../core/engine/model-stream.ts'
import {
  afterRestart,
  answered,
  changedSince,
  committed,
  failed,
  type Intent,
  intend,
  isSettled,
  type JobRecord,
  type TakenOver,
  unparked,
  waitsAside,
  withState,
} from '../../core/job/ledger.ts'
import { checked, decided, proposed } from '../../core/job/phases.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import type { Job, JobPlanStep } from '../../core/protocol/job.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { type StepJournal, type StepName, StepRefused } from '../runtime/step-gate.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import { JobBranch } from './job-branch.ts'
import { type JobEffects, JobRow } from './job-row.ts'
import type { SetUp } from './job-setup.ts'
import { JobWaits } from './job-waits.ts'
import { billed, type Prices } from './prices.ts'

type PartDeps = ConstructorParameters<typeof JobRow>[1] &
  Omit<ConstructorParameters<typeof JobWaits>[0] & ConstructorParameters<typeof JobBranch>[0], 'row'>

interface Deps extends PartDeps {
  /** The job's copy of the workspace. */
  readonly tree: string
  readonly thread: () => Promise<ThreadRuntime>
  /** It and the jobs it is an agent of. */
  readonly line: () => readonly JobRun[]
  /** What its agents brought is committed. */
  readonly onMerged: (record: JobRecord) => Promise<void>
  /** The files people have as a commit, with what they typed. */
  readonly snapshot: () => Promise<string>
  /** What a new copy shall have besides. */
  readonly afterCopy: () => Promise<void>
  /** Makes a new copy fit to work in. */
  readonly setUp: (signal: AbortSignal) => Promise<SetUp>
  readonly checkGoal: (
    command: string,
    signal: AbortSignal,
  ) => Promise<{ readonly ok: boolean; readonly text: string }>
  readonly prices: Prices
  /** Resolves when the log of its thread is stored, however often that is refused before. */
  readonly logged: () => Promise<void>
  /** It runs no more: another may. */
  readonly onIdle: () => void
}

/** One job: every change of it is a row of the ledger before anything is done about it. */
export class JobRun implements StepJournal {
  readonly #deps: Deps
  readonly #row: JobRow
  readonly waits: JobWaits
  readonly branch: JobBranch
  readonly #underWay = Promise.withResolvers<void>()
  /** While a command runs that makes the copy fit to work in, or has to pass. */
  #checking: AbortController | undefined
  #isSettling = false
  /** Its copy is made, and its first turn comes after that. */
  #isPreparing = false
  /** What the step under way took over of agents. */
  #taken: Readonly<Record<string, TakenOver>> = {}

  constructor(record: JobRecord, deps: Deps) {
    this.#deps = deps
    this.#row = new JobRow(record, deps)
    this.waits = new JobWaits({ ...deps, row: this.#row })
    this.branch = new JobBranch({ ...deps, row: this.#row })
  }

  get record(): JobRecord {
    return this.#row.record
  }

  get job(): Job {
    return this.#row.job
  }

  /** Resolves when this server has begun a step of it. */
  get underWay(): Promise<void> {
    return this.#underWay.promise
  }

  /** A turn has ended, and what that means for the job is not written down yet. */
  get isSettling(): boolean {
    return this.#isSettling
  }

  /** What is said to it before its first turn waits until that has ended. */
  get isHeld(): boolean {
    return this.#isPreparing || (this.job.state === 'queued' && this.job.waits === undefined)
  }

  /** Begins the job, or goes on with it after a restart. */
  async run(): Promise<void> {
    try {
      const todo = afterRestart(this.record)
      if (todo === 'nothing') return
      // Tried again by a person, or begun only now: what has settled is no end of it.
      const isAsked = todo === 'begin'
      this.#isPreparing = this.job.used.steps === 0 && !this.record.step
      await this.#row.claim()
      await this.#deps.crash('claimed')
      // It is read meanwhile, and may be let go again: a copy can take long.
      const loading = this.#deps.thread()
      // What a person said to it let it go on before there was room.
      if (isAsked && this.record.base !== '' && (await loading).isAtWork) return
      const [unfit] = await Promise.all([this.#prepare(), loading])
      const runtime = await this.#deps.thread()
      this.#isPreparing = false
      const turn = runtime.state().turns.findLast(({ copied }) => !copied)
      const { step, job } = this.record
      // Nobody would take over what an agent does for a job that has ended.
      const [, ...leads] = this.#deps.line()
      if (this.record.stopping || leads.some((lead) => isSettled(lead.job)))
        return await this.#settle('stopped')
      if (unfit !== undefined) return await this.#settle('failed', '', unfit)
      if (!turn) {
        await runtime.start(job.task, { openPaths: [] }, this.#deps.clock.monotonic())
        await this.#deps.crash('turnStarted')
      } else if (step) await runtime.restart({ ...step, attempt: step.attempt + 1 })
      else if (turn.id === this.record.next?.after) await this.#beginNext()
      else if (turn.settledAt !== undefined && !isAsked) await this.#finish(turn)
      else await runtime.restart({ turnId: turn.id, request: nextRequest(turn), attempt: 1 })
    } catch (error) {
      this.#isPreparing = false
      this.#deps.onBug(error, `job ${this.job.id}`)
      await this.#fail(error)
    }
  }

  /** Answers why its copy is not fit to work in, when it is not. */
  async #prepare(): Promise<string | undefined> {
    const { repository, tree, clock, crash } = this.#deps
    if (this.record.base === '') {
      const base = await this.#deps.snapshot()
      await crash('snapshotTaken')
      await this.#row.write((record) => ({ ...record, base, head: base }))
    }
    await crash('based')
    this.#taken = {}
    await this.#deps.onMerged(this.record)
    if (!this.#isReader) {
      await repository.checkout(tree, this.record.head)
      await crash('treeMade')
      await this.#deps.afterCopy()
    }
    await crash('checkedOut')
    if (this.job.state === 'queued') {
      await this.#row.write((record) => ({ ...record, job: withState(record.job, 'running', clock.now()) }))
      await crash('running')
    }
    return this.#setUp()
  }

  /** Answers why its copy is not fit to work in, when it is not. */
  async #setUp(): Promise<string | undefined> {
    if (this.#isReader) return undefined
    const { repository, tree } = this.#deps
    this.#checking = new AbortController()
    const { ran, problem } = await this.#deps.setUp(this.#checking.signal)
    this.#checking = undefined
    if (ran) await this.waits.weigh()
    // What the setup wrote in files of the workspace is nobody's work.
    if (ran) await repository.checkout(tree, this.record.head)
    return problem
  }

  async begin(name: StepName, stored: () => Promise<void>): Promise<readonly ModelEvent[] | undefined> {
    const { store, clock, crash } = this.#deps
    const open = this.record.step
    if (open && (open.turnId !== name.turnId || open.request !== name.request)) await this.#close(stored)
    await this.waits.certain()
    if (isSettled(this.job)) await this.#reopen()
    await this.waits.mayGoOn()
    const fence = await this.#row.claim()
    let todo = 'ask' as Intent['do']
    await this.#row.write(
      (record) => {
        const intent = intend(record, { fence, ...name, at: clock.now() })
        todo = intent.do
        return intent.record
      },
      { step: 'open' },
    )
    if (todo === 'park') throw new StepRefused(this.job.problem ?? '')
    await crash('intended')
    this.#underWay.resolve()
    if (todo === 'ask') return undefined
    const row = await store.readJobStep(this.job.id, this.record.step?.n ?? 0)
    return row?.answer === undefined ? undefined : (JSON.parse(row.answer) as readonly ModelEvent[])
  }

  async answered(events: readonly ModelEvent[]): Promise<void> {
    const modelId = (await this.#deps.thread()).state().turns.at(-1)?.modelId ?? ''
    const { prices } = this.#deps
    const usages = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
    await this.#deps.crash('heard')
    await this.#row.write(
      (record) => {
        const { job } = record
        const used = usages.reduce((sum, usage) => billed(sum, { prices, modelId, usage }), job.used)
        return answered({ ...record, job: { ...job, used } })
      },
      { step: 'open', answer: JSON.stringify(events) },
    )
    await this.#deps.crash('answered')
  }

  /** A turn of its thread is over. */
  async turnSettled(thread: ThreadState, stored: Promise<void>): Promise<void> {
    const turn = thread.turns.at(-1)
    if (!turn || turn.copied) return
    this.#isSettling = true
    try {
      // What a parked step was answered is for the next attempt.
      if (!this.job.parked) await this.#close(() => stored)
      await this.#finish(turn)
    } catch (error) {
      this.#deps.onBug(error, `job ${this.job.id}`)
      await this.#fail(error)
    } finally {
      this.#isSettling = false
    }
    // What people want done next begins when it is known what became of this.
    await this.#deps.thread().then(
      ({ queue }) => queue.wake(),
      (error) => this.#deps.onBug(error, `queue of ${this.job.id}`),
    )
  }

  async stop(): Promise<void> {
    if (isSettled(this.job) || this.job.needs?.kind === 'effect')
      throw new RequestError('conflict', 'The job has ended already.')
    await this.#row.write((record) => ({ ...record, stopping: true }))
    await this.#deps.crash('stopping')
    this.waits.giveUp()
    this.#checking?.abort()
    if (this.job.state === 'queued' || waitsAside(this.job)) return this.#settle('stopped')
    const runtime = await this.#deps.thread()
    const turn = runtime.state().turns.at(-1)
    if (turn && turn.settledAt === undefined) runtime.control.interrupt(turn.id)
  }

  async plan(plan: readonly JobPlanStep[]): Promise<void> {
    await this.#row.write((record) => ({ ...record, job: { ...record.job, plan: [...plan] } }))
    await this.#deps.crash('planned')
  }

  /** Settles when it may go on, which it does when there is room. */
  async decidePlan({ accept, text }: { readonly accept: boolean; readonly text: string }): Promise<void> {
    if (this.job.needs?.kind !== 'plan')
      throw new RequestError('conflict', 'The job does not wait with a plan.')
    const after = (await this.#deps.thread()).state().turns.at(-1)?.id
    if (!after) throw new RequestError('conflict', 'The job has not begun.')
    await this.#row.write((record) => decided(record, { accept, text, after, at: this.#deps.clock.now() }))
    await this.#deps.crash('decided')
  }

  hasTaken(id: JobId): TakenOver | undefined {
    return this.#taken[id] ?? this.record.merged?.[id]
  }

  /** It is in the job's copy: written with the step that is under way. */
  take(id: JobId, taken: TakenOver): void {
    this.#taken = { ...this.#taken, [id]: taken }
  }

  /** The job it is an agent of has more for it: it goes on from where it ended. */
  async awaken(): Promise<void> {
    if (isSettled(this.job)) await this.#reopen()
  }

  /** A person wants the failed or stopped job to go on from where it stands. */
  async retry(): Promise<void> {
    if (!this.job.waits && (!isSettled(this.job) || this.job.state === 'done'))
      throw new RequestError('conflict', 'Only a job that failed or was stopped can be tried again.')
    const { clock } = this.#deps
    await this.#row.write((record) => ({
      ...unparked(record),
      stopping: false,
      job: withState(record.job, 'queued', clock.now()),
    }))
    await this.#deps.crash('retried')
  }

  /** What a person decides about a job that has ended, and what they want done outside because of it. */
  async settleOutcome(change: (job: Job) => Job, effects: JobEffects = []): Promise<void> {
    await this.#row.write((record) => ({ ...record, job: change(record.job) }), { effects })
  }

  /** Its changes are about to come, or a commit in the person's repository is about to be made. */
  async note(more: Pick<JobRecord, 'before'> | Pick<JobRecord, 'committing'>): Promise<void> {
    await this.#row.write((record) => ({ ...record, ...more }))
  }

  /** Words to a job that had ended: it goes on with them. */
  async #reopen(): Promise<void> {
    const { repository, tree, clock } = this.#deps
    if (!this.#isReader) {
      await repository.checkout(tree, this.record.head)
      await this.#deps.afterCopy()
    }
    await this.#row.write((record) => {
      const { outcome, parked: _, ...job } = withState(record.job, 'running', clock.now())
      // What came back has come back, until there is more.
      return { ...record, stopping: false, job: { ...job, ...(outcome === 'applied' && { outcome }) } }
    })
    await this.#deps.crash('reopened')
    // Its copy may have been cleared away.
    const unfit = await this.#setUp()
    if (unfit !== undefined) throw new StepRefused(unfit)
  }

  /** All the step led to is in the log: it is committed, and then known as done. */
  async #close(stored: () => Promise<void>): Promise<void> {
    const { step, head, base } = this.record
    const { repository, tree, crash } = this.#deps
    // Of an answer that never came nothing was done.
    if (step?.state !== 'answered') return
    await stored().catch(() => this.#deps.logged())
    await crash('acted')
    const next = this.#isReader
      ? head
      : await repository.commit(tree, head, { message: `Step ${step.n}`, at: step.at })
    const files = next === head ? this.job.files : await repository.changes(base, next)
    await crash('treeWritten')
    await this.#row.write(
      (record) => {
        const known = next === head ? record : changedSince(record, head)
        const done = committed(known, next, this.#taken)
        return { ...done, job: { ...done.job, files: [...files] } }
      },
      { step },
    )
    this.#taken = {}
    await crash('received')
    await this.#deps.onMerged(this.record)
  }

  /** It sees the copy of the job it works for, and has none. */
  get #isReader(): boolean {
    return this.job.sight === 'shared'
  }

  async #finish(turn: Turn): Promise<void> {
    const said = turn.items.findLast((item) => item.type === 'agentMessage')
    const answer = said?.type === 'agentMessage' ? said.text : ''
    if (this.job.parked) return this.#settle('failed', answer, this.job.problem)
    if (this.record.stopping) return this.#settle('stopped', answer)
    if (turn.status === 'completed' && this.job.planFirst) return this.#propose(answer)
    if (turn.status === 'completed' && this.job.goal) return this.#check(turn, answer)
    if (turn.status === 'completed') return this.#settle('done', answer)
    // It may have been stopped before there was a request to interrupt.
    if (turn.status === 'interrupted' || this.record.stopping) return this.#settle('stopped', answer)
    if (turn.failure?.retriable && (await this.waits.standAside(turn.failure.detail)))
      return this.#deps.onIdle()
    return this.#settle('failed', answer, turn.failure?.detail)
  }

  async #propose(plan: string): Promise<void> {
    await this.#row.write((record) => proposed(record, plan, this.#deps.clock.now()))
    await this.#deps.crash('proposed')
    this.#deps.onIdle()
  }

  /** The job says it is done: the command that has to pass for that tells whether it is. */
  async #check({ id: after }: Turn, answer: string): Promise<void> {
    const { repository, tree, clock, checkGoal } = this.#deps
    const { goal } = this.job
    if (!goal) return
    this.#checking = new AbortController()
    const said = await checkGoal(goal.command, this.#checking.signal)
    this.#checking = undefined
    if (this.record.stopping) return this.#settle('stopped', answer)
    const { head } = this.record
    // What it wrote is nobody's work.
    await repository.checkout(tree, head)
    let outcome = 'met' as ReturnType<typeof checked>['outcome']
    await this.#row.write((record) => {
      const done = checked(record, after, { ...said, head, at: clock.now() })
      outcome = done.outcome
      return done.record
    })
    await this.#deps.crash('goalChecked')
    if (outcome === 'met') return this.#settle('done', answer)
    if (outcome === 'again') return this.#beginNext()
    const problem = `“${goal.command}” still fails, and the job changed nothing since it failed before.`
    return this.#settle('failed', answer, problem)
  }

  async #beginNext(): Promise<void> {
    const { next, job } = this.record
    if (!next) return
    const planned = await this.#deps.thread()
    if (!job.planFirst && planned.state().mode === 'plan')
      await planned.configure({ modelId: undefined, mode: 'background' })
    const runtime = await this.#deps.thread()
    await runtime.start(next.text, { openPaths: [] }, this.#deps.clock.monotonic())
  }

  async #settle(
    state: 'done' | 'failed' | 'stopped',
    answer = this.job.answer,
    problem?: string,
  ): Promise<void> {
    const { clock, crash } = this.#deps
    await crash('settled')
    // What an agent did is a part of another job's branch, and a candidate has one when it is taken.
    const { parentId, candidate } = this.job
    const outcome = parentId === undefined && !candidate ? await this.branch.push() : undefined
    await crash('published')
    await this.#row.write((record) => {
      const at = clock.now()
      const next =
        state === 'failed' ? failed(record.job, problem ?? '', at) : withState(record.job, state, at)
      const step = record.job.parked ? record.step : undefined
      return { ...record, job: { ...next, answer, ...outcome?.job }, step, ...outcome?.record }
    })
    await crash('ended')
    this.#deps.onIdle()
  }

  async #fail(error: unknown): Promise<void> {
    const problem = error instanceof Error ? error.message : String(error)
    const { clock } = this.#deps
    await this.#row
      .write((record) => ({ ...record, job: failed(record.job, problem, clock.now()) }))
      .catch((again) => this.#deps.onBug(again, 'ledger of jobs'))
    this.#deps.onIdle()
  }
}

/** Every request that brought items is done with. */
function nextRequest(turn: Turn): number {
  return turn.items.reduce((most, item) => Math.max(most, 'request' in item ? item.request + 1 : 0), 0)
}
