import { isSettled, needing, patient, spentOf, waiting, withPause, withState } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Approval } from '../../core/protocol/approval.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { Job, JobBudget } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { StepRefused } from '../runtime/step-gate.ts'
import type { Crash, CrashPoint } from './crash-points.ts'
import type { JobRow } from './job-row.ts'

interface Deps {
  readonly row: JobRow
  readonly clock: Clock
  /** It and the jobs it is an agent of, the one whose budget they all use at the end. */
  readonly line: () => readonly { readonly job: Job; readonly waits: JobWaits }[]
  /** What a job and its agents have used. */
  readonly used: (job: Job) => Job['used']
  /** What its copy takes on disk, in MiB. */
  readonly weigh: () => Promise<number | undefined>
  /** The first wait for a model that cannot be had. */
  readonly firstMs?: number | undefined
  readonly crash: Crash
}

/** What a job waits for, and what people say that lets it go on. */
export class JobWaits {
  readonly #deps: Deps
  /** Told when a person has changed what the job waits for. */
  #changed = Promise.withResolvers<void>()
  #answer: PromiseWithResolvers<string> | undefined

  constructor(deps: Deps) {
    this.#deps = deps
  }

  pause(paused: boolean): Promise<void> {
    return this.#byPerson((job, at) => withPause(job, paused, at), 'paused')
  }

  /** Adds to what it may use; a job that waits for that goes on. */
  extend(budget: JobBudget): Promise<void> {
    return this.#byPerson(
      (job, at) =>
        job.needs?.kind === 'budget' ? withState({ ...job, budget }, 'running', at) : { ...job, budget },
      'extended',
    )
  }

  /** Waits for a person's words; after a restart it is asked again. */
  async ask(question: string, signal: AbortSignal): Promise<string> {
    const asked = Promise.withResolvers<string>()
    this.#answer = asked
    const { row, clock, crash } = this.#deps
    signal.addEventListener('abort', () => asked.reject(new StepRefused('The question was taken back.')))
    await row.write((record) => ({
      ...patient(record),
      job: needing(record.job, { kind: 'answer', question }, clock.now()),
    }))
    await crash('asked')
    return asked.promise
  }

  async reply(text: string): Promise<void> {
    const asked = this.#answer
    if (!asked || this.#job.needs?.kind !== 'answer')
      throw new RequestError('conflict', 'The job does not wait for an answer.')
    await this.#byPerson((job, at) => withState(job, 'running', at), 'replied')
    this.#answer = undefined
    asked.resolve(text)
  }

  /** The step that is under way waits for others. */
  patient(): Promise<void> {
    return this.#deps.row.write(patient)
  }

  /** A person has to allow a command; nothing: they need not any more. */
  async leave(approval: Approval | undefined): Promise<void> {
    const { row, clock } = this.#deps
    await row.write((record) => {
      if (approval)
        return { ...patient(record), job: needing(record.job, { kind: 'approval', approval }, clock.now()) }
      if (record.job.needs?.kind !== 'approval') return record
      return { ...record, job: withState(record.job, 'running', clock.now()) }
    })
  }

  /** Waits until it is known what became of what it wants done outside: only a job that has ended asks about that. */
  async certain(): Promise<void> {
    while (this.#job.needs?.kind === 'effect' || this.#job.pullRequest?.state === 'sending')
      await this.#changed.promise
  }

  /** Its model cannot be had now: false when that has gone on for hours. */
  async standAside(detail: string): Promise<boolean> {
    const { row, clock, crash, firstMs = limits.jobAwayMs } = this.#deps
    const how = { detail, at: clock.now(), firstMs }
    if (!waiting(row.record, how)) return false
    await row.write((record) => waiting(record, how) ?? record)
    await crash('stoodAside')
    return true
  }

  /** Waits while the job is paused or has nothing left to spend; an agent, while the job it works for has or is so. */
  async mayGoOn(): Promise<void> {
    for (;;) {
      if (this.#deps.row.record.stopping) throw new StepRefused('The job was stopped.')
      const changed = this.#changed.promise
      const line = this.#deps.line()
      const isSpent = await line.at(-1)?.waits.askIfSpent()
      if (!isSpent && !line.some(({ job }) => job.paused)) return
      await changed
    }
  }

  /** Whether it and its agents have used up what there was: a person is asked for more. */
  async askIfSpent(): Promise<boolean> {
    const { row, clock, used, crash } = this.#deps
    if (isSettled(this.#job)) return false
    const spent = spentOf({ ...this.#job, used: used(this.#job) }, clock.now())
    if (spent === undefined) return false
    if (this.#job.needs?.kind !== 'budget') {
      await row.write((record) => ({
        ...record,
        job: needing(record.job, { kind: 'budget', spent }, clock.now()),
      }))
      await crash('budgetAsked')
    }
    return true
  }

  /** Looks what its copy takes on disk. Answers whether it and its agents have no more room. */
  async weigh(): Promise<boolean> {
    const { row, line, used } = this.#deps
    const diskMb = await this.#deps.weigh()
    if (diskMb !== undefined && diskMb !== this.#job.used.diskMb)
      await row.write(({ job, ...record }) => ({
        ...record,
        job: { ...job, used: { ...job.used, diskMb } },
      }))
    const lead = line().at(-1)?.job ?? this.#job
    return (used(lead).diskMb ?? 0) >= (lead.budget.diskMb ?? Number.POSITIVE_INFINITY)
  }

  /** What it waits for may have come. */
  wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** Nothing is waited for any more. */
  giveUp(): void {
    this.wake()
    this.#answer?.reject(new StepRefused('The job was stopped.'))
  }

  get #job(): Job {
    return this.#deps.row.job
  }

  async #byPerson(change: (job: Job, at: number) => Job, point: CrashPoint): Promise<void> {
    const { row, clock, crash } = this.#deps
    if (isSettled(this.#job)) throw new RequestError('conflict', 'The job has ended already.')
    await row.write((record) => ({ ...record, job: change(record.job, clock.now()) }))
    await crash(point)
    this.wake()
  }
}
