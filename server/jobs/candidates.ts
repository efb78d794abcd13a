import { createHash } from 'node:crypto'
import { candidatesOf, hunksOf, judgeTask, mixed, taskBy, wantsJudge } from '../../core/job/candidates.ts'
import { isSettled, type JobRecord, newRecord } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import type { CandidateFile, CandidateHunk, CandidatePick } from '../../core/protocol/candidate-methods.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import {
  type CandidatesId,
  candidatesIdSchema,
  type JobId,
  jobIdSchema,
  type ThreadId,
} from '../../core/protocol/ids.ts'
import type { CandidateChecks, Job, JobFile } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Params } from '../../core/protocol/methods.ts'
import { type TierName, tierId } from '../../core/protocol/model.ts'
import type { ThreadPart } from '../../core/protocol/thread.ts'
import { judgeToolSchemas } from '../../core/tools/agent-tools.ts'
import { titleFrom } from '../runtime/prompt-context.ts'
import { type OwnTools, wrongArguments } from '../runtime/tool-runner.ts'
import { type Runner, SandboxError } from '../sandbox/runner.ts'
import type { Crash } from './crash-points.ts'
import type { HandOff } from './hand-off.ts'
import type { JobCopies } from './job-copies.ts'
import type { TreeEntry } from './job-git.ts'
import type { JobRun } from './job-run.ts'
import type { SyntaxChecker } from './syntax-checker.ts'

/** A commit that comes back in place of a job's own. */
export interface Result {
  readonly head: string
  readonly files: readonly JobFile[]
}

interface Deps {
  readonly clock: Clock
  readonly random: Random
  readonly tiers: ReadonlySet<TierName>
  readonly runner: Runner
  readonly syntax: SyntaxChecker
  readonly all: () => readonly Job[]
  readonly run: (id: JobId) => JobRun
  readonly find: (id: JobId) => JobRun | undefined
  readonly copies: JobCopies
  /** All of them, or none. */
  readonly start: (handOffs: readonly HandOff[]) => Promise<readonly Job[]>
  readonly add: (record: JobRecord, thread: { modelId: string; part: ThreadPart }) => Promise<Job>
  readonly fill: () => void
  readonly modelOf: (job: Job) => Promise<string>
  /** Brings changes into the files as they are now; `result`: those instead of the job's own. */
  readonly apply: (id: JobId, result?: Result) => Promise<Job>
  readonly discard: (id: JobId) => Promise<void>
  /** The files as people have them, as a commit. */
  readonly snapshot: (job: Job) => Promise<string>
  readonly crash: Crash
  readonly onBug: (error: unknown, where: string) => void
}

