import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createFakeModel } from '../../bench/fake-model/fake-model.ts'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import { RelayClient } from '../../bench/lib/relay-client.ts'
import { type Random, randomInt, seededRandom } from '../../core/lib/random.ts'
import type { Job } from '../../core/protocol/job.ts'
import { complaintsOf, type Problem } from './chaos-check.ts'
import { wait } from './chaos-view.ts'
import { createScratch } from './scratch.ts'
import { launchTandem, type StartingTandem } from './tandem-process.ts'

export interface JobChaosResult {
  readonly seed: number
  readonly kills: number
  /** Steps the jobs had, and requests made for them. */
  readonly steps: number
  readonly calls: number
  readonly problems: readonly (Problem & { readonly kill: number })[]
  readonly recoveryMs: readonly number[]
}

const jobCount = 3
const endsWithinMs = 60_000

/** A job that counts in a file of its own, one line a step. */
interface Counting {
  readonly name: string
  readonly steps: number
}

/** Jobs at work on a server that is killed again and again; then every step must be there once. */
export async function runJobChaos(options: {
  readonly seed: number
  readonly kills: number
  readonly nodeFlags?: readonly string[]
}): Promise<JobChaosResult> {
  const random = seededRandom(options.seed)
  const problems: (Problem & { readonly kill: number })[] = []
  const recoveryMs: number[] = []
  let kills = 0
  const report = (kind: Problem['kind'], what: string) => problems.push({ kind, what, kill: kills })
  const counting = Array.from({ length: jobCount }, (_, n) => ({
    name: `count${n}`,
    steps: 4 + randomInt(random, 8),
  }))
  const calls = new Map<string, number>()
  const model = await createFakeModel({ script: (request) => answer(request, counting, calls, random) })
  const files = Object.fromEntries(counting.map(({ name }) => [`${name}.txt`, '0\n']))
  const scratch = createScratch({ files, modelUrl: model.url })
  const { data, config, workspace } = scratch
  const flags = options.nodeFlags && { nodeFlags: options.nodeFlags }
  const launch = () => launchTandem({ data, config, workspaces: [workspace], ...flags })
  let server: StartingTandem | undefined
  try {
    server = launch()
    const first = await RelayClient.connect(await server.ready)
    const { workspaceId } = first
    for (const { name } of counting) {
      await first.request('job/start', { workspaceId, task: `please ${name} now`, conversation: false })
    }
    first.close()
    while (kills < options.kills) {
      await wait(randomInt(random, 900))
      server.kill('SIGKILL')
      await server.exit
      kills++
      for (const complaint of complaintsOf(server.output())) report('broken', complaint)
      const startedAt = performance.now()
      server = launch()
      const observer = await RelayClient.connect(await server.ready)
      recoveryMs.push(performance.now() - startedAt)
      observer.close()
    }
    const observer = await RelayClient.connect(await server.ready)
    const jobs = await allEnded(observer)
    observer.close()
    check({ jobs, counting, calls, kills, repository: join(workspace, '.git'), report })
  } catch (error) {
    report('broken', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    server?.kill('SIGKILL')
    await server?.exit
    await model.close()
    scratch.remove()
  }
  const steps = counting.reduce((sum, { steps: own }) => sum + own + 1, 0)
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0)
  return { seed: options.seed, kills, steps, calls: all, problems, recoveryMs }
}

/** Adds the next line, until all are there. */
function answer(
  request: FakeRequest,
  counting: readonly Counting[],
  calls: Map<string, number>,
  random: Random,
): readonly Step[] {
  const job = counting.find(({ name }) => request.userText.includes(`please ${name} now`))
  if (!job) return [{ type: 'text', text: 'What?' }]
  const { name, steps } = job
  calls.set(name, (calls.get(name) ?? 0) + 1)
  const n = request.round + 1
  const pause: Step = { type: 'pause', ms: randomInt(random, 120) }
  if (n > steps) return [pause, { type: 'text', text: `${name} is done.` }]
  const patch = `*** Begin Patch\n*** Update File: ${name}.txt\n@@\n ${n - 1}\n+${n}\n*** End Patch`
  return [pause, { type: 'customCall', name: 'apply_patch', text: patch }]
}

async function allEnded(client: RelayClient): Promise<readonly Job[]> {
  const { workspaceId } = client
  for (const until = performance.now() + endsWithinMs; ; ) {
    const { jobs } = await client.request('job/list', { workspaceId })
    // Killed three times in one step: a person says that it was not the step's fault.
    const parked = jobs.filter((job) => job.parked && job.state === 'failed')
    for (const { id } of parked) await client.request('job/retry', { jobId: id })
    if (parked.length === 0 && jobs.every(({ settledAt }) => settledAt !== undefined)) return jobs
    if (performance.now() > until) {
      throw new Error(`Jobs did not end: ${jobs.map(({ title, state }) => `${title} ${state}`).join(', ')}`)
    }
    await wait(50)
  }
}

function check(options: {
  readonly jobs: readonly Job[]
  readonly counting: readonly Counting[]
  readonly calls: ReadonlyMap<string, number>
  readonly kills: number
  readonly repository: string
  readonly report: (kind: Problem['kind'], what: string) => void
}): void {
  const { jobs, counting, calls, kills, repository, report } = options
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', repository, ...args], { encoding: 'utf8' })
  for (const { name, steps } of counting) {
    const own = jobs.filter(({ task }) => task.includes(name))
    const [job] = own
    if (own.length !== 1 || !job) {
      report(own.length > 1 ? 'doubled' : 'lost', `${name} is there ${own.length} times`)
      continue
    }
    if (job.state !== 'done') report('broken', `${name} is ${job.state}: ${job.problem ?? ''}`)
    const branch = job.branch && git('rev-parse', '--verify', `refs/heads/${job.branch}`).trim()
    if (!branch) {
      report('lost', `${name} has no commits`)
      continue
    }
    const subjects = git('log', '--format=%s', branch)
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('Step '))
    const wanted = Array.from({ length: steps }, (_, index) => `Step ${index + 1}`).reverse()
    if (new Set(subjects).size < subjects.length)
      report('doubled', `${name} committed ${subjects.join(', ')}`)
    else if (subjects.join() !== wanted.join()) report('lost', `${name} committed ${subjects.join(', ')}`)
    const text = git('show', `${branch}:${name}.txt`)
    const whole = `${Array.from({ length: steps + 1 }, (_, index) => index).join('\n')}\n`
    if (text !== whole) report('broken', `${name}.txt holds ${JSON.stringify(text)}`)
    const made = calls.get(name) ?? 0
    if (made > steps + 1 + kills) report('doubled', `${name}: ${made} requests for ${steps + 1} steps`)
  }
}
