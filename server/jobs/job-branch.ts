import type { JobRecord } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { JobRepository } from './job-repository.ts'
import type { JobRow } from './job-row.ts'

interface Deps {
  readonly row: JobRow
  readonly repository: JobRepository
  readonly onBug: (error: unknown, where: string) => void
}

/** What is noted of a branch that has been made. */
interface Published {
  readonly job: Pick<Job, 'branch'>
  readonly record: Pick<JobRecord, 'published'>
}

/** The branch of the person's repository that has a job's commits. */
export class JobBranch {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Makes it what the job has done, and notes that. */
  async publish(): Promise<void> {
    const published = await this.push()
    if (!published) return
    const { job, record } = published
    await this.#deps.row.write((known) => ({ ...known, ...record, job: { ...known.job, ...job } }))
  }

  /** Makes it what the job has done; who asks notes that with what else there is to note. */
  async push(): Promise<Published | undefined> {
    const { row, repository, onBug } = this.#deps
    const { head, base, published } = row.record
    if (head === base || head === '') return undefined
    const branch = row.job.branch ?? `tandem/${row.job.id.slice(4, 12)}`
    const outcome = await repository.publish(branch, head, published).catch((error) => {
      onBug(error, 'branch of a job')
      return undefined
    })
    return outcome === 'published' ? { job: { branch }, record: { published: head } } : undefined
  }
}
