import type { ModelEvent } from '../../core/engine/model-stream.ts'
import {
  afterRestart,
  answered,
  committed,
  failed,
  type Intent,
  intend,
  isSettled,
  type JobRecord,
  needing,
  type OpenStep,
  spentOf,
  type TakenOver,
  unparked,
  waitsAside,
  withPause,
  withState,
} from '../../core/job/ledger.ts'
import { checked, decided, proposed } from '../../core/job/phases.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Approval } from '../../core/protocol/approval.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import type { Job, JobBudget, JobPlanStep } from '../../core/protocol/job.ts'
import type { Usage } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { type StepJournal, type StepName, StepRefused } from '../runtime/step-gate.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import type { JobWrite, Store } from '../store/store.ts'
import type { Crash, CrashPoint } from './crash-points.ts'
import type { JobRepository } from './job-repository.ts'
import type { SetUp } from './job-setup.ts'
import { isNews } from './webhooks.ts'

export interface JobRunDeps {
  readonly store: Store
  readonly clock: Clock
  readonly repository: JobRepository
  /** The job's copy of the workspace. */
  readonly tree: string
  readonly thread: () => Promise<ThreadRuntime>
  /** The files people have as a commit, with what they typed; and what a new copy shall have besides. */
  /** It and the jobs it is an agent of, the one whose budget they all use at the end. */
  readonly line: () => readonly JobRun[]
  /** What a job and its agents have used. */
  readonly used: (job: Job) => Job['used']
  /** What its agents brought is committed. */
  readonly onMerged: (record: JobRecord) => Promise<void>
  readonly snapshot: () => Promise<string>
  readonly afterCopy: () => Promise<void>
  /** Makes a new copy fit to work in. */
  readonly setUp: (signal: AbortSignal) => Promise<SetUp>
  readonly checkGoal: (
    command: string,
    signal: AbortSignal,
  ) => Promise<{ readonly ok: boolean; readonly text: string }>
  /** What an answer of a model costs, in millionths of a US dollar; `undefined`: it has no price. */
  readonly costOf: (modelId: string, usage: Usage) => number | undefined
  /** What is to be done outside because of how the job stands now. `nth`: how often there was something. */
  readonly effectsOf: (job: Job, nth: number) => NonNullable<JobWrite['effects']>
  readonly onEffects: () => void
  readonly onChange: (job: Job) => void
  /** It runs no more: another may. */
  readonly onIdle: () => void
  readonly onBug: (error: unknown, where: string) => void
  readonly crash: Crash
}

/** One job: every change of it is a row of the ledger before anything is done about it. */
export class JobRun implements StepJournal {
  readonly #deps: JobRunDeps
  #record: JobRecord
  /** `undefined` until it is claimed. */
  #fence: Promise<number> | undefined
  /** Writes follow each other: each names the head of the one before. */
  #writing: Promise<unknown> = Promise.resolve()
  /** Told when a person has changed what the job waits for. */
  #changed = Promise.withResolvers<void>()
  #answer: PromiseWithResolvers<string> | undefined
  /** While a command runs that makes the copy fit to work in, or has to pass. */
  #checking: AbortController | undefined
  /** What the step under way took over of agents. */
  #taken: Readonly<Record<string, TakenOver>> = {}

  constructor(record: JobRecord, deps: JobRunDeps) {
    this.#record = record
    this.#deps = deps
  }

  get record(): JobRecord {
    return this.#record
  }

  get job(): Job {
    return this.#record.job
  }

