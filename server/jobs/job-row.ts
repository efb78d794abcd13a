import type { JobRecord, OpenStep } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { JobWrite, Store } from '../store/store.ts'
import type { DiskRoom } from './disk-room.ts'
import { isNews } from './webhooks.ts'

export type JobEffects = NonNullable<JobWrite['effects']>

interface Deps {
  readonly store: Store
  readonly room: DiskRoom
  /** What is to be done outside because of how the job stands now. `nth`: how often there was something. */
  readonly effectsOf: (job: Job, nth: number) => JobEffects
  readonly onEffects: () => void
  readonly onChange: (job: Job) => void
}

/** What is written with how the job stands. */
interface Noted {
  /** `open`: the one that is under way when all is changed. */
  readonly step?: OpenStep | 'open'
  /** The model's whole answer. */
  readonly answer?: string
  /** What is to be done outside because of it. */
  readonly effects?: JobEffects
}

/**
 * A job's row of the ledger. Writes follow each other: each names its claim, and the head of the one before. On a full
 * disk they wait for room.
 */
export class JobRow {
  readonly #deps: Deps
  #record: JobRecord
  /** `undefined` until it is claimed. */
  #fence: Promise<number> | undefined
  #writing: Promise<unknown> = Promise.resolve()

  constructor(record: JobRecord, deps: Deps) {
    this.#record = record
    this.#deps = deps
  }

  get record(): JobRecord {
    return this.#record
  }

  get job(): Job {
    return this.#record.job
  }

  claim(): Promise<number> {
    this.#fence ??= this.#deps.room.stored(() => this.#deps.store.claimJob(this.job.id))
    return this.#fence
  }

  write(change: (record: JobRecord) => JobRecord, noted?: Noted): Promise<void> {
    const writing = this.#writing.then(async () => {
      const fence = await this.claim()
      const before = this.#record
      const changed = change(before)
      // That it asked whether something was done outside ends with what was told before.
      const isKnown = before.job.needs?.kind === 'effect'
      const isNew = !isKnown && changed.job.state !== before.job.state && isNews(changed.job.state)
      const record = isNew ? { ...changed, news: (changed.news ?? 0) + 1 } : changed
      const news = isNew ? this.#deps.effectsOf(record.job, record.news ?? 0) : []
      const effects = [...news, ...(noted?.effects ?? [])]
      const step = noted?.step === 'open' ? record.step : noted?.step
      const answer = noted?.answer
      const { store, room } = this.#deps
      const row: JobWrite = {
        fence,
        from: before.head,
        head: record.head,
        body: JSON.stringify(record),
        effects,
        ...(step && {
          step: { n: step.n, body: JSON.stringify(step), ...(answer !== undefined && { answer }) },
        }),
      }
      await room.stored(() => store.writeJob(this.job.id, row))
      this.#record = record
      if (effects.length > 0) this.#deps.onEffects()
      this.#deps.onChange(record.job)
    })
    this.#writing = writing.catch(() => undefined)
    return writing
  }
}
