import { isSettled } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { itemIdSchema, type JobId, type ThreadId, type TurnId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import type { Threads } from '../runtime/threads.ts'
import { shownPatch, writePatches } from '../runtime/write-patches.ts'
import type { Result } from './candidates.ts'
import type { Crash } from './crash-points.ts'
import type { JobCopies } from './job-copies.ts'
import { type Comeback, prepareComeback, takeTheirs, wholeConflict } from './job-return.ts'
import type { JobRun } from './job-run.ts'

interface Deps {
  readonly clock: Clock
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly threads: () => Threads
  readonly defaultModelId: () => Promise<string>
  readonly copies: JobCopies
  readonly run: (id: JobId) => JobRun
  readonly all: () => readonly Job[]
  readonly crash: Crash
}

/** What becomes of what jobs did: it comes back, is committed, or nobody wants it. */
export class JobOutcomes {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Brings the changes into the files as they are now, as a turn of the thread the job came from. */
  async apply(id: JobId, into: ThreadId | undefined, result?: Result): Promise<Job> {
    const run = this.#deps.run(id)
    const { base } = run.record
    const { head, files } = result ?? { head: run.record.head, files: run.job.files }
    const job = { ...run.job, files: [...files] }
    refuseAgent(job)
    if (!isSettled(job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    if (job.outcome === 'applied' && !result)
      throw new RequestError('conflict', 'Its changes came back already.')
    const { documents, threads, copies, crash } = this.#deps
    const repository = copies.repository(job)
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
    if (job.candidate) await run.branch.publish()
    await copies.tidy(job)
    return run.job
  }

  /** Takes the job's side of a conflict, as a turn of the thread the rest came to, or lets the person's stand. */
  async resolve(
    id: JobId,
    place: { readonly path: string; readonly startLine: number },
    take: 'ours' | 'theirs',
  ): Promise<Job> {
    const run = this.#deps.run(id)
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

  /** Commits what came back, as people left it: as one commit, or as a merge of the job's branch. */
  async commit(id: JobId, message: string, keepSteps = false): Promise<Job> {
    const run = this.#deps.run(id)
    const { job } = run
    if (job.outcome !== 'applied') throw new RequestError('conflict', 'Apply its changes first.')
    if (job.conflicts.length > 0)
      throw new RequestError('conflict', 'Decide first about the places both of you changed.')
    if (keepSteps && job.brought)
      throw new RequestError('conflict', 'What was taken from several candidates has no branch of its own.')
    const { copies, documents, clock, crash } = this.#deps
    await documents.flush(job.workspaceId)
    const paths = job.brought ?? job.files.map(({ path }) => path)
    const repository = copies.repository(job)
    // A server that dies in between leaves word of what it was about to do: that is looked for before it is done again.
    const { committing } = run.record
    const made = committing && job.commit === undefined ? await repository.findCommit(committing) : undefined
    const step = { message, at: clock.now() }
    if (!made) await run.noteCommitting(step)
    const commit =
      made ?? (await repository.commitFiles(paths, step, keepSteps ? run.record.head : undefined))
    await crash('filesCommitted')
    await run.settleOutcome((known) => ({ ...known, commit }))
    await crash('commitKept')
    return run.job
  }

  /** Takes back what was brought in and, if it was, committed. Each part that is done already is left as it is. */
  async unmerge(id: JobId): Promise<Job> {
    const run = this.#deps.run(id)
    const { job } = run
    if (job.outcome !== 'applied' || job.originId === undefined)
      throw new RequestError('conflict', 'Its changes are not in the files.')
    const { copies, threads, crash, all, run: runOf } = this.#deps
    const thread = await threads().get(job.originId)
    if (job.commit !== undefined) {
      await copies.repository(job).uncommit(job.commit, job.brought ?? job.files.map(({ path }) => path))
      await crash('commitTaken')
      await run.settleOutcome(({ commit: _, ...known }) => known)
      await crash('commitForgotten')
    }
    // Its own, and those with places in which the job's side was taken: what came last goes first.
    const brought = thread.state().turns.filter(({ items, undone, copied }) => {
      const [said] = items
      return said?.type === 'userMessage' && said.job?.id === id && undone === undefined && !copied
    })
    for (const turn of brought.toReversed()) await thread.reverts.revert(turn.id, 'undo')
    await crash('textTaken')
    // Those whose pieces came with it, too.
    for (const other of all().filter(({ appliedTurnId }) => appliedTurnId === job.appliedTurnId))
      await runOf(other.id).settleOutcome(({ outcome: _, appliedTurnId: __, brought: ___, ...known }) => ({
        ...known,
        conflicts: [],
      }))
    await crash('unmerged')
    return run.job
  }

  /** The edits as a turn whose hunks people judge. */
  async #bringIn(
    runtime: ThreadRuntime,
    job: Job,
    prepare: (seen: TurnSnapshots) => Promise<Comeback>,
  ): Promise<{ readonly turnId: TurnId; readonly failed: readonly string[] }> {
    const { copies, documents, snapshots } = this.#deps
    const workspace = copies.workspace(job)
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
    const run = this.#deps.run(id)
    refuseAgent(run.job)
    if (!isSettled(run.job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    await run.settleOutcome(({ outcome: _, ...job }) => (discarded ? { ...job, outcome: 'discarded' } : job))
    await this.#deps.crash('discarded')
    if (discarded) await this.#deps.copies.tidy(run.job)
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
}

export function refuseAgent({ parentId }: Job): void {
  if (parentId !== undefined)
    throw new RequestError('conflict', 'An agent’s changes go to the job it works for.')
}
