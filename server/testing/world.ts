import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createFakeModel, type FakeModel } from '../../bench/fake-model/fake-model.ts'
import type { ApprovalRule } from '../../core/approval/rules.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { seededRandom } from '../../core/lib/random.ts'
import { estimateTokens } from '../../core/lib/token-estimate.ts'
import { tierNames } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { Documents } from '../documents/documents.ts'
import { createDocuments } from '../documents/live-documents.ts'
import { createTurnSnapshots } from '../documents/turn-snapshots.ts'
import type { AgentLimits } from '../jobs/agents.ts'
import type { Crash } from '../jobs/crash-points.ts'
import type { Forge } from '../jobs/forge.ts'
import { Jobs } from '../jobs/jobs.ts'
import { createLiveTools } from '../jobs/live-tools.ts'
import type { Prices } from '../jobs/prices.ts'
import { createSyntaxChecker } from '../jobs/syntax-checker.ts'
import type { Webhook } from '../jobs/webhooks.ts'
import type { CustomProvider } from '../providers/providers.ts'
import { createProviders } from '../providers/registry.ts'
import { defaultTimeouts, type Timeouts } from '../providers/timeouts.ts'
import { Hub } from '../relay/hub.ts'
import { Admissions } from '../runtime/admissions.ts'
import { ApprovalRules } from '../runtime/approval-rules.ts'
import { CallLedger } from '../runtime/call-ledger.ts'
import { type CatalogueOptions, ModelCatalogue } from '../runtime/model-catalogue.ts'
import { ModelHealth } from '../runtime/model-health.ts'
import type { Observer } from '../runtime/observer.ts'
import { Portions } from '../runtime/portions.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import { Threads } from '../runtime/threads.ts'
import { TokenCounts } from '../runtime/token-counts.ts'
import type { Runner } from '../sandbox/runner.ts'
import { createUnsafeRunner } from '../sandbox/unsafe-runner.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { createWorkspace } from '../workspace/create-workspace.ts'
import { runProcess } from '../workspace/run-process.ts'
import type { Workspace } from '../workspace/workspace.ts'

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Everything between the socket and the model but the socket: real documents, a real workspace, the fake model. */
export interface World {
  readonly model: FakeModel
  readonly store: Store
  readonly usage: CallLedger
  readonly workspace: Workspace
  readonly documents: Documents
  readonly models: ModelCatalogue
  readonly threads: Threads
  readonly jobs: Jobs
  /** Resolves when the jobs it found are at their next step. */
  readonly resumed: Promise<void>
  readonly rules: ApprovalRules
  readonly bugs: string[]
  /** What the person who runs the server was told. */
  readonly problems: string[]
  readonly jobFolder: string
  read(path: string): string
  newThread(modelId?: string): Promise<ThreadRuntime>
  /** Sends a prompt and waits until its turn is settled. */
  ask(thread: ThreadRuntime, text: string): Promise<Turn>
  /** Resolves when the log has what was published until now, of threads and lists. */
  stored(): Promise<void>
  /** What it was going to do later it never does, as a server that was killed. */
  die(): void
  /** The same data, seen by a server that starts now; what this one had in memory is lost. */
  restart(store?: Store, crash?: Kept['crash']): Promise<World>
  close(): Promise<void>
}

/** How the fake model is spoken to. */
export type Speech = Pick<CustomProvider, 'api' | 'tools' | 'transport'>

