import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFakeModel, type FakeModel } from '../../bench/fake-model/fake-model.ts'
import { monotonicMs } from '../../bench/lib/clock.ts'
import { RelayClient } from '../../bench/lib/relay-client.ts'
import { type Random, randomInt, seededRandom } from '../../core/lib/random.ts'
import { type CrashPoint, crashPoints } from '../../server/jobs/crash-points.ts'
import { createForgeDouble, type ForgeDouble } from '../../server/testing/forge-double.ts'
import { checkDatabase, checkLeftovers, complaintsOf, type Problem } from './chaos-check.ts'
import { ChaosPerson, type TypedLedger } from './chaos-person.ts'
import { typedCharacter, typedIn } from './chaos-text.ts'
import { until, wait } from './chaos-view.ts'
import { CrashDriver } from './crash-driver.ts'
import {
  answerFor,
  type CrashJob,
  commitMessageOf,
  isAlone,
  kindReaching,
  newJob,
  ownLine,
  repeatedPoints,
  shapeOf,
  slotLine,
} from './crash-jobs.ts'
import { momentsOf, tellMoments } from './moments.ts'
import { createScratch, type Scratch } from './scratch.ts'
import { launchTandem, type StartingTandem } from './tandem-process.ts'

export interface CrashResult {
  readonly seed: number
  readonly kills: number
  readonly jobs: number
  /** Requests the jobs needed, and those that were made. */
  readonly steps: number
  readonly calls: number
  readonly problems: readonly (Problem & { readonly kill: number })[]
  /** Points nobody died at although it was tried. */
  readonly unreached: readonly CrashPoint[]
  /** From the start of the process to the next step of a job it found. */
  readonly recoveryMs: readonly number[]
}

const paths = ['a.txt', 'src/b.txt', 'src/deep/c.txt']
/** A life that does not come to its point ends all the same. */
const lifeMs = 45_000
const endsWithinMs = 120_000
/** With these a job that was found has no step left to go on with by itself: the next is one that people ask for. */
const lastActs: readonly CrashPoint[] = ['settled', 'proposed', 'budgetAsked']

