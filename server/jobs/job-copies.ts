import { cp, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { below } from '../../core/job/agents.ts'
import { isSettled } from '../../core/job/ledger.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { jobIdSchema, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { createPathGuard } from '../workspace/path-guard.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Crash } from './crash-points.ts'
import { JobRepository } from './job-repository.ts'

interface Deps {
  readonly workspaces: readonly Workspace[]
  /** Absolute, in the data folder. */
  readonly folder: string
  readonly all: () => readonly Job[]
  readonly crash: Crash
  readonly onBug: (error: unknown, where: string) => void
}

/** The copies of workspaces that jobs work in, and the repositories their commits are kept in. */
export class JobCopies {
  readonly #deps: Deps
  readonly #repositories = new Map<WorkspaceId, JobRepository>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** What they are copies of. */
  workspace({ workspaceId }: Pick<Job, 'workspaceId'>): Workspace {
    const workspace = this.#deps.workspaces.find(({ id }) => id === workspaceId)
    if (!workspace) throw new RequestError('notFound', 'This server does not serve that workspace.')
    return workspace
  }

  repository(job: Pick<Job, 'workspaceId'>): JobRepository {
    const { workspaceId } = job
    const known = this.#repositories.get(workspaceId)
    if (known) return known
    const { folder, crash } = this.#deps
    const { root } = this.workspace(job)
    const repository = new JobRepository({ root, folder: join(folder, workspaceId), crash })
    this.#repositories.set(workspaceId, repository)
    return repository
  }

  tree({ id, workspaceId, sight, parentId }: Job): string {
    const owner = sight === 'shared' && parentId !== undefined ? parentId : id
    return join(this.#deps.folder, workspaceId, owner, 'tree')
  }

  /** What `.worktreeinclude` names comes along: files that git ignores and a build needs. */
  async include(job: Job): Promise<void> {
    const { root } = this.workspace(job)
    // A link the job has made leads no copy out of its folder.
    const guard = createPathGuard(this.tree(job))
    for (const path of await this.repository(job).included()) {
      const target = await guard.forWrite(path)
      await mkdir(dirname(target), { recursive: true })
      await cp(join(root, path), target, { dereference: false, force: true })
    }
  }

  /** Its commits have all it did; the copy is made again should it go on. */
  async tidy(job: Job): Promise<void> {
    for (const one of [job, ...below(job.id, this.#deps.all())]) {
      // What a reader sees is another's.
      if (one.sight === 'shared') continue
      await rm(dirname(this.tree(one)), { recursive: true, force: true }).catch((error) =>
        this.#deps.onBug(error, 'copy of a job'),
      )
    }
    await this.#deps.crash('tidied')
  }

  /** Copies that a server which died was about to clear away. Nothing undecided is in them but what runs. */
  async clearAway(): Promise<void> {
    const jobs = new Map(this.#deps.all().map((job) => [job.id, job]))
    for (const { id: workspaceId } of this.#deps.workspaces) {
      const folder = join(this.#deps.folder, workspaceId)
      for (const name of await readdir(folder).catch(() => [])) {
        const id = jobIdSchema.safeParse(name)
        if (!id.success) continue
        const job = jobs.get(id.data)
        if (!job) await rm(join(folder, name), { recursive: true, force: true })
        else if (isSettled(job) && job.outcome !== undefined) await this.tidy(job)
      }
    }
  }
}