  /** Begins the job, or goes on with it after a restart. */
  async run(): Promise<void> {
    try {
      const todo = afterRestart(this.#record)
      if (todo === 'nothing') return
      // Tried again by a person, or begun only now: what has settled is no end of it.
      const isAsked = todo === 'begin'
      await this.#claim()
      await this.#deps.crash('claimed')
      const unfit = await this.#prepare()
      const runtime = await this.#deps.thread()
      const turn = runtime.state().turns.findLast(({ copied }) => !copied)
      const { step, job } = this.#record
      // Nobody would take over what an agent does for a job that has ended.
      const [, ...leads] = this.#deps.line()
      if (this.#record.stopping || leads.some((lead) => isSettled(lead.job)))
        return await this.#settle('stopped')
      if (unfit !== undefined) return await this.#settle('failed', '', unfit)
      if (!turn) {
        await runtime.start(job.task, { openPaths: [] }, this.#deps.clock.monotonic())
        await this.#deps.crash('turnStarted')
      } else if (step) await runtime.restart({ ...step, attempt: step.attempt + 1 })
      else if (turn.id === this.#record.next?.after) await this.#beginNext(runtime)
      else if (turn.settledAt !== undefined && !isAsked) await this.#finish(turn)
      else await runtime.restart({ turnId: turn.id, request: nextRequest(turn), attempt: 1 })
    } catch (error) {
      this.#deps.onBug(error, `job ${this.job.id}`)
      await this.#fail(error)
    }
  }

  /** Answers why its copy is not fit to work in, when it is not. */
  async #prepare(): Promise<string | undefined> {
    const { repository, tree, clock, crash } = this.#deps
    if (this.#record.base === '') {
      const base = await this.#deps.snapshot()
      await crash('snapshotTaken')
      await this.#write((record) => ({ ...record, base, head: base }))
    }
    await crash('based')
    this.#taken = {}
    await this.#deps.onMerged(this.#record)
    if (!this.#isReader) {
      await repository.checkout(tree, this.#record.head)
      await crash('treeMade')
      await this.#deps.afterCopy()
    }
    await crash('checkedOut')
    if (this.job.state === 'queued') {
      await this.#write((record) => ({ ...record, job: withState(record.job, 'running', clock.now()) }))
      await crash('running')
    }
    if (this.#isReader) return undefined
    this.#checking = new AbortController()
    const { ran, problem } = await this.#deps.setUp(this.#checking.signal)
    this.#checking = undefined
    // What the setup wrote in files of the workspace is nobody's work.
    if (ran) await repository.checkout(tree, this.#record.head)
    return problem
  }

  async begin(name: StepName, stored: () => Promise<void>): Promise<readonly ModelEvent[] | undefined> {
    const { store, clock, crash } = this.#deps
    const open = this.#record.step
    if (open && (open.turnId !== name.turnId || open.request !== name.request)) await this.#close(stored)
    if (isSettled(this.job)) await this.#reopen()
    await this.#mayGoOn()
    const fence = await this.#claim()
    let todo = 'ask' as Intent['do']
    await this.#write((record) => {
      const intent = intend(record, { fence, ...name, at: clock.now() })
      todo = intent.do
      return intent.record
    }, 'open')
    if (todo === 'park') throw new StepRefused(this.job.problem ?? '')
    await crash('intended')
    if (todo === 'ask') return undefined
    const row = await store.readJobStep(this.job.id, this.#record.step?.n ?? 0)
    return row?.answer === undefined ? undefined : (JSON.parse(row.answer) as readonly ModelEvent[])
  }

  async answered(events: readonly ModelEvent[]): Promise<void> {
    const modelId = (await this.#deps.thread()).state().turns.at(-1)?.modelId ?? ''
    const bills = events.flatMap((event) =>
      event.type === 'usage' ? [{ usage: event.usage, cost: this.#deps.costOf(modelId, event.usage) }] : [],
    )
    await this.#deps.crash('heard')
    await this.#write(
      (record) => {
        const { job } = record
        const used = bills.reduce((sum, bill) => withBill(sum, bill), job.used)
        return answered({ ...record, job: { ...job, used } })
      },
      'open',
      JSON.stringify(events),
    )
    await this.#deps.crash('answered')
  }

  /** A turn of its thread is over. */
  async turnSettled(thread: ThreadState, stored: Promise<void>): Promise<void> {
    const turn = thread.turns.at(-1)
    if (!turn || turn.copied) return
    try {
      // What a parked step was answered is for the next attempt.
      if (!this.job.parked) await this.#close(() => stored)
      await this.#finish(turn)
    } catch (error) {
      this.#deps.onBug(error, `job ${this.job.id}`)
      await this.#fail(error)
    }
  }

  pause(paused: boolean): Promise<void> {
    return this.#byPerson((job, at) => withPause(job, paused, at), 'paused')
  }

  async stop(): Promise<void> {
    if (isSettled(this.job)) throw settledAlready
    await this.#write((record) => ({ ...record, stopping: true }))
    await this.#deps.crash('stopping')
    this.wake()
    this.#answer?.reject(new StepRefused('The job was stopped.'))
    this.#checking?.abort()
    if (this.job.state === 'queued' || waitsAside(this.job)) return this.#settle('stopped')
    const runtime = await this.#deps.thread()
    const turn = runtime.state().turns.at(-1)
    if (turn && turn.settledAt === undefined) runtime.interrupt(turn.id)
  }

  /** Adds to what it may use; a job that waits for that goes on. */
  extend(budget: JobBudget): Promise<void> {
    return this.#byPerson(
      (job, at) =>
        job.needs?.kind === 'budget' ? withState({ ...job, budget }, 'running', at) : { ...job, budget },
      'extended',
    )
  }

  async plan(plan: readonly JobPlanStep[]): Promise<void> {
    await this.#write((record) => ({ ...record, job: { ...record.job, plan: [...plan] } }))
    await this.#deps.crash('planned')
  }

  /** Settles when it may go on, which it does when there is room. */
  async decidePlan({ accept, text }: { readonly accept: boolean; readonly text: string }): Promise<void> {
    if (this.job.needs?.kind !== 'plan')
      throw new RequestError('conflict', 'The job does not wait with a plan.')
    const after = (await this.#deps.thread()).state().turns.at(-1)?.id
    if (!after) throw new RequestError('conflict', 'The job has not begun.')
    await this.#write((record) => decided(record, { accept, text, after, at: this.#deps.clock.now() }))
    await this.#deps.crash('decided')
  }

  /** Waits for a person's words; after a restart it is asked again. */
  async ask(question: string, signal: AbortSignal): Promise<string> {
    const asked = Promise.withResolvers<string>()
    this.#answer = asked
    const { clock } = this.#deps
    signal.addEventListener('abort', () => asked.reject(new StepRefused('The question was taken back.')))
    await this.#write((record) => ({
      ...patiently(record),
      job: needing(record.job, { kind: 'answer', question }, clock.now()),
    }))
    await this.#deps.crash('asked')
    return asked.promise
  }

  /** The step that is under way waits for others. */
  patient(): Promise<void> {
    return this.#write(patiently)
  }

  hasTaken(id: JobId): TakenOver | undefined {
    return this.#taken[id] ?? this.#record.merged?.[id]
  }

  /** It is in the job's copy: written with the step that is under way. */
  take(id: JobId, taken: TakenOver): void {
    this.#taken = { ...this.#taken, [id]: taken }
  }

  /** The job it is an agent of has more for it: it goes on from where it ended. */
  async awaken(): Promise<void> {
    if (isSettled(this.job)) await this.#reopen()
  }

  /** A person has to allow a command; nothing: they need not any more. */
  async waitForLeave(approval: Approval | undefined): Promise<void> {
    const { clock } = this.#deps
    await this.#write((record) => {
      if (approval)
        return { ...patiently(record), job: needing(record.job, { kind: 'approval', approval }, clock.now()) }
      if (record.job.needs?.kind !== 'approval') return record
      return { ...record, job: withState(record.job, 'running', clock.now()) }
    })
  }

  async reply(text: string): Promise<void> {
    const asked = this.#answer
    if (!asked || this.job.needs?.kind !== 'answer')
      throw new RequestError('conflict', 'The job does not wait for an answer.')
    await this.#byPerson((job, at) => withState(job, 'running', at), 'replied')
    this.#answer = undefined
    asked.resolve(text)
  }

  /** A person wants the failed or stopped job to go on from where it stands. */
  async retry(): Promise<void> {
    if (!isSettled(this.job) || this.job.state === 'done')
      throw new RequestError('conflict', 'Only a job that failed or was stopped can be tried again.')
    const { clock } = this.#deps
    await this.#write((record) => ({
      ...unparked(record),
      stopping: false,
      job: withState(record.job, 'queued', clock.now()),
    }))
    await this.#deps.crash('retried')
  }

  /** What a person decides about a job that has ended. */
  async settleOutcome(change: (job: Job) => Job): Promise<void> {
    await this.#write((record) => ({ ...record, job: change(record.job) }))
  }

  /** A commit in the person's repository is about to be made. */
  async noteCommitting(committing: JobRecord['committing']): Promise<void> {
    await this.#write((record) => ({ ...record, committing }))
  }

  async notePublished(published: string | undefined): Promise<void> {
    await this.#write((record) => ({ ...record, published }))
  }

  /** Words to a job that had ended: it goes on with them. */
  async #reopen(): Promise<void> {
    const { repository, tree, clock } = this.#deps
    if (!this.#isReader) await repository.checkout(tree, this.#record.head)
    await this.#write((record) => {
      const {
        outcome: _,
        appliedTurnId: __,
        parked: ___,
        ...job
      } = withState(record.job, 'running', clock.now())
      return { ...record, stopping: false, job: { ...job, conflicts: [] } }
    })
    await this.#deps.crash('reopened')
  }

  /** Waits while the job is paused or has nothing left to spend; an agent, while the job it works for has or is so. */
  async #mayGoOn(): Promise<void> {
    for (;;) {
      if (this.#record.stopping) throw new StepRefused('The job was stopped.')
      const changed = this.#changed.promise
      const line = this.#deps.line()
      const isSpent = await line.at(-1)?.askIfSpent()
      if (!isSpent && !line.some(({ job }) => job.paused)) return
      await changed
    }
  }

  /** Whether it and its agents have used up what there was: a person is asked for more. */
  async askIfSpent(): Promise<boolean> {
    const { clock, used } = this.#deps
    if (isSettled(this.job)) return false
    const spent = spentOf({ ...this.job, used: used(this.job) }, clock.now())
    if (spent === undefined) return false
    if (this.job.needs?.kind !== 'budget') {
      await this.#write((record) => ({
        ...record,
        job: needing(record.job, { kind: 'budget', spent }, clock.now()),
      }))
      await this.#deps.crash('budgetAsked')
    }
    return true
  }

  /** All the step led to is in the log: it is committed, and then known as done. */
  async #close(stored: () => Promise<void>): Promise<void> {
    const { step, head, base } = this.#record
    const { repository, tree, crash } = this.#deps
    // Of an answer that never came nothing was done.
    if (step?.state !== 'answered') return
    await stored()
    await crash('acted')
    const next = this.#isReader
      ? head
      : await repository.commit(tree, head, { message: `Step ${step.n}`, at: step.at })
    const files = next === head ? this.job.files : await repository.changes(base, next)
    await crash('treeWritten')
    await this.#write((record) => {
      const done = committed(record, next, this.#taken)
      return { ...done, job: { ...done.job, files: [...files] } }
    }, step)
    this.#taken = {}
    await crash('received')
    await this.#deps.onMerged(this.#record)
  }

  /** It sees the copy of the job it works for, and has none. */
  get #isReader(): boolean {
    return this.job.sight === 'shared'
  }

  async #finish(turn: Turn): Promise<void> {
    const said = turn.items.findLast((item) => item.type === 'agentMessage')
    const answer = said?.type === 'agentMessage' ? said.text : ''
    if (this.job.parked) return this.#settle('failed', answer, this.job.problem)
    if (this.#record.stopping) return this.#settle('stopped', answer)
    if (turn.status === 'completed' && this.job.planFirst) return this.#propose(answer)
    if (turn.status === 'completed' && this.job.goal) return this.#check(turn, answer)
    if (turn.status === 'completed') return this.#settle('done', answer)
    // It may have been stopped before there was a request to interrupt.
    if (turn.status === 'interrupted' || this.#record.stopping) return this.#settle('stopped', answer)
    return this.#settle('failed', answer, turn.failure?.detail)
  }

  async #propose(plan: string): Promise<void> {
    await this.#write((record) => proposed(record, plan, this.#deps.clock.now()))
    await this.#deps.crash('proposed')
    this.#idle()
  }

  /** The job says it is done: the command that has to pass for that tells whether it is. */
  async #check({ id: after }: Turn, answer: string): Promise<void> {
    const { repository, tree, clock, checkGoal } = this.#deps
    const { goal } = this.job
    if (!goal) return
    this.#checking = new AbortController()
    const said = await checkGoal(goal.command, this.#checking.signal)
    this.#checking = undefined
    if (this.#record.stopping) return this.#settle('stopped', answer)
    const { head } = this.#record
    // What it wrote is nobody's work.
    await repository.checkout(tree, head)
    let outcome = 'met' as ReturnType<typeof checked>['outcome']
    await this.#write((record) => {
      const done = checked(record, after, { ...said, head, at: clock.now() })
      outcome = done.outcome
      return done.record
    })
    await this.#deps.crash('goalChecked')
    if (outcome === 'met') return this.#settle('done', answer)
    if (outcome === 'again') return this.#beginNext(await this.#deps.thread())
    const problem = `“${goal.command}” still fails, and the job changed nothing since it failed before.`
    return this.#settle('failed', answer, problem)
  }

  async #beginNext(runtime: ThreadRuntime): Promise<void> {
    const { next, job } = this.#record
    if (!next) return
    if (!job.planFirst && runtime.state().mode === 'plan')
      await runtime.configure({ modelId: undefined, mode: 'background' })
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
    const outcome = parentId === undefined && !candidate ? await this.#pushBranch() : undefined
    await crash('published')
    await this.#write((record) => {
      const at = clock.now()
      const next =
        state === 'failed' ? failed(record.job, problem ?? '', at) : withState(record.job, state, at)
      const step = record.job.parked ? record.step : undefined
      return { ...record, job: { ...next, answer, ...outcome?.job }, step, ...outcome?.record }
    })
    await crash('ended')
    this.#idle()
  }

  /** Makes its branch what it has done. */
  async publish(): Promise<void> {
    const outcome = await this.#pushBranch()
    if (outcome)
      await this.#write((record) => ({
        ...record,
        ...outcome.record,
        job: { ...record.job, ...outcome.job },
      }))
  }

  async #pushBranch() {
    const { head, base, published } = this.#record
    if (head === base || head === '') return undefined
    const branch = this.job.branch ?? `tandem/${this.job.id.slice(4, 12)}`
    const outcome = await this.#deps.repository.publish(branch, head, published).catch((error) => {
      this.#deps.onBug(error, 'branch of a job')
      return undefined
    })
    return outcome === 'published' ? { job: { branch }, record: { published: head } } : undefined
  }

  async #fail(error: unknown): Promise<void> {
    const problem = error instanceof Error ? error.message : String(error)
    const { clock } = this.#deps
    await this.#write((record) => ({ ...record, job: failed(record.job, problem, clock.now()) })).catch(
      (again) => this.#deps.onBug(again, 'ledger of jobs'),
    )
    this.#idle()
  }

  #idle(): void {
    this.#deps.onIdle()
  }

  async #byPerson(change: (job: Job, at: number) => Job, point: CrashPoint): Promise<void> {
    if (isSettled(this.job)) throw settledAlready
    const { clock, crash } = this.#deps
    await this.#write((record) => ({ ...record, job: change(record.job, clock.now()) }))
    await crash(point)
    this.wake()
  }

  /** What it waits for may have come. */
  wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #claim(): Promise<number> {
    this.#fence ??= this.#deps.store.claimJob(this.job.id)
    return this.#fence
  }

  #write(change: (record: JobRecord) => JobRecord, step?: OpenStep | 'open', answer?: string): Promise<void> {
    const writing = this.#writing.then(async () => {
      const fence = await this.#claim()
      const before = this.#record
      const changed = change(before)
      const isNew = changed.job.state !== before.job.state && isNews(changed.job.state)
      const record = isNew ? { ...changed, news: (changed.news ?? 0) + 1 } : changed
      const effects = isNew ? this.#deps.effectsOf(record.job, record.news ?? 0) : []
      const noted = step === 'open' ? record.step : step
      await this.#deps.store.writeJob(this.job.id, {
        fence,
        from: before.head,
        head: record.head,
        body: JSON.stringify(record),
        effects,
        ...(noted && {
          step: { n: noted.n, body: JSON.stringify(noted), ...(answer !== undefined && { answer }) },
        }),
      })
      this.#record = record
      if (effects.length > 0) this.#deps.onEffects()
      this.#deps.onChange(record.job)
    })
    this.#writing = writing.catch(() => undefined)
    return writing
  }
}

type Used = Job['used']

function withBill(
  used: Used,
  { usage, cost }: { readonly usage: Usage; readonly cost: number | undefined },
): Used {
  const tokens = used.tokens + usage.inputTokens + usage.outputTokens
  return cost === undefined
    ? { ...used, tokens, unpriced: true }
    : { ...used, tokens, cost: (used.cost ?? 0) + cost }
}

const settledAlready = new RequestError('conflict', 'The job has ended already.')

/** It waits as long as it has to: restarts meanwhile are no attempts that failed. */
function patiently(record: JobRecord): JobRecord {
  return { ...record, ...(record.step && { step: { ...record.step, attempt: 0 } }) }
}

/** Every request that brought items is done with. */
function nextRequest(turn: Turn): number {
  return turn.items.reduce((most, item) => Math.max(most, 'request' in item ? item.request + 1 : 0), 0)
}