export async function createWorld(
  files: Readonly<Record<string, string>>,
  options: Partial<Omit<Kept, 'root' | 'model' | 'jobFolder'>> = {},
): Promise<World> {
  const { speech = { api: 'responses', tools: 'custom' }, store = createMemoryStore(), window } = options
  const { runner = createUnsafeRunner({ timers: systemTimers }) } = options
  const {
    countText = estimateTokens,
    tiers = {},
    others = [],
    limits = {},
    pools = {},
    prefillIsFree = false,
    traits = {},
    observers = [],
    prices = {},
    approvals = [],
    webhooks = [],
    forges = [],
    crash = async () => undefined,
    timeouts = defaultTimeouts,
  } = options
  const root = mkdtempSync(join(tmpdir(), 'tandem-world-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const model = await createFakeModel(window ? { contextWindow: window.contextWindow } : {})
  const jobFolder = mkdtempSync(join(tmpdir(), 'tandem-jobs-'))
  return startWorld({
    root,
    model,
    store,
    speech,
    window,
    countText,
    tiers,
    others,
    limits,
    pools,
    prefillIsFree,
    traits,
    runner,
    jobFolder,
    prices,
    webhooks,
    forges,
    crash,
    observers,
    agents: options.agents,
    setup: options.setup,
    awayMs: options.awayMs,
    approvals,
    timeouts,
  })
}

interface Kept {
  readonly root: string
  readonly model: FakeModel
  readonly store: Store
  readonly speech: Speech
  /** Tokens the model has room for, which it and the server hold to. */
  readonly window: { readonly contextWindow: number; readonly maxOutputTokens: number } | undefined
  readonly countText: (text: string) => number
  readonly tiers: NonNullable<CatalogueOptions['tiers']>
  /** Providers besides the fake one. */
  readonly others: readonly CustomProvider[]
  readonly runner: Runner
  readonly approvals: readonly ApprovalRule[]
  readonly limits: ConstructorParameters<typeof Admissions>[0]['limits']
  readonly pools: NonNullable<ConstructorParameters<typeof Admissions>[0]['pools']>
  readonly prefillIsFree: boolean
  /** More of what the fake model is. */
  readonly traits: { readonly compactsItself?: boolean }
  readonly observers: readonly Observer[]
  readonly jobFolder: string
  readonly prices: Prices
  readonly webhooks: readonly Webhook[]
  readonly forges: readonly Forge[]
  /** Told at each moment at which a job's server might die. */
  readonly crash: Crash
  readonly agents?: AgentLimits | undefined
  /** How long models may take. */
  readonly timeouts: Timeouts
  readonly setup?: string | undefined
  readonly awayMs?: number | undefined
}

async function startWorld(kept: Kept): Promise<World> {
  const { root, model, store, speech, tiers, others, limits, pools, jobFolder, crash, observers } = kept
  const trashFolder = mkdtempSync(join(tmpdir(), 'tandem-trash-'))
  const workspace = await createWorkspace({ root, sample: false, trashFolder })
  const random = seededRandom(Math.floor(performance.now() * 1000))
  let isDead = false
  const timers = mortalTimers(() => isDead)
  const bugs: string[] = []
  const problems: string[] = []
  const onBug = (error: unknown, where: string) => bugs.push(`${where}: ${error}`)
  const hub = new Hub({ store, clock, timers, epoch: 'e' })
  const workspaces = (id: string) => (id === workspace.id ? workspace : undefined)
  const documents = createDocuments({ store, workspaces, clock, random, timers, onBug })
  const providers = createProviders(
    {
      custom: [
        {
          id: 'fake',
          ...speech,
          prefillIsFree: kept.prefillIsFree,
          baseUrl: model.url,
          models: [{ id: 'fake-fast', ...kept.window, ...kept.traits }, { id: 'fake-slow' }],
        },
        ...others,
      ],
      discovery: false,
    },
    {
      clock,
      timers,
      timeouts: kept.timeouts,
      builtin: { id: 'builtin', models: async () => [], openSession: () => neverSession },
    },
  )
  const models = new ModelCatalogue({
    providers,
    health: new ModelHealth(clock),
    preferred: 'fake/fake-fast',
    tiers,
  })
  const snapshots = () => createTurnSnapshots(documents)
  const counts = new TokenCounts({ clock, timers, countText: kept.countText })
  const summaryModel = ({ modelId }: ThreadState) => models.resolve(modelId)
  const usage = await CallLedger.open({ store, clock, random, file: `${root}-calls`, onBug })
  const rules = new ApprovalRules(store, kept.approvals)
  await rules.start()
  const shared = {
    store,
    hub,
    clock,
    random,
    timers,
    documents,
    runner: kept.runner,
    rules,
    snapshots,
    models,
    admissions: new Admissions({ clock, timers, limits, pools }),
    usage,
    counts,
    portions: new Portions({ clock, timers }),
    summaryModel,
    observers,
    onBug,
  }
  const jobs: Jobs = new Jobs({
    ...shared,
    program: runProcess,
    syntax: createSyntaxChecker(5000),
    workspaces: [workspace],
    folder: jobFolder,
    threads: () => threads,
    tiers: new Set(tierNames.filter((name) => tiers[name] !== undefined)),
    agents: kept.agents,
    setup: kept.setup,
    awayMs: kept.awayMs,
    defaultModelId: () => models.defaultModelId(),
    prices: kept.prices,
    webhooks: kept.webhooks,
    forges: kept.forges,
    onProblem: (problem) => problems.push(problem),
    crash,
  })
  await jobs.load()
  const tools = createLiveTools({ jobs, threads: () => threads })
  const threads: Threads = new Threads({ ...shared, jobWorld: jobs.world, tools }, [workspace])
  await threads.start()
  const resumed = jobs.resume()

  const world: World = {
    model,
    store,
    usage,
    workspace,
    documents,
    models,
    threads,
    jobs,
    resumed,
    rules,
    bugs,
    problems,
    jobFolder,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    async newThread(modelId = 'fake/fake-fast') {
      const id = await threads.create({ workspaceId: workspace.id, modelId, mode: 'live' })
      return threads.get(id)
    },
    async ask(thread, text) {
      await thread.start(text, { openPaths: [] }, performance.now())
      await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
      const turn = thread.state().turns.at(-1)
      if (!turn) throw new Error('the turn is gone')
      return turn
    },
    async stored() {
      const thread = await world.newThread()
      await thread.rename('the last to be stored')
    },
    die() {
      isDead = true
    },
    restart: (other = store, crashes = async () => undefined) =>
      startWorld({ ...kept, store: other, crash: crashes }),
    async close() {
      await jobs.close()
      await threads.close()
      await usage.close()
      rmSync(`${root}-calls`, { force: true })
      providers.close()
      await documents.close()
      await workspace.close()
      await model.close()
      for (const folder of [root, trashFolder, jobFolder]) rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}

function mortalTimers(isDead: () => boolean): Timers {
  const unlessDead = (run: () => void) => () => {
    if (!isDead()) run()
  }
  return {
    after: (ms, run) => systemTimers.after(ms, unlessDead(run)),
    every: (ms, run) => systemTimers.every(ms, unlessDead(run)),
    deadline: (ms, run) => systemTimers.deadline(ms, unlessDead(run)),
    soon: (run) => systemTimers.soon(unlessDead(run)),
    later: (run) => systemTimers.later(unlessDead(run)),
  }
}

const neverSession = { warm() {}, stream: () => new Promise<void>(() => undefined), close() {} }

/** Lets everything else happen until it holds; the test's own time limit ends a wait in vain. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
