import { cameFrom, isSettled, type JobRecord, uncommittedFrom } from '../../core/job/ledger.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { itemIdSchema, type JobId, type ThreadId, type TurnId } from '../../core/protocol/ids.ts'
import type { DecidedConflict, Job, JobConflict } from '../../core/protocol/job.ts'
import type { Turn } from '../../core/protocol/turn.ts'
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

type ConflictPlace = Pick<JobConflict, 'path' | 'startLine'>
type Take = 'ours' | 'theirs' | 'undecided'

interface Committed {
  readonly keepSteps?: boolean | undefined
  readonly withOwn?: boolean | undefined
}

/** What becomes of what jobs did: it comes back, is committed, or nobody wants it. */
export class JobOutcomes {
  readonly #deps: Deps
  /** What people want done with one job is done one after the other. */
  readonly #inTurn = new Map<JobId, Promise<unknown>>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Finds out what became of a commit that a server was about to make when it died. */
  resume(id: JobId): Promise<void> {
    return this.#after(id, () => this.#findCommit(this.#deps.run(id)))
  }

  /** Brings the changes into the files as they are now, as a turn of the thread the job came from. */
  apply(id: JobId, into: ThreadId | undefined, result?: Result): Promise<Job> {
    return this.#after(id, () => this.#apply(id, into, result))
  }