/** Several jobs for one task: begun with the same files, looked at side by side, of which people take what they like. */
export class Candidates {
  readonly #deps: Deps
  readonly #bases = new Map<CandidatesId, Promise<string>>()
  /** The commit of each that was looked at last, or is being looked at. */
  readonly #checked = new Map<JobId, string>()
  readonly #ran = new Set<JobId>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  async start(asked: Params<'candidate/start'>): Promise<readonly Job[]> {
    const { candidates, check, judge, task, ...handOff } = asked
    const group = candidatesIdSchema.parse(mintId('cnd', this.#deps.random))
    const handOffs = candidates.map(({ modelId, strategy }, index): HandOff => {
      const candidate = {
        group,
        n: index + 1,
        of: candidates.length,
        strategy,
        ...(check !== undefined && { check }),
        ...(judge && { judge }),
      }
      const more = { candidate, ...(modelId !== undefined && { modelId }) }
      return { ...handOff, task: taskBy(task, strategy), more }
    })
    return this.#deps.start(handOffs)
  }

  /** What all of a group begin with. */
  base(job: Job): Promise<string> {
    const { all, run, snapshot } = this.#deps
    const group = job.candidate?.group
    if (group === undefined) return snapshot(job)
    const known = candidatesOf(group, all()).find(({ id }) => run(id).record.base !== '')
    if (known) return Promise.resolve(run(known.id).record.base)
    const taking = this.#bases.get(group) ?? snapshot(job)
    this.#bases.set(group, taking)
    taking.catch(() => this.#bases.delete(group))
    return taking
  }

  /** A candidate stands otherwise than before. */
  noteChange(job: Job): void {
    if (!job.candidate) return
    this.#look(job).catch((error) => this.#deps.onBug(error, 'a look at a candidate'))
  }

  /** The others are stopped at once; what is there comes back when it is done. */
  async pick(id: JobId): Promise<Job> {
    const { run, apply } = this.#deps
    const { job } = run(id)
    await this.#stopOthers(job)
    return job.state === 'done' && job.outcome !== 'applied' ? apply(id) : run(id).job
  }

  compare(id: JobId, withId: JobId): Promise<string> {
    const { job, record } = this.#deps.run(id)
    const other = this.#deps.run(withId)
    const group = job.candidate?.group
    if (group === undefined || other.job.candidate?.group !== group)
      throw new RequestError('conflict', 'These two are no candidates for the same task.')
    return record.head === '' || other.record.head === ''
      ? Promise.resolve('')
      : this.#deps.copies.repository(job).patch(record.head, other.record.head)
  }

  async hunks(id: JobId): Promise<readonly CandidateFile[]> {
    const { job } = this.#deps.run(id)
    return Promise.all(job.files.map((file) => this.#hunksOf(id, file)))
  }

  async #hunksOf(id: JobId, { path, kind, binary }: JobFile): Promise<CandidateFile> {
    const { job, record } = this.#deps.run(id)
    const repository = this.#deps.copies.repository(job)
    const [before = '', after = ''] = binary
      ? []
      : await Promise.all([
          kind === 'add' ? undefined : repository.read(record.base, path),
          kind === 'delete' ? undefined : repository.read(record.head, path),
        ])
    const whole = kind !== 'update' || binary === true
    const hunks = whole
      ? [{ n: 0, startLine: 1, removed: linesOf(before), added: linesOf(after) }]
      : [...hunksOf(before, after)]
    return { path, kind, whole, hunks }
  }

  /** Brings single pieces of several candidates back together. */
  async mix(picks: readonly CandidatePick[]): Promise<Job> {
    const { run, copies, apply, clock, crash } = this.#deps
    const jobs = [...new Set(picks.map(({ jobId }) => jobId))].map((id) => run(id).job)
    const [first] = jobs
    const group = first?.candidate?.group
    if (!first || jobs.some(({ candidate }) => group === undefined || candidate?.group !== group))
      throw new RequestError('conflict', 'These are no candidates for the same task.')
    if (!jobs.every(isSettled)) throw new RequestError('conflict', 'Wait for those you take from.')
    const repository = copies.repository(first)
    const { base } = run(first.id).record
    const files = new Map<string, TreeEntry | { text: string; mode: string } | undefined>()
    for (const [path, chosen] of Map.groupBy(picks, (pick) => pick.path))
      files.set(path, await this.#mixFile(path, chosen, base))
    await this.#stopOthers(first)
    const head = await repository.compose(base, files, { message: 'Taken from several', at: clock.now() })
    const job = await apply(first.id, { head, files: await repository.changes(base, head) })
    for (const { id } of jobs.slice(1)) {
      await run(id).settleOutcome((other) => ({
        ...other,
        outcome: 'applied',
        ...(job.originId !== undefined && { originId: job.originId }),
        ...(job.appliedTurnId !== undefined && { appliedTurnId: job.appliedTurnId }),
      }))
      await crash('othersNoted')
    }
    return job
  }

  async #mixFile(path: string, chosen: readonly CandidatePick[], base: string) {
    const { run, copies } = this.#deps
    const hunks: CandidateHunk[] = []
    const entries: (TreeEntry | undefined)[] = []
    for (const { jobId, hunks: wanted } of chosen) {
      const { job, record } = run(jobId)
      const known = job.files.find((file) => file.path === path)
      const file = known && (await this.#hunksOf(jobId, known))
      const found = wanted.map((n) => file?.hunks.find((hunk) => hunk.n === n))
      if (!file || found.includes(undefined))
        throw new RequestError('notFound', `There is no such change of ${path}.`)
      if (file.whole) entries.push((await copies.repository(job).entries(record.head, [path])).get(path))
      else hunks.push(...found.filter((hunk) => hunk !== undefined))
    }
    const clash = new RequestError(
      'conflict',
      `${path}: what you chose does not go together; take less of it.`,
    )
    const [entry, other] = entries
    if (entries.length > 0) {
      if (hunks.length > 0 || (entries.length > 1 && entry?.oid !== other?.oid)) throw clash
      return entry
    }
    const { job } = run(chosen[0]?.jobId as JobId)
    const before = (await copies.repository(job).read(base, path)) ?? ''
    const text = mixed(before, hunks)
    if (text === undefined) throw clash
    const mode = (await copies.repository(job).entries(base, [path])).get(path)?.mode ?? '100644'
    return { text, mode }
  }

  async dismiss(group: CandidatesId): Promise<void> {
    const left = candidatesOf(group, this.#deps.all()).filter(({ outcome }) => outcome === undefined)
    if (!left.every(isSettled)) throw new RequestError('conflict', 'Some of them still run; stop them first.')
    for (const { id } of left) await this.#deps.discard(id)
  }

  /** What the model has that compares candidates. */
  tools(id: JobId): OwnTools {
    return (name, args) => (name === 'recommend' ? this.#recommend(id, args) : undefined)
  }

  async #recommend(id: JobId, args: unknown) {
    const checked = judgeToolSchemas.recommend.safeParse(args)
    if (!checked.success) return wrongArguments('recommend', checked.error)
    const { candidate: n, reason } = checked.data
    const run = this.#deps.run(id)
    const { judges } = run.job
    const isKnown =
      judges && candidatesOf(judges, this.#deps.all()).some(({ candidate }) => candidate?.n === n)
    if (!isKnown) return { status: 'failed' as const, output: `There is no candidate ${n}.` }
    await run.settleOutcome((job) => ({ ...job, recommendation: { n, reason } }))
    return { status: 'completed' as const, output: 'The person sees it.' }
  }

  async #stopOthers({ id, candidate }: Job): Promise<void> {
    const { all, run } = this.#deps
    if (!candidate) throw new RequestError('conflict', 'This job is no candidate.')
    const others = candidatesOf(candidate.group, all()).filter(
      (other) => other.id !== id && !isSettled(other),
    )
    await Promise.all(others.map((other) => run(other.id).stop()))
  }

  /** Reads what it changed since the last look; when it is done, runs its check and has all compared. */
  async #look(job: Job): Promise<void> {
    const { run, all } = this.#deps
    const { head, base } = run(job.id).record
    if (head !== base && this.#checked.get(job.id) !== head) {
      this.#checked.set(job.id, head)
      const syntax = await this.#syntaxOf(job, head)
      // A newer commit is looked at by itself.
      if (this.#checked.get(job.id) === head) await this.#note(job.id, { syntax })
    }
    if (!isSettled(job) || !job.candidate) return
    if (
      job.state === 'done' &&
      job.candidate.check !== undefined &&
      !job.checks?.command &&
      !this.#ran.has(job.id)
    ) {
      this.#ran.add(job.id)
      await this.#note(job.id, { command: await this.#runCheck(job, job.candidate.check) })
    }
    const group = candidatesOf(job.candidate.group, all())
    const isChecked = group.every(
      ({ state, candidate, checks }) => state !== 'done' || candidate?.check === undefined || checks?.command,
    )
    if (isChecked && wantsJudge(group)) await this.#judge(job.candidate.group, group)
  }

  #note(id: JobId, checks: CandidateChecks): Promise<void> {
    return this.#deps.run(id).settleOutcome((job) => ({ ...job, checks: { ...job.checks, ...checks } }))
  }

  async #syntaxOf(job: Job, head: string): Promise<NonNullable<CandidateChecks['syntax']>> {
    const repository = this.#deps.copies.repository(job)
    const present = job.files.filter(({ kind, binary }) => kind !== 'delete' && !binary)
    const chosen = present.filter(({ path }) => this.#deps.syntax.knows(path)).slice(0, limits.syntaxFiles)
    const texts = await Promise.all(
      chosen.map(async ({ path }) => ({ path, text: (await repository.read(head, path)) ?? '' })),
    )
    const read = texts.filter(({ text }) => text.length <= limits.syntaxChars)
    const wrong = read.length === 0 ? [] : await this.#deps.syntax.check(read)
    return { checked: read.length, left: job.files.length - read.length, wrong: [...wrong] }
  }

  async #runCheck(job: Job, command: string): Promise<NonNullable<CandidateChecks['command']>> {
    const { runner, copies, clock } = this.#deps
    const from = clock.monotonic()
    let output = ''
    try {
      const result = await runner.run({
        command,
        folder: copies.tree(job),
        signal: new AbortController().signal,
        onOutput(piece) {
          if (piece.stream !== 'cut') output = `${output}${piece.text}`.slice(-limits.checkChars)
        },
      })
      const passed = result.exit === 0 && result.cut === 'none'
      return { passed, output, ms: Math.round(clock.monotonic() - from) }
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error
      return { passed: false, output: error.message, ms: Math.round(clock.monotonic() - from) }
    }
  }

  async #judge(group: CandidatesId, candidates: readonly Job[]): Promise<void> {
    const { find, run, copies, tiers, modelOf, add, fill, clock } = this.#deps
    const id = jobIdSchema.parse(
      `job_${createHash('sha256').update(`${group} judge`).digest('hex').slice(0, 32)}`,
    )
    const [first] = candidates
    if (!first || find(id)) return
    const { base } = run(first.id).record
    const shown = await Promise.all(
      candidates
        .filter(({ state }) => state === 'done')
        .map(async (job) => ({
          job,
          patch: await copies.repository(job).patch(base, run(job.id).record.head),
        })),
    )
    const plain = candidates.find(({ candidate }) => candidate?.strategy === 'plain') ?? first
    const modelId = tiers.has('deep') ? tierId('deep') : await modelOf(first)
    if (find(id)) return
    const draft = newRecord({
      id,
      workspaceId: first.workspaceId,
      threadId: '' as ThreadId,
      ...(first.originId !== undefined && { originId: first.originId }),
      judges: group,
      modelId,
      title: titleFrom(plain.task),
      task: judgeTask(plain.task, shown),
      state: 'queued',
      paused: false,
      budget: first.budget,
      used: { steps: 0, tokens: 0, ms: 0 },
      plan: [],
      files: [],
      answer: '',
      createdAt: clock.now(),
      conflicts: [],
    })
    await add({ ...draft, base, head: base }, { modelId, part: 'judge' })
    fill()
  }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
