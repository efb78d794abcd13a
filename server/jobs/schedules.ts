import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isSettled } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type JobId, jobIdSchema, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import {
  type Comes,
  type Schedule,
  type ScheduledWork,
  type ScheduleId,
  scheduleIdSchema,
  scheduleSchema,
  type When,
} from '../../core/protocol/schedule.ts'
import { titleFrom } from '../runtime/prompt-context.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Crash } from './crash-points.ts'
import { timeAfter, wantedTime } from './cron.ts'

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  /** Begins a job under an id; one that is known by it has begun already. */
  readonly begin: (id: JobId, work: ScheduledWork) => Promise<Job>
  readonly jobOf: (id: JobId) => Job | undefined
  readonly onChange: (workspaceId: WorkspaceId, schedules: Schedule[]) => void
  readonly onBug: (error: unknown, where: string) => void
  /** Moments at which tests let the server die. */
  readonly crash: Crash
}

const keptSchema = z.object({
  schedule: scheduleSchema,
  /** The time that was claimed, whose job may not have begun. */
  claimed: z.number().int().optional(),
  /** A person has taken it out of the list, which can be undone until the server ends. */
  removed: z.boolean().optional(),
})
type Kept = z.infer<typeof keptSchema> & { readonly version: number }

/** Longest sleep: timers hold no more than some days, and clocks are set. */
const sleepMs = 60_000

/**
 * Jobs that begin by themselves. Each time is claimed in the store before its job begins, and the job's id follows
 * from the time: whatever moment a server dies at, the job begins once. What was missed meanwhile begins once, too.
 */
export class Schedules {
  readonly #deps: Deps
  readonly #all = new Map<ScheduleId, Kept>()
  /** Changes follow each other. */
  #changing: Promise<unknown> = Promise.resolve()
  #cancel: (() => void) | undefined
  #isClosed = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** After the jobs are known. */
  async start(): Promise<void> {
    const { store } = this.#deps
    for (const { version, body } of await store.readSchedules()) {
      const kept = { ...keptSchema.parse(JSON.parse(body)), version }
      if (kept.removed) await store.removeSchedule(kept.schedule.id)
      else this.#all.set(kept.schedule.id, kept)
    }
    for (const { schedule, claimed } of [...this.#all.values()])
      if (claimed !== undefined) await this.#begin(schedule.id, claimed)
    this.#wake()
  }

  /** The next one first. */
  list(workspaceId: WorkspaceId): Schedule[] {
    return [...this.#all.values()]
      .filter(({ schedule, removed }) => schedule.workspaceId === workspaceId && !removed)
      .map(({ schedule }) => schedule)
      .toSorted((a, b) => (a.nextAt ?? Infinity) - (b.nextAt ?? Infinity))
  }

  add(work: ScheduledWork): Promise<Schedule> {
    return this.#change(async () => {
      const { store, clock, random } = this.#deps
      const nextAt = wantedTime(work.when, clock.now())
      if (this.#all.size >= limits.schedules)
        throw new RequestError('tooLarge', `At most ${limits.schedules} schedules are kept; remove some.`)
      const id = scheduleIdSchema.parse(mintId('sch', random))
      const schedule = { ...work, id, title: titleFrom(work.task), paused: false, nextAt }
      const body = JSON.stringify({ schedule })
      await store.addSchedule(id, { due: nextAt, body })
      this.#all.set(id, { schedule, version: 1 })
      this.#tell(work.workspaceId)
      this.#wake()
      return schedule
    })
  }

  /** What was missed meanwhile is not made up for. */
  pause(id: ScheduleId, paused: boolean): Promise<void> {
    return this.#change(async () => {
      const { nextAt: _, ...schedule } = this.#get(id).schedule
      const nextAt = this.#timeOf(schedule)
      await this.#write(id, { schedule: { ...schedule, paused, ...(nextAt && { nextAt }) } })
      this.#wake()
    })
  }

