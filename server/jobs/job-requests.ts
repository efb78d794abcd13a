import { z } from 'zod'
import { certain, inDoubt, isSettled } from '../../core/job/ledger.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type JobId, jobIdSchema } from '../../core/protocol/ids.ts'
import type { EffectDecision, Job, PullRequest } from '../../core/protocol/job.ts'
import type { EffectRow } from '../store/store.ts'
import { runGit } from '../workspace/git.ts'
import type { Crash } from './crash-points.ts'
import { type Forge, ForgeError, type ForgePlace, placeOf, pullRequestsOf } from './forge.ts'
import type { JobCopies } from './job-copies.ts'
import type { JobRun } from './job-run.ts'
import type { Attempt, EffectKind, Outbox } from './outbox.ts'
import { pushBranch } from './push-branch.ts'

const bodySchema = z.object({ kind: z.literal('pullRequest'), title: z.string(), text: z.string() })
type Body = z.infer<typeof bodySchema>

interface Deps {
  readonly random: Random
  readonly forges: readonly Forge[]
  readonly copies: JobCopies
  readonly run: (id: JobId) => JobRun
  readonly find: (id: JobId) => Job | undefined
  readonly outbox: () => Outbox
  readonly crash: Crash
}

/** Asks others to take the branches of jobs over: pushes them, and opens pull requests. */
export class JobRequests {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Resolves when it is durable that the branch is to be pushed and asked for. */
  async open(id: JobId, { title, text }: Omit<Body, 'kind'>): Promise<void> {
    const { random, forges, run: runOf, outbox, crash } = this.#deps
    const run = runOf(id)
    if (forges.length === 0) throw new RequestError('conflict', 'No GitHub or GitLab is configured.')
    if (!isSettled(run.job)) throw new RequestError('conflict', 'The job is still running; stop it first.')
    if (run.job.branch === undefined) throw new RequestError('conflict', 'The job has no branch.')
    if (run.job.pullRequest?.state === 'sending')
      throw new RequestError('conflict', 'Its pull request is on its way already.')
    const body: Body = { kind: 'pullRequest', title, text }
    const effect = { id: mintId('eff', random), body: JSON.stringify(body) }
    await run.settleOutcome((job) => ({ ...job, pullRequest: { state: 'sending' } }), [effect])
    await crash('requestWanted')
    outbox().wake()
  }

  /** A person knows what became of an effect in doubt. */
  async decide(id: JobId, decision: EffectDecision): Promise<void> {
    const run = this.#deps.run(id)
    const { needs } = run.job
    if (needs?.kind !== 'effect') throw new RequestError('conflict', 'The job asks nothing of that kind.')
    await this.#deps.outbox().decide(needs.effectId, decision)
    await this.#deps.crash('effectDecided')
    // Done again it is on its way; of one that is gone nothing else is known.
    await run.settleOutcome(certain)
    run.waits.wake()
  }

  /** `undefined`: it is none, or of a job that is no more. */
  kindOf(effect: EffectRow): EffectKind | undefined {
    const body = bodySchema.safeParse(JSON.parse(effect.body)).data
    const id = jobIdSchema.parse(effect.job)
    if (!body || !this.#deps.find(id)) return undefined
    const run = this.#deps.run(id)
    let failure: ForgeError | undefined
    const note = async (pullRequest: PullRequest) => {
      await run.settleOutcome((job) => ({ ...certain(job), pullRequest }))
      run.waits.wake()
    }
    return {
      isRepeatable: false,
      attempts: 6,
      ms: 120_000,
      perform: async (_, signal) => {
        try {
          return await this.#perform(run, body, signal)
        } catch (error) {
          if (!(error instanceof ForgeError)) throw error
          failure = error
          return { is: error.problem === 'unreachable' ? 'later' : 'failed', problem: error.message }
        }
      },
      look: async (_, signal) => {
        const url = await pullRequestsOf(await this.#place(run.job), signal).find(run.job.branch ?? '')
        return url === undefined
          ? { is: 'later', problem: 'There is none yet.' }
          : { is: 'done', result: url }
      },
      settled: async ({ id: effectId }, settled) => {
        if (settled.is === 'doubt') {
          if (run.job.pullRequest?.state !== 'sending' || run.job.needs?.kind === 'effect') return
          return run.settleOutcome((job) => inDoubt(job, effectId, settled.problem))
        }
        if (settled.is === 'done')
          return note({ state: 'open', ...(settled.result !== undefined && { url: settled.result }) })
        const problem = failure?.problem ?? (settled.problem === 'skipped' ? 'skipped' : 'other')
        return note({ state: 'failed', problem, detail: settled.problem })
      },
    }
  }

  async #perform(run: JobRun, { title, text }: Body, signal: AbortSignal): Promise<Attempt> {
    const { copies, crash } = this.#deps
    const { branch = '' } = run.job
    const place = await this.#place(run.job)
    const repository = copies.repository(run.job)
    await pushBranch({ repository, place, branch, head: run.record.published ?? run.record.head })
    await crash('branchPushed')
    const requests = pullRequestsOf(place, signal)
    const known = await requests.find(branch)
    if (known !== undefined) return { is: 'done', result: known }
    const base = await requests.base(await copies.workspace(run.job).branch())
    try {
      const result = await requests.open({ branch, base, title, text })
      await crash('requestOpened')
      return { is: 'done', result }
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error
      // From here on it may have been opened: what is not known is looked for.
      if (error.problem === 'unreachable') return { is: 'unknown', problem: error.message }
      const other = await requests.find(branch)
      if (other !== undefined) return { is: 'done', result: other }
      throw error
    }
  }

  async #place(job: Job): Promise<ForgePlace> {
    const { root } = this.#deps.copies.workspace(job)
    const asked = ['config', '--get-regexp', '^remote\\..*\\.url$']
    const { output } = await runGit(asked, { cwd: root })
    const remotes = output.split('\n').flatMap((line) => {
      const [, name = '', url = ''] = /^remote\.(.*)\.url (.+)$/.exec(line) ?? []
      return url === '' ? [] : [{ name, url }]
    })
    const remote = remotes.find(({ name }) => name === 'origin') ?? remotes[0]
    if (!remote) throw new ForgeError('noRemote')
    return placeOf(remote.url, this.#deps.forges)
  }
}
