import { randomInt } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { dirname } from 'node:path/posix'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import pino from 'pino'
import type { Clock } from '../core/lib/clock.ts'
import { isReplaced } from '../core/lib/moved-path.ts'
import { mintId, type Random } from '../core/lib/random.ts'
import { tierId, tierNames } from '../core/protocol/model.ts'
import { createAccessCheck } from './access/access-check.ts'
import { GuestSessions } from './access/guest-sessions.ts'
import { createJoin } from './access/join.ts'
import { ShareLinks } from './access/share-links.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createDocuments } from './documents/live-documents.ts'
import { createTurnSnapshots } from './documents/turn-snapshots.ts'
import { createCandidateHandlers } from './handlers/candidate-handlers.ts'
import { createCommandHandlers } from './handlers/command-handlers.ts'
import { DocumentHandlers } from './handlers/document-handlers.ts'
import { createFileHandlers } from './handlers/file-handlers.ts'
import { createJobHandlers } from './handlers/job-handlers.ts'
import { createPeopleHandlers } from './handlers/people-handlers.ts'
import { createScheduleHandlers } from './handlers/schedule-handlers.ts'
import { createSessionHandlers } from './handlers/session-handlers.ts'
import { createShareHandlers } from './handlers/share-handlers.ts'
import { createThreadHandlers } from './handlers/thread-handlers.ts'
import { createUsageHandlers } from './handlers/usage-handlers.ts'
import { createHttp } from './http.ts'
import { agentLimits } from './jobs/agents.ts'
import { createArtefactFiles } from './jobs/artefact-files.ts'
import { tellMoment } from './jobs/crash-points.ts'
import { Jobs } from './jobs/jobs.ts'
import { createLiveTools } from './jobs/live-tools.ts'
import { Schedules } from './jobs/schedules.ts'
import { createSyntaxChecker } from './jobs/syntax-checker.ts'
import { createPreview } from './preview/preview.ts'
import { createBuiltinProvider } from './providers/builtin/builtin.ts'
import { createProviders } from './providers/registry.ts'
import { createAuth } from './relay/auth.ts'
import { Hub } from './relay/hub.ts'
import { People } from './relay/people.ts'
import { createRouter } from './relay/router.ts'
import { Session } from './relay/session.ts'
import { createSocketAcceptor } from './relay/ws-transport.ts'
import { Admissions } from './runtime/admissions.ts'
import { ApprovalRules } from './runtime/approval-rules.ts'
import { CallLedger } from './runtime/call-ledger.ts'
import { ModelCatalogue } from './runtime/model-catalogue.ts'
import { ModelHealth } from './runtime/model-health.ts'
import { Portions } from './runtime/portions.ts'
import { Threads } from './runtime/threads.ts'
import { TokenCounts } from './runtime/token-counts.ts'
import { countTextTokens, isTokenizerLoaded, loadTokenizer } from './runtime/tokenizer.ts'
import { createBwrapRunner } from './sandbox/bwrap-runner.ts'
import { createContainerRunner } from './sandbox/container-runner.ts'
import type { Runner } from './sandbox/runner.ts'
import { createSeatbeltRunner } from './sandbox/seatbelt-runner.ts'
import { createUnsafeRunner } from './sandbox/unsafe-runner.ts'
import { withCaches } from './sandbox/with-caches.ts'
import { createStaticFiles } from './static-files.ts'
import { createSqliteStore } from './store/sqlite-store.ts'
import { StoreWatch } from './store/store-watch.ts'
import { readMetricsKey } from './telemetry/metrics-key.ts'
import { systemTimers as timers } from './timers.ts'
import { createWorkspace } from './workspace/create-workspace.ts'
import { errorCode } from './workspace/error-code.ts'
import { createProcessHelper } from './workspace/process-helper.ts'
import { createSampleWorkspace } from './workspace/sample.ts'
import type { Workspace } from './workspace/workspace.ts'

// What streams leave behind is collected in a moment; waking helpers for it costs more than it saves, and tokens wait.
setFlagsFromString('--no-parallel-scavenge')
// What is done for each token is worth compiling well after the first answer, not after the third.
setFlagsFromString('--invocation-count-for-turbofan=800')

