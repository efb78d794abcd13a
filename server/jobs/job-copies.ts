import { cp, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { below } from '../../core/job/agents.ts'
import { isSettled, type JobRecord } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { jobIdSchema, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'
import { createPathGuard } from '../workspace/path-guard.ts'
import type { RunProgram } from '../workspace/run-process.ts'
import { exists } from '../workspace/trash.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { Artefacts } from './artefacts.ts'
import type { Crash } from './crash-points.ts'
import { JobRepository } from './job-repository.ts'
import { collectGarbage } from './repository-gc.ts'

/** What goes with a copy and stands beside it. */
const beside = ['index', 'set-up', 'fit']

/** What nobody has needed for as long is removed. */
const collectMs = 86_400_000

interface Deps {
  readonly workspaces: readonly Workspace[]
  /** Absolute, in the data folder. */
  readonly folder: string
  readonly clock: Clock
  readonly timers: Timers
  /** Starts git and what else looks after copies. */
  readonly program: RunProgram
  /** Of all jobs that were not removed. */
  readonly records: () => readonly JobRecord[]
  readonly crash: Crash
  readonly onBug: (error: unknown, where: string) => void
}

/** The copies of workspaces that jobs work in, and the repositories their commits are kept in. */
export class JobCopies {
  readonly #deps: Deps
  readonly #repositories = new Map<WorkspaceId, JobRepository>()
  readonly artefacts: Artefacts
  #cancel: (() => void) | undefined

  constructor(deps: Deps) {
    this.#deps = deps
    const tree = (job: Job) => this.tree(job)
    this.artefacts = new Artefacts({ tree, ignored: (job) => this.repository(job).ignored(tree(job)) })
  }

  /** Clears away what a server that died left, and from time to time what nobody needs any more. */
  start(): void {
    const { timers, onBug } = this.#deps
    this.#clearAway().catch((error) => onBug(error, 'copies of jobs'))
    const collect = () => {
      this.collect().catch((error) => onBug(error, 'what no job needs any more'))
    }
    this.#cancel = timers.every(collectMs, collect)
  }

  close(): void {
    this.#cancel?.()
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
    const { folder, program, crash } = this.#deps
    const { root } = this.workspace(job)
    const repository = new JobRepository({ root, folder: join(folder, workspaceId), program, crash })
    this.#repositories.set(workspaceId, repository)
    return repository
  }

  tree({ id, workspaceId, sight, parentId }: Job): string {
    const owner = sight === 'shared' && parentId !== undefined ? parentId : id
    return join(this.#deps.folder, workspaceId, owner, 'tree')
  }

  /** What `.worktreeinclude` names comes along with a new copy: files that git ignores and a build needs. */
  async include(job: Job): Promise<void> {
    if (await this.artefacts.hasBegun(job)) return
    const { root } = this.workspace(job)
    // A link the job has made leads no copy out of its folder.
    const guard = createPathGuard(this.tree(job))
    for (const path of await this.repository(job).included()) {
      const target = await guard.forWrite(path)
      await mkdir(dirname(target), { recursive: true })
      await cp(join(root, path), target, { dereference: false, force: true })
    }
  }

  /** What its copy takes on disk, in MiB; `undefined` where that cannot be told. */
  async weigh(job: Job): Promise<number | undefined> {
    const folder = dirname(this.tree(job))
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin' }
    const bounds = { timeoutMs: limits.gitTreeMs, outputBytes: 10_000 }
    // What a command makes or removes meanwhile is told as a failure; the sum is there all the same.
    const asked = { file: 'du', args: ['-sk', folder], cwd: folder, env, ...bounds }
    const { output } = await this.#deps.program(asked).catch(() => ({ output: '' }))
    const [, kib] = /^(\d+)\s/.exec(output) ?? []
    return kib === undefined ? undefined : Math.round(Number(kib) / 1024)
  }

  /** Removes from the repositories what no job needs and nobody has touched for long; answers how much. */
  async collect(): Promise<number> {
    const records = this.#deps.records()
    const before = this.#deps.clock.now() - collectMs
    let removed = 0
    for (const { id: workspaceId } of this.#deps.workspaces) {
      const own = records.filter(({ job }) => job.workspaceId === workspaceId)
      const commits = own.flatMap(({ base, head, published = '', before = '', merged = {} }) => [
        base,
        head,
        published,
        before,
        ...Object.values(merged).map((taken) => taken.head),
      ])
      const indexes: string[] = []
      for (const { job } of own) {
        const index = join(dirname(this.tree(job)), 'index')
        if (await exists(index)) indexes.push(index)
      }
      removed += await collectGarbage({
        gitDir: await this.repository({ workspaceId }).lent(),
        commits: [...new Set(commits)].filter((commit) => commit !== ''),
        indexes,
        before,
        run: this.#deps.program,
      })
    }
    return removed
  }

  /** Its commits have all it did, and what they have not is put aside; the copy is made again should it go on. */
  async tidy(job: Job): Promise<void> {
    for (const one of this.#whole(job)) {
      const tree = this.tree(one)
      const clear = async () => {
        await this.artefacts.keep(one)
        // The copy first: what stands beside it says what in it was put aside.
        await rm(tree, { recursive: true, force: true })
        for (const name of beside) await rm(join(dirname(tree), name), { force: true })
        // Stays with what was put aside.
        await rmdir(dirname(tree)).catch(() => undefined)
      }
      await clear().catch((error) => this.#deps.onBug(error, 'copy of a job'))
    }
    await this.#deps.crash('tidied')
  }

  /** Nothing of it is wanted any more. */
  async remove(job: Job): Promise<void> {
    for (const one of this.#whole(job)) {
      const removed = rm(dirname(this.tree(one)), { recursive: true, force: true })
      await removed.catch((error) => this.#deps.onBug(error, 'copy of a job'))
    }
    await this.#deps.crash('tidied')
  }

  /** It and its agents, but for readers: what those see is another's. */
  #whole(job: Job): readonly Job[] {
    const all = this.#deps.records().map((record) => record.job)
    return [job, ...below(job.id, all)].filter(({ sight }) => sight !== 'shared')
  }

  /** Copies that a server which died was about to clear away. Nothing undecided is in them but what runs. */
  async #clearAway(): Promise<void> {
    const jobs = new Map(this.#deps.records().map(({ job }) => [job.id, job]))
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