  remove(id: ScheduleId, removed: boolean): Promise<void> {
    return this.#change(async () => {
      await this.#write(id, { removed })
      this.#wake()
    })
  }

  comes(when: When): Comes {
    return timeAfter(when, this.#deps.clock.now())
  }

  #timeOf({ when }: Schedule): number | undefined {
    const comes = this.comes(when)
    return typeof comes === 'number' ? comes : undefined
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
  }

  #wake(): void {
    this.#cancel?.()
    if (this.#isClosed) return
    const { clock, timers, onBug } = this.#deps
    const times = [...this.#all.values()].flatMap((kept) =>
      isActive(kept) ? [kept.schedule.nextAt ?? 0] : [],
    )
    if (times.length === 0) return
    const wait = Math.min(sleepMs, Math.max(0, Math.min(...times) - clock.now()))
    this.#cancel = timers.after(wait, () => {
      this.#change(() => this.#tick())
        .catch((error) => onBug(error, 'schedules'))
        .finally(() => this.#wake())
    })
  }

  async #tick(): Promise<void> {
    for (const kept of [...this.#all.values()]) {
      if (this.#isClosed) return
      const { schedule } = kept
      const due = schedule.nextAt
      if (!isActive(kept) || due === undefined || due > this.#deps.clock.now()) continue
      const { nextAt: _, ...rest } = schedule
      const nextAt = this.#timeOf(schedule)
      await this.#write(schedule.id, { schedule: { ...rest, ...(nextAt && { nextAt }) }, claimed: due })
      await this.#deps.crash('scheduleDue')
      await this.#begin(schedule.id, due)
    }
  }

  async #begin(id: ScheduleId, due: number): Promise<void> {
    const { begin, jobOf, clock, store, crash } = this.#deps
    const { problem: _, ...schedule } = this.#get(id).schedule
    const jobId = jobIdAt(id, due)
    const before = schedule.lastJobId && jobOf(schedule.lastJobId)
    const isBusy = before !== undefined && !isSettled(before) && before.id !== jobId
    const problem = isBusy
      ? 'The job before was still at work.'
      : await begin(jobId, schedule).then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        )
    await crash('scheduleBegun')
    const told = problem === undefined ? { lastAt: clock.now(), lastJobId: jobId } : { problem }
    await this.#write(id, { schedule: { ...schedule, ...told }, claimed: undefined })
    if (schedule.when.kind === 'cron' || problem !== undefined) return
    // It has had its time, and the list of jobs has it.
    await store.removeSchedule(id)
    this.#all.delete(id)
    this.#tell(schedule.workspaceId)
  }

  async #write(id: ScheduleId, change: Partial<Kept>): Promise<void> {
    const before = this.#get(id)
    const { version, ...kept } = { ...before, ...change }
    const due = kept.schedule.nextAt ?? 0
    await this.#deps.store.writeSchedule(id, { version, due, body: JSON.stringify(kept) })
    this.#all.set(id, { ...kept, version: version + 1 })
    this.#tell(kept.schedule.workspaceId)
  }

  #get(id: ScheduleId): Kept {
    const kept = this.#all.get(id)
    if (!kept) throw new RequestError('notFound', 'There is no such schedule.')
    return kept
  }

  #tell(workspaceId: WorkspaceId): void {
    this.#deps.onChange(workspaceId, this.list(workspaceId))
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const changing = this.#changing.then(work)
    this.#changing = changing.catch(() => undefined)
    return changing
  }
}

function isActive({ schedule, removed }: Kept): boolean {
  return !schedule.paused && !removed && schedule.nextAt !== undefined
}

/** The same time of the same schedule is the same job. */
function jobIdAt(id: ScheduleId, due: number): JobId {
  const sum = createHash('sha256').update(`${id}:${due}`).digest('hex')
  return jobIdSchema.parse(`job_${sum.slice(0, 20)}`)
}