  async #apply(id: JobId, into: ThreadId | undefined, result?: Result): Promise<Job> {
    const run = this.#deps.run(id)
    const base = result ? run.record.base : cameFrom(run.record)
    const { head } = result ?? run.record
    refuseAgent(run.job)
    if (!isSettled(run.job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    if (run.job.outcome === 'applied' && !result)
      throw new RequestError('conflict', 'Its changes came back already.')
    const { documents, threads, copies, crash } = this.#deps
    const repository = copies.repository(run.job)
    // Of what came before only that which is otherwise now comes once more.
    const isRest = base !== run.record.base
    const files = result?.files ?? (isRest ? await repository.changes(base, head) : run.job.files)
    const job = { ...run.job, files: [...files] }
    const readText = (path: string) => documents.readText(job.workspaceId, path)
    const threadId = into ?? (await this.#home(job))
    // Known before anything comes to it: who has to ask again asks for the same thread.
    if (threadId !== job.originId) await run.settleOutcome((known) => ({ ...known, originId: threadId }))
    const runtime = await threads().get(threadId)
    // A server that died in the middle noted it before anything came.
    const isKnown = run.record.since?.uncommittedFrom !== undefined
    if (!isKnown && broughtBy(run.record, runtime).length === 0)
      await run.note({ before: await this.#filesNow(job) })
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
    await run.settleOutcome(({ decided: _, ...now }) => ({
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

  /**
   * Takes the job's side of a conflict, as a turn of the thread the rest came to, or lets the person's stand. What was
   * decided before about the same place is taken back first.
   */
  resolve(id: JobId, place: ConflictPlace, take: Take): Promise<Job> {
    return this.#after(id, () => this.#resolve(id, place, take))
  }

  async #resolve(id: JobId, place: ConflictPlace, take: Take): Promise<Job> {
    const run = this.#deps.run(id)
    const { job } = run
    const isThere = ({ path, startLine }: JobConflict) => path === place.path && startLine === place.startLine
    const before = job.decided?.find(isThere)
    const found = job.conflicts.find(isThere) ?? before
    if (!found) throw new RequestError('notFound', 'There is no such conflict any more.')
    // Asked again by somebody who was not answered.
    if (before?.take === take) return job
    const { path, startLine, base, ours, theirs } = found
    const conflict: JobConflict = { path, startLine, base, ours, theirs }
    if (before) await this.#takeBack(job, before)
    const turnId = take === 'theirs' ? await this.#takeTheirs(job, conflict) : undefined
    await this.#deps.crash('sideTaken')
    await run.settleOutcome(({ decided = [], ...known }) => {
      const open = known.conflicts.filter((other) => !isThere(other))
      const others = decided.filter((other) => !isThere(other))
      return take === 'undecided'
        ? { ...known, conflicts: [...open, conflict].toSorted(byPlace), decided: others }
        : {
            ...known,
            conflicts: open,
            decided: [...others, { ...conflict, take, ...(turnId && { turnId }) }],
          }
    })
    await this.#deps.crash('sideKept')
    return run.job
  }

  /** The turn that did it; none when it had been done by a server that died before it could note that. */
  async #takeTheirs(job: Job, conflict: JobConflict): Promise<TurnId | undefined> {
    const { documents, threads } = this.#deps
    const patch = takeTheirs(conflict, await documents.readText(job.workspaceId, conflict.path))
    if (patch === undefined)
      throw new RequestError('conflict', 'The file was changed there since; take over by hand what you want.')
    if (patch === 'taken') return undefined
    const comeback = { patches: [patch], conflicts: [], left: [] }
    const thread = await threads().get(await this.#home(job))
    return (await this.#bringIn(thread, job, async () => comeback)).turnId
  }

  async #takeBack({ commit, originId }: Job, { take, turnId }: DecidedConflict): Promise<void> {
    if (commit !== undefined)
      throw new RequestError('conflict', 'It is committed as it was decided; take the commit back first.')
    if (take === 'ours') return
    if (turnId === undefined || originId === undefined)
      throw new RequestError('conflict', 'What was taken of the job is a change like any other; undo that.')
    const thread = await this.#deps.threads().get(originId)
    const turn = thread.state().turns.find((one) => one.id === turnId)
    // A server that died had done it already.
    if (turn && turn.undone === undefined) await thread.reverts.revert(turnId, 'undo')
  }

  /**
   * Commits what came back, as people left it: as one commit, or as a merge of the job's branch. What they had in the
   * same files and not committed before it came stays uncommitted, but for `withOwn`. Asked again by somebody who was not
   * answered it is the same commit.
   */
  commit(id: JobId, message: string, how: Committed = {}): Promise<Job> {
    return this.#after(id, () => this.#commit(id, message, how))
  }

  async #commit(id: JobId, message: string, { keepSteps = false, withOwn = false }: Committed): Promise<Job> {
    const run = this.#deps.run(id)
    const { job } = run
    if (!isSettled(job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    if (job.outcome !== 'applied') throw new RequestError('conflict', 'Apply its changes first.')
    if (job.conflicts.length > 0)
      throw new RequestError('conflict', 'Decide first about the places both of you changed.')
    if (keepSteps && job.brought)
      throw new RequestError('conflict', 'What was taken from several candidates has no branch of its own.')
    const { copies, documents, clock, crash } = this.#deps
    await this.#findCommit(run)
    if (run.job.commit !== undefined) return run.job
    await documents.flush(job.workspaceId)
    // A server that dies in between leaves word of what it was about to do.
    const step = { message, at: clock.now() }
    await run.note({ committing: step })
    await crash('commitNoted')
    const { head, before } = run.record
    const base = uncommittedFrom(run.record)
    const taken = (job.decided ?? []).filter(({ take }) => take === 'theirs')
    const how = {
      merged: keepSteps ? head : undefined,
      own: withOwn || before === undefined ? undefined : { before, job: { base, head }, taken },
    }
    const commit = await copies.repository(job).commitFiles(pathsOf(job), step, how)
    await crash('filesCommitted')
    await run.settleOutcome((known) => ({ ...known, commit }))
    await crash('commitKept')
    return run.job
  }

  /** Knows the commit that was being made when a server died, if it was made. */
  async #findCommit(run: JobRun): Promise<void> {
    const { job, record } = run
    const { committing } = record
    if (!committing || job.outcome !== 'applied' || job.commit !== undefined) return
    const commit = await this.#deps.copies.repository(job).findCommit(pathsOf(job), committing)
    if (commit !== undefined) await run.settleOutcome((known) => ({ ...known, commit }))
  }

  /** Takes back what was brought in and, if it was, committed. Each part that is done already is left as it is. */
  unmerge(id: JobId): Promise<Job> {
    return this.#after(id, () => this.#unmerge(id))
  }

  async #unmerge(id: JobId): Promise<Job> {
    const run = this.#deps.run(id)
    await this.#findCommit(run)
    const { job } = run
    if (job.outcome !== 'applied' || job.originId === undefined)
      throw new RequestError('conflict', 'Its changes are not in the files.')
    if (!isSettled(job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    const { copies, threads, crash, all, run: runOf } = this.#deps
    const thread = await threads().get(job.originId)
    if (job.commit !== undefined) {
      await copies.repository(job).uncommit(job.commit, pathsOf(job))
      await crash('commitTaken')
      await run.settleOutcome(({ commit: _, ...known }) => known)
      await crash('commitForgotten')
    }
    // Its own, and those with places in which the job's side was taken: what came last goes first.
    for (const turn of broughtBy(run.record, thread).toReversed())
      await thread.reverts.revert(turn.id, 'undo')
    await crash('textTaken')
    // Those whose pieces came with it, too.
    for (const other of all().filter(({ appliedTurnId }) => appliedTurnId === job.appliedTurnId))
      await runOf(other.id).settleOutcome(
        ({ outcome: _, appliedTurnId: __, brought: ___, decided: ____, ...known }) => ({
          ...known,
          conflicts: [],
        }),
      )
    await crash('unmerged')
    return run.job
  }

  /** As a commit, where there are any; what people typed is on disk by then. */
  async #filesNow(job: Job): Promise<string | undefined> {
    const { copies, documents, clock } = this.#deps
    // A candidate has its branch when it is taken.
    if (job.branch === undefined && !job.candidate) return undefined
    await documents.flush(job.workspaceId)
    return copies.repository(job).snapshot(clock.now())
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
  discard(id: JobId, discarded: boolean): Promise<void> {
    return this.#after(id, () => this.#discard(id, discarded))
  }

  async #discard(id: JobId, discarded: boolean): Promise<void> {
    const run = this.#deps.run(id)
    refuseAgent(run.job)
    if (!isSettled(run.job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    const { outcome } = run.job
    if (outcome === 'applied') {
      if (discarded)
        throw new RequestError('conflict', 'Its changes are in your files; take them back first.')
      // Wanted again by a button that stood there for long: it is wanted already.
      return
    }
    await run.settleOutcome(({ outcome: _, ...job }) => (discarded ? { ...job, outcome: 'discarded' } : job))
    await this.#deps.crash('discarded')
    if (discarded) await this.#deps.copies.tidy(run.job)
  }

  async #after<T>(id: JobId, work: () => Promise<T>): Promise<T> {
    const done = (this.#inTurn.get(id) ?? Promise.resolve()).then(work)
    const settled = done.catch(() => undefined)
    this.#inTurn.set(id, settled)
    try {
      return await done
    } finally {
      if (this.#inTurn.get(id) === settled) this.#inTurn.delete(id)
    }
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

/** What came of it; of several candidates that is what was taken of them. */
function pathsOf({ brought, files }: Job): readonly string[] {
  return brought ?? files.map(({ path }) => path)
}

/** Turns with what came of the job last and stands. */
function broughtBy({ job, since }: JobRecord, thread: ThreadRuntime): readonly Turn[] {
  return thread.state().turns.filter(({ id, items, undone, copied }) => {
    const [said] = items
    const isOwn = said?.type === 'userMessage' && said.job?.id === job.id
    return isOwn && undone === undefined && !copied && !since?.turns.includes(id)
  })
}

function byPlace(a: JobConflict, b: JobConflict): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return a.startLine - b.startLine
}

export function refuseAgent({ parentId }: Job): void {
  if (parentId !== undefined)
    throw new RequestError('conflict', 'An agent’s changes go to the job it works for.')
}
