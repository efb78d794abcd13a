import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectionLost, type RelayClient } from '../../bench/lib/relay-client.ts'
import { steerIdSchema, type ThreadId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { Problem } from './chaos-check.ts'
import { wait } from './chaos-view.ts'
import {
  againOf,
  type CrashJob,
  commitMessageOf,
  goalOf,
  goOf,
  isAlone,
  isCommitted,
  ownLine,
  steerOf,
  taskOf,
} from './crash-jobs.ts'

const lookEveryMs = 30
const aside = { openPaths: [] }

/** Does with each job what a person does, and asks again for what was not answered. */
export class CrashDriver {
  readonly #client: RelayClient
  readonly #jobs: readonly CrashJob[]
  readonly #workspace: string
  readonly #report: (kind: Problem['kind'], what: string) => void
  readonly #busy = new Set<CrashJob>()

  constructor(options: {
    readonly client: RelayClient
    readonly jobs: readonly CrashJob[]
    readonly workspace: string
    readonly report: (kind: Problem['kind'], what: string) => void
  }) {
    this.#client = options.client
    this.#jobs = options.jobs
    this.#workspace = options.workspace
    this.#report = options.report
  }

  /** Until the signal, or until the server is gone: then it rejects with `ConnectionLost`. */
  async run(signal: AbortSignal): Promise<void> {
    const { workspaceId } = this.#client
    const lost = Promise.withResolvers<never>()
    lost.promise.catch(() => undefined)
    while (!signal.aborted) {
      const { jobs } = await this.#client.request('job/list', { workspaceId })
      for (const job of this.#jobs) {
        const own = jobs.filter(({ task }) => task === taskOf(job))
        if (own.length > 1) this.#report('doubled', `job ${job.n} is there ${own.length} times`)
        this.#see(job, own[0])
        if (this.#busy.has(job) || job.isOver) continue
        this.#busy.add(job)
        void this.#look(job, own[0])
          .catch((error) => {
            if (error instanceof ConnectionLost) lost.reject(error)
            // Refused: it is looked at again, and may have come to something else by then.
          })
          .finally(() => this.#busy.delete(job))
      }
      await Promise.race([wait(lookEveryMs), lost.promise])
    }
  }

  #see(job: CrashJob, now: Job | undefined): void {
    if (now) {
      job.isHandedOff = true
      job.seen = now
    } else if (job.isHandedOff && !job.isOver && job.seen?.outcome === undefined && !this.#busy.has(job)) {
      this.#report('lost', `job ${job.n}, which was acknowledged`)
      job.isOver = true
    }
  }

  async #look(job: CrashJob, now: Job | undefined): Promise<void> {
    // Decided about and gone: it was removed although nobody could say so.
    if (!now) {
      if (!job.isHandedOff) return this.#handOff(job)
      job.isOver = true
      return
    }
    const jobId = now.id
    if (now.needs?.kind === 'answer') {
      await this.#client.request('job/answer', { jobId, text: 'Yes.' })
    } else if (now.needs?.kind === 'plan') {
      await this.#client.request('job/decidePlan', { jobId, accept: true, text: goOf(job) })
    } else if (now.needs?.kind === 'budget') {
      await this.#client.request('job/extend', { jobId, budget: { ...now.budget, steps: 50 } })
    } else if (now.state === 'running') {
      await this.#disturb(job, now)
    } else if (now.state === 'stopped' || (now.state === 'failed' && now.parked)) {
      await this.#client.request('job/retry', { jobId })
    } else if (now.state === 'failed') {
      this.#report('broken', `job ${job.n} (${job.kind}) failed: ${now.problem}`)
      job.isOver = true
    } else if (now.state === 'done') {
      await this.#decide(job, now)
    }
  }

  async #handOff(job: CrashJob): Promise<void> {
    const { workspaceId } = this.#client
    const base = { workspaceId, task: taskOf(job), conversation: false }
    const asked = {
      ...(job.kind === 'budget' && { budget: { steps: 1 } }),
      ...(job.kind === 'planned' && { planFirst: true }),
      ...(job.kind === 'goal' && { goal: goalOf(job) }),
    }
    if (job.kind === 'scheduled') return this.#schedule(job)
    if (job.kind !== 'rest') {
      await this.#client.request('job/start', { ...base, ...asked })
      job.isHandedOff = true
      return
    }
    const { threadId } = await this.#client.request('thread/create', { workspaceId })
    const context = aside
    const { turnId } = await this.#client.request('turn/start', { threadId, text: 'take your time', context })
    await this.#client.request('job/start', { ...base, originId: threadId, restOf: turnId })
    job.isHandedOff = true
  }

  /** Once, whatever was acknowledged: what is no schedule any more is a job by then. */
  async #schedule(job: CrashJob): Promise<void> {
    if (job.wasScheduled) return
    const { workspaceId } = this.#client
    const task = taskOf(job)
    const { schedules } = await this.#client.request('schedule/list', { workspaceId })
    const { jobs } = await this.#client.request('job/list', { workspaceId })
    if (![...schedules, ...jobs].some((known) => known.task === task)) {
      const when = { kind: 'once', at: Date.now() + 200 } as const
      await this.#client.request('schedule/add', { workspaceId, task, when })
    }
    job.wasScheduled = true
  }

  async #disturb(job: CrashJob, now: Job): Promise<void> {
    const jobId = now.id
    if (now.paused) {
      await this.#client.request('job/pause', { jobId, paused: false })
    } else if (job.kind === 'paused' && !job.wasPaused) {
      await this.#client.request('job/pause', { jobId, paused: true })
      job.wasPaused = true
    } else if (job.kind === 'stopped' && !job.wasStopped && now.used.steps >= 1) {
      await this.#client.request('job/stop', { jobId })
      job.wasStopped = true
    } else if (job.kind === 'steered' && !job.wasSteered && now.used.steps >= 1) {
      const turn = (await this.#turns(now.threadId)).at(-1)
      if (!turn) return
      const steer = { id: steerIdSchema.parse(`ste_${job.n}`), text: steerOf(job), context: aside }
      await this.#client.request('turn/steer', { threadId: now.threadId, expectedTurnId: turn.id, ...steer })
      job.wasSteered = true
    }
  }

  async #decide(job: CrashJob, now: Job): Promise<void> {
    const jobId = now.id
    if (job.kind === 'reopened' && now.answer !== `again-${job.n} done`) {
      if (job.wasReopened) return
      const text = againOf(job)
      const said = await this.#said(now.threadId)
      // Acknowledged or not, words that are there are not said again.
      if (!said.includes(text))
        await this.#client.request('turn/start', { threadId: now.threadId, text, context: aside })
      job.wasReopened = true
      return
    }
    if (job.kind === 'requested' && now.pullRequest?.state !== 'open') return this.#askFor(job, now)
    if (now.outcome === undefined) return this.#bringBack(job, now)
    if (now.outcome === 'discarded' && job.kind === 'stopped' && !job.wasWanted) {
      await this.#client.request('job/discard', { jobId, discarded: false })
      job.wasWanted = true
      return
    }
    const [conflict] = now.conflicts
    if (conflict) {
      const { path, startLine } = conflict
      if (!isAlone(job)) job.lostPlace = true
      const take = isAlone(job) ? 'theirs' : 'ours'
      await this.#client.request('job/resolve', { jobId, path, startLine, take })
      return
    }
    if (isCommitted(job) && now.outcome === 'applied') {
      if (now.commit !== undefined) job.commit = 'acknowledged'
      if (job.isTakingBack) return this.#takeBack(job, now)
      if (now.commit === undefined && job.commit !== 'by another') return this.#commit(job, now)
      if (job.kind === 'takenBack') return this.#takeBack(job, now)
    }
    job.holdsMain = false
    await this.#client.request('job/remove', { jobId })
    job.isOver = true
  }

  async #commit(job: CrashJob, { id: jobId }: Job): Promise<void> {
    if (this.#jobs.some((other) => other !== job && other.holdsMain)) return
    job.holdsMain = true
    const isAgain = job.commit === 'asked'
    job.commit = 'asked'
    // People type in the files of the others all the while, right beside what jobs change.
    const how = { withOwn: !isAlone(job), keepSteps: job.kind === 'steps' }
    try {
      await this.#client.request('job/commit', { jobId, message: commitMessageOf(job), ...how })
      job.commit = 'acknowledged'
    } catch (error) {
      if (error instanceof ConnectionLost) throw error
      job.holdsMain = false
      const isThere = error instanceof Error && error.message.includes('committed as they are')
      if (!isThere && !isAgain) job.commit = 'none'
      if (isThere) job.commit = 'by another'
      throw error
    }
  }

  /** Wants nothing of it any more, its commit neither. */
  async #takeBack(job: CrashJob, { id: jobId }: Job): Promise<void> {
    job.holdsMain = true
    job.isTakingBack = true
    job.commit = 'none'
    try {
      await this.#client.request('job/unmerge', { jobId })
      job.holdsMain = false
    } catch (error) {
      if (!(error instanceof ConnectionLost))
        this.#report('broken', `job ${job.n} is not taken back: ${error}`)
      throw error
    }
  }

  /** Has its branch pushed and a pull request opened. */
  async #askFor(job: CrashJob, { id: jobId, pullRequest }: Job): Promise<void> {
    if (pullRequest?.state === 'sending') return
    if (pullRequest) {
      this.#report('broken', `job ${job.n} was not asked for: ${JSON.stringify(pullRequest)}`)
      job.isOver = true
      return
    }
    await this.#client.request('job/openRequest', { jobId, title: commitMessageOf(job), text: '' })
  }

  async #bringBack(job: CrashJob, now: Job): Promise<void> {
    const jobId = now.id
    await this.#checkThread(job, now)
    const isUnwanted = ['asks', 'budget', 'reopened'].includes(job.kind) || job.isTakingBack
    if (isUnwanted || (job.kind === 'stopped' && !job.wasWanted)) {
      await this.#client.request('job/discard', { jobId, discarded: true })
      return
    }
    if (job.kind === 'conflict') this.#write(job, `slot ${job.n}: open`, `slot ${job.n}: by hand`)
    if (job.kind === 'own') this.#write(job, `note ${job.n}.0 about nothing`, ownLine(job))
    await this.#client.request('job/apply', { jobId })
  }

  /** Another program writes where the job did, or beside it. */
  #write({ path }: CrashJob, before: string, after: string): void {
    const file = join(this.#workspace, path)
    const text = readFileSync(file, 'utf8')
    if (!text.includes(after)) writeFileSync(file, text.replace(before, after))
  }

  /** All the job did is told once. */
  async #checkThread(job: CrashJob, now: Job): Promise<void> {
    const items = (await this.#turns(now.threadId)).flatMap((turn) => turn.items)
    const edits = items.filter((item) => item.type === 'fileChange' && item.status === 'completed')
    if (edits.length !== 1)
      this.#report(
        'doubled',
        `job ${job.n} (${job.kind}) tells of ${edits.length} edits: ${JSON.stringify(items).slice(0, 2500)}`,
      )
    const words = await this.#said(now.threadId)
    const steers = words.filter((text) => text === steerOf(job)).length
    if (steers > 1) this.#report('doubled', `words to job ${job.n}`)
    if (steers === 0 && job.wasSteered) this.#report('lost', `words to job ${job.n}`)
  }

  async #said(threadId: ThreadId): Promise<readonly string[]> {
    const items = (await this.#turns(threadId)).flatMap((turn) => turn.items)
    return items.flatMap((item) => (item.type === 'userMessage' ? [item.text] : []))
  }

  async #turns(threadId: ThreadId): Promise<readonly Turn[]> {
    const topic = `thread:${threadId}`
    const read = await this.#client.request('topic/subscribe', { topic })
    await this.#client.request('topic/unsubscribe', { topic })
    return read.kind === 'snapshot' && 'turns' in read.state ? read.state.turns : []
  }
}