/** Jobs of all kinds on a server that dies at one named point after the other. */
export async function runCrashPoints(options: {
  readonly seed: number
  readonly kills: number
  readonly nodeFlags?: readonly string[]
}): Promise<CrashResult> {
  const run = new CrashRun(options)
  try {
    await run.start()
    while (run.kills < options.kills) await run.life()
    await run.end()
  } catch (error) {
    run.report('broken', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    await run.clear()
  }
  return run.result()
}

class CrashRun {
  kills = 0
  readonly #seed: number
  readonly #random: Random
  readonly #nodeFlags: readonly string[]
  readonly #order: readonly CrashPoint[]
  readonly #reached = new Map<CrashPoint, number>()
  readonly #jobs: CrashJob[] = []
  readonly #problems: (Problem & { readonly kill: number })[] = []
  readonly #recoveryMs: number[] = []
  readonly #typed: TypedLedger = new Map()
  readonly #person: ChaosPerson
  #model: FakeModel | undefined
  #forge: ForgeDouble | undefined
  #scratch: Scratch | undefined
  #server: StartingTandem | undefined

  constructor(options: {
    readonly seed: number
    readonly kills: number
    readonly nodeFlags?: readonly string[]
  }) {
    this.#seed = options.seed
    this.#random = seededRandom(options.seed)
    this.#nodeFlags = options.nodeFlags ?? []
    let typed = 0
    const nextCharacter = () => typedCharacter(typed++)
    this.#person = new ChaosPerson({ random: this.#random, typed: this.#typed, nextCharacter, strays: 0 })
    // Once there is a repository nobody comes by there again.
    const order: CrashPoint[] = ['repositoryBegun']
    // Jobs with agents and candidates are none of these, no forge leaves anything in doubt and the model is never gone;
    // those are tried within one process.
    const others = [order[0], 'spawned', 'merged', 'othersNoted', 'effectDecided', 'stoodAside']
    const left = crashPoints.filter((point) => !others.includes(point))
    while (left.length > 0) order.push(...left.splice(randomInt(this.#random, left.length), 1))
    this.#order = order
    for (let n = 0; n < options.kills; n++) this.#jobs.push(newJob(n, kindReaching(this.#point(n)), paths))
  }

  report(kind: Problem['kind'], what: string): void {
    this.#problems.push({ kind, what, kill: this.kills })
  }

  result(): CrashResult {
    const begun = this.#jobs.filter(({ seen }) => seen)
    return {
      seed: this.#seed,
      kills: this.kills,
      jobs: begun.length,
      steps: begun.reduce((sum, job) => sum + shapeOf(job).requests, 0),
      calls: begun.reduce((sum, { calls }) => sum + calls, 0),
      problems: this.#problems,
      unreached: crashPoints.filter((point) => this.#reached.get(point) === 0),
      recoveryMs: this.#recoveryMs,
    }
  }

  async start(): Promise<void> {
    this.#model = await createFakeModel({ script: (request) => answerFor(request, this.#jobs) })
    this.#forge = await createForgeDouble('github')
    const files: Record<string, string> = { '.tandem/setup': 'true\n' }
    for (const path of paths) {
      const slots = this.#jobs.filter((job) => job.path === path).map(({ n }) => block(n))
      files[path] = `${slots.join('')}the end\n`
    }
    for (const job of this.#jobs) if (isAlone(job)) files[job.path] = block(job.n)
    const { url, apiUrl } = this.#forge.forge
    this.#scratch = createScratch({
      files,
      modelUrl: this.#model.url,
      settings: {
        approvals: [{ action: 'allow', tool: 'run_command' }],
        forges: [{ kind: 'github', url, apiUrl, tokenEnv: 'FORGE_TOKEN' }],
      },
    })
    this.#scratch.git('remote', 'add', 'origin', this.#forge.remote)
  }

  /** A server that dies at the next point, on which all jobs go on and one more is handed off. */
  async life(): Promise<void> {
    const point = this.#point(this.kills)
    const nth = repeatedPoints.has(point) ? 1 + randomInt(this.#random, 2) : 1
    const { startedAt, server } = this.#launch(point, nth)
    const running = this.#jobs.filter(({ seen }) => seen?.state === 'running' && !seen.paused).length
    const stop = new AbortController()
    const work = this.#work(server, this.#jobs.slice(0, this.kills + 1), stop.signal)
    const timer = setTimeout(() => server.kill('SIGKILL'), lifeMs)
    const code = await server.exit
    if (code !== null) this.report('broken', `the server ended with ${code}: ${server.output().slice(-600)}`)
    clearTimeout(timer)
    stop.abort()
    await work
    const moments = momentsOf(server.output())
    const isReached = moments.has(point)
    this.#reached.set(point, (this.#reached.get(point) ?? 0) + (isReached ? 1 : 0))
    const nextStep = moments.get('intended')
    if (nextStep !== undefined && running > lastActs.filter((act) => isBefore(moments, act, nextStep)).length)
      this.#recoveryMs.push(nextStep - startedAt)
    this.#complain(server)
    this.kills++
    for (const job of this.#jobs) if (job.seen && !job.isOver) job.kills++
  }

  async end(): Promise<void> {
    const { server } = this.#launch()
    const stop = new AbortController()
    const work = this.#work(server, this.#jobs, stop.signal)
    const waited = performance.now() + endsWithinMs
    while (this.#jobs.some(({ isOver }) => !isOver) && performance.now() < waited) await wait(50)
    for (const { n, kind, isOver, seen } of this.#jobs) {
      if (!isOver) this.report('broken', `job ${n} (${kind}) did not end: ${JSON.stringify(seen)}`)
    }
    stop.abort()
    await work
    await this.#checkTexts(server)
    server.kill('SIGTERM')
    await server.exit
    this.#complain(server)
    this.#checkCommits()
    const { data, workspace } = this.#place
    checkDatabase(data, this.#report)
    checkLeftovers(workspace, this.#report)
    for (const folder of readdirSync(join(data, 'jobs')))
      for (const name of readdirSync(join(data, 'jobs', folder)))
        if (name.startsWith('job_')) this.report('broken', `the copy of ${name} was left behind`)
  }

  async clear(): Promise<void> {
    this.#person.forget()
    this.#server?.kill('SIGKILL')
    await this.#server?.exit
    await this.#model?.close()
    this.#forge?.close()
    this.#scratch?.remove()
  }

  readonly #report = (kind: Problem['kind'], what: string): void => this.report(kind, what)

  #point(n: number): CrashPoint {
    return this.#order[n % this.#order.length] ?? 'claimed'
  }

  get #place(): Scratch {
    if (!this.#scratch) throw new Error('start() comes first')
    return this.#scratch
  }

  #launch(point?: CrashPoint, nth = 1) {
    const { data, config, workspace } = this.#place
    const nodeFlags = [...this.#nodeFlags, ...tellMoments(point, nth)]
    const startedAt = monotonicMs()
    const variables = { FORGE_TOKEN: this.#forge?.forge.token ?? '' }
    const server = launchTandem({ data, config, workspaces: [workspace], nodeFlags, variables })
    this.#server = server
    return { startedAt, server }
  }

  /** A person types and looks after the jobs, until the server is gone. */
  async #work(server: StartingTandem, jobs: readonly CrashJob[], signal: AbortSignal): Promise<void> {
    let client: RelayClient | undefined
    let typing: NodeJS.Timeout | undefined
    try {
      client = await RelayClient.connect(await server.ready)
      // A server that is gone answers nothing.
      await Promise.race([this.#person.connect(client, paths), once(signal, 'abort')])
      typing = setInterval(() => {
        if (this.#random.next() < 0.4) this.#person.type()
      }, 40)
      const { workspace } = this.#place
      const driver = new CrashDriver({ client, jobs, workspace, report: this.#report })
      await driver.run(signal)
    } catch (error) {
      const isGone = await Promise.race([server.exit.then(() => true), wait(2000).then(() => false)])
      if (!isGone) this.report('broken', error instanceof Error ? (error.stack ?? '') : String(error))
    } finally {
      clearInterval(typing)
      this.#person.leave()
      client?.close()
    }
  }

  #complain(server: StartingTandem): void {
    for (const complaint of complaintsOf(server.output())) this.report('broken', complaint)
  }

  async #checkTexts(server: StartingTandem): Promise<void> {
    const client = await RelayClient.connect(await server.ready)
    await this.#person.connect(client, paths)
    await until(() => this.#person.isSaved)
    const { workspace } = this.#place
    for (const path of paths) {
      const text = () => this.#person.text(path) ?? ''
      if (!(await until(() => readFileSync(join(workspace, path), 'utf8') === text())))
        this.report('lost', `${path} on disk is otherwise`)
      const there = typedIn(text())
      if (new Set(there).size < there.length) this.report('doubled', `typed characters in ${path}`)
      for (const [character, typed] of this.#typed)
        if (typed.path === path && !typed.mayBeLost && !there.includes(character))
          this.report('lost', `${character}, typed in ${path}`)
    }
    for (const job of this.#jobs) this.#checkSlot(job)
    this.#person.leave()
    client.close()
  }

  /** What a job wrote is in the file once when it was applied, and not at all when nobody wanted it. */
  #checkSlot(job: CrashJob): void {
    const { n, path, seen } = job
    const bare = readFileSync(join(this.#place.workspace, path), 'utf8').replace(/[㐀-鿿]/g, '')
    const lines = bare.split('\n').filter((line) => line.startsWith(`slot ${n}:`))
    const wanted = seen?.outcome === 'applied' && !job.lostPlace ? 'done' : 'open'
    if (lines.length !== 1) this.report('doubled', `slot ${n} of ${path}: ${lines.join(' | ')}`)
    else if (lines[0] !== slotLine(n, wanted))
      this.report('lost', `${path} has ${lines[0]}, not ${wanted} (${job.kind}, ${JSON.stringify(seen)})`)
  }

  /** Others were asked once to take it over, as it is. */
  #checkRequest({ n, kind }: CrashJob, branch: string, head: string): void {
    const asked = this.#forge?.pulls.filter((pull) => pull.branch === branch).length ?? 0
    if (kind !== 'requested') return
    if (asked !== 1) this.report(asked > 1 ? 'doubled' : 'lost', `job ${n} was asked for ${asked} times`)
    else if (this.#forge?.git('rev-parse', branch) !== head) this.report('lost', `branch of job ${n}`)
  }

  #checkCommits(): void {
    const git = (...args: readonly string[]) =>
      execFileSync('git', args, { cwd: this.#place.workspace, encoding: 'utf8' }).trim()
    const messages = git('log', '--format=%s', 'main').split('\n')
    // A server that died behind a commit leaves an index that says otherwise.
    const staged = git('diff', '--cached', '--name-only')
    if (staged !== '') this.report('broken', `left in the index: ${staged.split('\n').join(', ')}`)
    for (const job of this.#jobs) {
      const { n, kind, seen, calls, kills } = job
      if (!seen) continue
      const made = messages.filter((message) => message === commitMessageOf(job)).length
      if (made > 1) this.report('doubled', `job ${n} is on main ${made} times`)
      if (made === 0 && job.commit === 'acknowledged') this.report('lost', `commit of job ${n} on main`)
      if (made === 1 && kind === 'takenBack') this.report('lost', `the taking back of job ${n}`)
      if (made === 1 && kind === 'own') {
        const text = git('show', `main:${job.path}`)
        if (text.includes(ownLine(job)) || !text.includes(slotLine(n, 'done')))
          this.report('broken', `the commit of job ${n} has ${text}`)
        if (!readFileSync(join(this.#place.workspace, job.path), 'utf8').includes(ownLine(job)))
          this.report('lost', `what a person had beside job ${n}`)
      }
      const { requests, commits } = shapeOf(job)
      const branch = seen.branch
      if (branch === undefined) {
        this.report('lost', `job ${n} (${kind}) has no branch`)
        continue
      }
      this.#checkRequest(job, branch, git('rev-parse', branch))
      // What other jobs did that were merged before is not its own.
      const subjects = git('log', '--first-parent', '--format=%s', `refs/heads/${branch}`)
        .split('\n')
        .filter((line) => line.startsWith('Step '))
        .toReversed()
      if (subjects.join() !== commits.map((step) => `Step ${step}`).join()) {
        const kindOf = new Set(subjects).size < subjects.length ? 'doubled' : 'lost'
        this.report(kindOf, `job ${n} (${kind}) committed ${subjects.join(', ')}`)
      }
      // Who stops a job in the middle of an answer has it asked for again.
      const most = requests + kills + (kind === 'stopped' ? 1 : 0)
      if (calls > most)
        this.report('doubled', `job ${n} (${kind}): ${calls} requests, at most ${most} were due`)
    }
  }
}

/** A slot with room around it, in which people type. */
function block(n: number): string {
  const around = [0, 1, 2, 3].map((line) => `note ${n}.${line} about nothing\n`)
  return `${around.slice(0, 2).join('')}between\n${slotLine(n, 'open')}\nbetween\n${around.slice(2).join('')}`
}

function isBefore(moments: ReadonlyMap<string, number>, point: CrashPoint, at: number): boolean {
  return (moments.get(point) ?? Number.POSITIVE_INFINITY) < at
}