// Next puts something in front of `Date.now`, which is read for each token.
const { now } = Date
const clock: Clock = { now, monotonic: () => performance.now() }
const random: Random = { next: () => randomInt(2 ** 47) / 2 ** 47 }

/** How long the last spans may take to be sent. */
const spansMs = 1000
/** How long a server that ends waits for a disk that takes nothing. */
const refusedMs = 2000

/** How long pages may wait for jobs that go on: a copy may have to be made fit to work in first. */
const headStartMs = 500

/** A server learns how to count when nothing was asked of it for as long: all else waits meanwhile. */
const quietMs = 250

/** What the person who starts the server can do something about. */
class StartError extends Error {}

/** Builds everything once, by hand, and serves. */
function createRunner({ sandbox, container, data }: Config, hidden: readonly string[]): Runner {
  if (sandbox === 'unsafe-none') return createUnsafeRunner({ timers })
  const own = { timers, ownFolder: join(data, 'sandbox'), hidden }
  if (sandbox === 'seatbelt') return createSeatbeltRunner(own)
  return container ? createContainerRunner({ ...own, ...container, random }) : createBwrapRunner(own)
}

async function serve(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel, redact: ['apiKey', '*.apiKey', 'token'] }, pino.destination(2))
  const onBug = (error: unknown, where: string) => log.error({ err: error }, where)

  await mkdir(config.data, { recursive: true, mode: 0o700 })
  let storeWatch: StoreWatch | undefined
  const store = await createSqliteStore({
    file: join(config.data, 'tandem.db'),
    onWrite: (isTaken) => storeWatch?.note(isTaken),
  }).catch((error: Error) => {
    throw new StartError(error.message)
  })
  const onProblem = (message: string) => log.warn(message)
  const trashFolder = join(config.data, 'trash')
  const workspaces: Workspace[] =
    config.workspaces.length > 0
      ? await Promise.all(
          config.workspaces.map((root) => createWorkspace({ root, sample: false, trashFolder, onProblem })),
        )
      : [await createSampleWorkspace({ dataFolder: config.data, trashFolder, onProblem })]
  const workspaceOf = (id: string) => workspaces.find((workspace) => workspace.id === id)

  const hidden = [config.data, config.configFile]
  const runner = withCaches(createRunner(config, hidden), config.caches)
  if (runner.kind === 'unsafe-none') log.warn('commands run without a sandbox: TANDEM_SANDBOX is unsafe-none')
  const rules = new ApprovalRules(store, config.approvals)
  await rules.start()
  const hub = new Hub({ store, clock, timers, epoch: mintId('epo', random) })
  const watch = new StoreWatch({
    timers,
    probe: () => store.setValue('probe', ''),
    onChange(isRefusing) {
      log.warn(
        isRefusing ? 'the disk takes nothing; it is tried again' : 'the disk takes what it is given again',
      )
      for (const topic of workspaces.map(({ id }) => `workspace:${id}`))
        if (hub.isOpen(topic)) hub.publishPassing(topic, { type: 'store/changed', isRefusing })
    },
  })
  storeWatch = watch
  const storeRefuses = () => watch.isRefusing
  const documents = createDocuments({ store, workspaces: workspaceOf, clock, random, timers, onBug })
  const usage = await CallLedger.open({
    store,
    clock,
    random,
    file: join(config.data, 'usage.journal'),
    onBug,
  })
  const providers = createProviders(config.providers, { clock, timers, builtin: createBuiltinProvider() })
  const models = new ModelCatalogue({
    providers,
    health: new ModelHealth(clock),
    preferred: config.defaultModelId,
    tiers: config.tiers,
  })
  const snapshots = () => createTurnSnapshots(documents)
  const jobs: Jobs = new Jobs({
    store,
    hub,
    clock,
    random,
    timers,
    documents,
    snapshots,
    workspaces,
    runner,
    program: createProcessHelper(),
    syntax: createSyntaxChecker(60_000),
    folder: join(config.data, 'jobs'),
    threads: () => threads,
    tiers: new Set(tierNames.filter((name) => config.tiers[name] !== undefined)),
    running: config.jobs.running,
    agents: agentLimits(config.jobs),
    diskMb: config.jobs.diskMb,
    setup: config.jobs.setup,
    defaultModelId: () => models.defaultModelId(),
    prices: config.prices,
    webhooks: config.webhooks,
    forges: config.forges,
    onProblem,
    crash: tellMoment,
    onBug,
  })
  await jobs.load()
  const metricsKey = config.metrics ? readKey(join(config.data, 'metrics.key')) : undefined
  const schedules = new Schedules({
    store,
    clock,
    random,
    timers,
    begin: (id, work) => jobs.start({ ...work, conversation: false }, id),
    jobOf: (id) => jobs.find(id),
    crash: tellMoment,
    onChange: (id, all) =>
      hub.publishPassing(`workspace:${id}`, { type: 'schedules/changed', schedules: all }),
    onBug,
  })
  const metrics = config.metrics
    ? (await import('./telemetry/metrics.ts')).createMetrics({ loadedThreads: () => threads.loaded })
    : undefined
  // Loaded only where it is used: it is the largest of what the server can do without.
  const spans =
    config.otlpEndpoint === undefined
      ? undefined
      : (await import('./telemetry/spans.ts')).createSpans({ endpoint: config.otlpEndpoint, clock })
  const threads: Threads = new Threads(
    {
      store,
      hub,
      clock,
      random,
      timers,
      documents,
      runner,
      rules,
      snapshots,
      jobWorld: jobs.world,
      tools: createLiveTools({ jobs, threads: () => threads }),
      models,
      admissions: new Admissions({ clock, timers, limits: config.limits, pools: config.pools }),
      usage,
      portions: new Portions({ clock, timers }),
      counts: new TokenCounts({
        clock,
        timers,
        countText: countTextTokens,
        isReady: isTokenizerLoaded,
      }),
      summaryModel: ({ modelId }) => models.resolve(config.tiers.helper ? tierId('helper') : modelId),
      observers: [metrics, spans].filter((one) => one !== undefined),
      onBug,
    },
    workspaces,
  )
  await threads.start()
  const resumed = jobs.resume()
  await schedules.start()
  for (const { id, onDiskChange } of workspaces) {
    onDiskChange((changes) => {
      const folders = [...new Set(changes.map(({ path }) => (path.includes('/') ? dirname(path) : '')))]
      hub.publishPassing(`workspace:${id}`, { type: 'files/changed', folders })
    })
  }
  documents.onSaved((id, path, saved, problem) => {
    const event = { type: 'document/saved' as const, path, saved, ...(problem !== undefined && { problem }) }
    hub.publishPassing(`workspace:${id}`, event)
  })
  documents.onMoved((id, { from, to }) => {
    if (!isReplaced(from) && !isReplaced(to))
      hub.publishPassing(`workspace:${id}`, { type: 'file/moved', from, to })
  })
  documents.onMerged((id, path, merged) => {
    hub.publishPassing(`workspace:${id}`, { type: 'document/merged', path, ...merged })
  })

  const links = new ShareLinks({ store, clock, random })
  await links.start()
  const guests = new GuestSessions({ clock, timers, links })
  const people = new People(({ workspaceId, people: all }) => {
    hub.publishPassing(`workspace:${workspaceId}`, { type: 'people/changed', people: [...all] })
  })
  const preview = createPreview({ workspaces: workspaceOf, readText: documents.readText })
  const documentHandlers = new DocumentHandlers(documents, onBug)
  const handle = createRouter(
    {
      ...createSessionHandlers({
        speculation: config.speculation,
        hub,
        clock,
        threads,
        models,
        workspaces,
        sandbox: runner.kind,
        storeRefuses,
        pullRequests: config.forges.length > 0,
        deep: config.deep,
      }),
      ...createThreadHandlers({
        threads,
        models,
        people,
        isShared: (id) => links.list(id).length > 0,
        speculation: config.speculation,
        deep: config.deep,
        storeRefuses,
      }),
      ...createCommandHandlers({ threads, rules }),
      ...createJobHandlers(jobs),
      ...createCandidateHandlers(jobs.candidates),
      ...createScheduleHandlers(schedules),
      ...createShareHandlers({ threads, links, guests }),
      ...createPeopleHandlers({ threads, people }),
      ...createUsageHandlers({ usage }),
      ...createFileHandlers({
        threads,
        openPreview: preview.open,
        rename: documents.rename,
        flush: documents.flush,
      }),
      'document/open': documentHandlers['document/open'],
      'document/history': documentHandlers['document/history'],
      'document/save': documentHandlers['document/save'],
      'document/close': documentHandlers['document/close'],
    },
    createAccessCheck(threads),
    onBug,
  )

  let port = config.port
  let ready = false
  const hosts = () => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, ...config.hosts]
  const cookieName = () => `tandem_${port}`
  const auth = createAuth({ store, links, clock, hosts, secure: false, cookieName, metricsKey })
  const sockets = createSocketAcceptor(timers, (transport, actor) => {
    const id = mintId('ses', random)
    const session = new Session({
      id,
      actor,
      transport,
      handle,
      clock,
      timers,
      onBinary: (from, bytes) => documentHandlers.receive(from, bytes),
    })
    guests.add(session)
    session.onClose(() => preview.closeSession(id))
  })
  // Reading hundreds of modules holds up everything else: what jobs were at goes on first.
  await Promise.race([resumed, sleep(headStartMs)])
  const { default: next } = await import('next')
  const dir = join(import.meta.dirname, '..')
  const app = next({ dev: config.dev, dir, hostname: config.host, port })
  const http = createHttp({
    auth,
    ready: () => ready,
    preview: preview.handle,
    artefacts: createArtefactFiles(jobs),
    join: createJoin({ auth, links }),
    metrics,
    ...(!config.dev && { files: createStaticFiles(join(dir, '.next', 'static')) }),
    page: (request, response) => app.getRequestHandler()(request, response),
    accept: sockets.accept,
    ...(config.dev && { devUpgrade: app.getUpgradeHandler() }),
  })
  await app.prepare()
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => {
      const isTaken = errorCode(error) === 'EADDRINUSE'
      const where = `port ${config.port} of ${config.host}`
      reject(isTaken ? new StartError(`${where} is in use. Choose another with --port.`) : error)
    })
    http.listen(config.port, config.host, resolve)
  })
  port = (http.address() as AddressInfo).port
  ready = true
  const name = config.host === '::1' ? '[::1]' : config.host
  console.log(`Tandem ready: http://${name}:${port}/?token=${auth.token}`)
  // A server that is killed leaves the next one a quick start too.
  flushCompileCache()
  let asked = clock.monotonic()
  http.on('request', () => {
    asked = clock.monotonic()
  })
  const learnToCount = () => {
    const left = asked + quietMs - clock.monotonic()
    if (left > 0) return timers.after(left, learnToCount)
    loadTokenizer()
    flushCompileCache()
  }
  timers.after(quietMs, learnToCount)

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    ready = false
    sockets.close()
    http.close()
    http.closeAllConnections()
    schedules.close()
    const end = async () => {
      await jobs.close()
      await threads.close()
      await usage.close()
      providers.close()
      await documents.close()
      await Promise.all(workspaces.map((workspace) => workspace.close()))
      await store.close()
    }
    // What a full disk does not take was never said to be kept.
    await Promise.race([end(), ...(storeRefuses() ? [sleep(refusedMs)] : [])])
    metrics?.close()
    // A collector that does not answer must not keep the server from ending.
    await Promise.race([spans?.close().catch(() => undefined), sleep(spansMs)])
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('unhandledRejection', (error) => onBug(error, 'unhandled rejection'))
}

function readKey(file: string): string {
  try {
    return readMetricsKey(file)
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error))
  }
}

try {
  await serve(readConfig(process.argv.slice(2)))
} catch (error) {
  const isForPeople = error instanceof ConfigError || error instanceof StartError
  console.error(isForPeople ? `Tandem cannot start: ${error.message}` : error)
  process.exit(1)
}
