import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createFakeModel, type FakeModel } from '../../bench/fake-model/fake-model.ts'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import { RelayClient } from '../../bench/lib/relay-client.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { wait } from './chaos-view.ts'
import { Checker, type EvalTask, filesOf } from './eval-tasks.ts'
import { launchTandem } from './tandem-process.ts'

export type EvalTier = 'live' | 'background'

export interface EvalResult {
  readonly task: string
  readonly tier: EvalTier
  /** `skipped`: not run here. */
  readonly outcome: 'solved' | 'unsolved' | 'skipped'
  /** Why, in words. */
  readonly note: string
  readonly seconds: number
  readonly tokens: number
  /** US dollars; `undefined`: the model has no price. */
  readonly cost: number | undefined
}

export interface EvalOptions {
  readonly tasks: readonly EvalTask[]
  readonly tiers: readonly EvalTier[]
  /** The person's own configuration; `undefined`: the scripted model, which knows the answers. */
  readonly config: Readonly<Record<string, unknown>> | undefined
  readonly model?: string | undefined
  /** Keys of providers and such. */
  readonly env?: NodeJS.ProcessEnv
  /** Tasks the scripted model gets wrong. */
  readonly wrong?: readonly string[]
  readonly minutes: number
  readonly nodeFlags?: readonly string[]
  readonly onResult?: (result: EvalResult) => void
}

/** Each task by the product's own loop, from the prompt to files on disk, and then its checker. */
export async function runEval(options: EvalOptions): Promise<readonly EvalResult[]> {
  const { tasks, tiers, config, wrong = [], onResult = () => undefined } = options
  const checker = new Checker()
  const complaint = await checker.problem()
  const results: EvalResult[] = []
  let fake: FakeModel | undefined
  try {
    if (config === undefined)
      fake = await createFakeModel({ script: (request) => answerOf(request, tasks, wrong) })
    for (const task of tasks) {
      const missing = complaint === undefined ? await checker.missing(task) : undefined
      const reason = complaint ?? (missing && `no ${missing}`)
      for (const tier of tiers) {
        const result =
          reason === undefined
            ? await runTask({ ...options, task, tier, checker, fakeUrl: fake?.url })
            : skipped(task, tier, reason)
        results.push(result)
        onResult(result)
      }
    }
  } finally {
    await fake?.close()
    checker.close()
  }
  return results
}

function skipped({ id }: EvalTask, tier: EvalTier, note: string): EvalResult {
  return { task: id, tier, outcome: 'skipped', note, seconds: 0, tokens: 0, cost: undefined }
}

interface TaskRun extends EvalOptions {
  readonly task: EvalTask
  readonly tier: EvalTier
  readonly checker: Checker
  readonly fakeUrl: string | undefined
}

async function runTask(run: TaskRun): Promise<EvalResult> {
  const { task, tier, checker, minutes } = run
  const folder = mkdtempSync(join(tmpdir(), 'tandem-eval-'))
  const workspace = join(folder, task.id)
  const data = join(folder, 'data')
  const config = join(folder, 'tandem.config.json')
  for (const [path, text] of filesOf(task, { solved: false })) {
    const file = join(workspace, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  writeFileSync(config, JSON.stringify(settingsOf(run)))
  const more = { ...(run.nodeFlags && { nodeFlags: run.nodeFlags }), ...(run.env && { env: run.env }) }
  const server = launchTandem({ data, config, workspaces: [workspace], ...more })
  try {
    const client = await RelayClient.connect(await server.ready)
    const startedAt = performance.now()
    const until = startedAt + minutes * 60_000
    const { workspaceId } = client
    const note =
      tier === 'live'
        ? await workLive(client, workspaceId, task.prompt, until)
        : await workInBackground(client, workspaceId, task.prompt, until)
    const seconds = (performance.now() - startedAt) / 1000
    const { sums } = await client.request('usage/read', { since: 0 })
    client.close()
    // What was written last is on disk when the server has ended.
    server.kill('SIGTERM')
    await server.exit
    const { solved, output } = await checker.check(task, workspace)
    const tokens = sums.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0)
    const cost = dollars(run.config, sums)
    const said =
      note ??
      output
        .split('\n')
        .find((line) => /error|got:|not ok/i.test(line))
        ?.trim()
    const outcome = solved ? 'solved' : 'unsolved'
    return { task: task.id, tier, outcome, note: solved ? '' : (said ?? ''), seconds, tokens, cost }
  } finally {
    server.kill('SIGKILL')
    await server.exit
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Nobody is there to ask; the sandbox is the boundary. */
const approvals = [{ action: 'allow', tool: 'run_command' }]

function settingsOf({ config, model, fakeUrl }: TaskRun): object {
  if (config === undefined) {
    const models = [{ id: 'scripted', contextWindow: 1_000_000, maxOutputTokens: 200_000, tools: 'custom' }]
    const provider = { id: 'fake', api: 'responses', baseUrl: fakeUrl, models }
    return { providers: [provider], discoverLocal: false, model: 'fake/scripted', approvals }
  }
  const { workspaces: _, data: __, port: ___, host: ____, ...own } = config
  return model === undefined ? { ...own, approvals } : { ...own, approvals, model, tiers: {} }
}

type Sums = Awaited<ReturnType<typeof readSums>>['sums']
const readSums = (client: RelayClient) => client.request('usage/read', { since: 0 })

interface Price {
  readonly input: number
  readonly cached?: number
  readonly output: number
}

function dollars(config: EvalOptions['config'], sums: Sums): number | undefined {
  const prices = (config?.prices ?? {}) as Readonly<Record<string, Price>>
  let all = 0
  for (const { modelId, usage } of sums) {
    const price = prices[modelId]
    if (!price) return undefined
    const { input, cached = input, output } = price
    const { inputTokens, cachedTokens, outputTokens } = usage
    all += ((inputTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output) / 1e6
  }
  return all
}

/** Answers what went wrong, if anything. */
async function workLive(
  client: RelayClient,
  workspaceId: WorkspaceId,
  text: string,
  until: number,
): Promise<string | undefined> {
  const { threadId } = await client.request('thread/create', { workspaceId })
  const settled = Promise.withResolvers<string>()
  client.onEvent(({ topic, event }) => {
    if (topic === `thread:${threadId}` && event.type === 'turn/settled') settled.resolve(event.status)
  })
  await client.request('topic/subscribe', { topic: `thread:${threadId}` })
  await client.request('turn/start', { threadId, text, context: { openPaths: [] } })
  const late = wait(until - performance.now()).then(() => 'out of time')
  const status = await Promise.race([settled.promise, late])
  return status === 'completed' ? undefined : `the turn is ${status}`
}

async function workInBackground(
  client: RelayClient,
  workspaceId: WorkspaceId,
  task: string,
  until: number,
): Promise<string | undefined> {
  const { job: begun } = await client.request('job/start', { workspaceId, task, conversation: false })
  for (;;) {
    const { jobs } = await client.request('job/list', { workspaceId })
    const job = jobs.find(({ id }) => id === begun.id)
    if (!job) return 'the job is gone'
    const jobId = job.id
    if (job.state === 'done') {
      const { job: applied } = await client.request('job/apply', { jobId })
      return applied.conflicts.length === 0 ? undefined : 'its changes did not fit'
    }
    if (job.state === 'failed' || job.state === 'stopped') return `the job ${job.state}: ${job.problem ?? ''}`
    if (job.needs?.kind === 'answer')
      await client.request('job/answer', { jobId, text: 'Nobody is here to say; decide for yourself.' })
    if (job.needs?.kind === 'budget') return 'the budget is spent'
    if (performance.now() > until) return 'out of time'
    await wait(100)
  }
}

/** The reference solution as one patch; for a task it is to get wrong, something else. */
function answerOf(
  request: FakeRequest,
  tasks: readonly EvalTask[],
  wrong: readonly string[],
): readonly Step[] {
  const said = JSON.stringify(request.history)
  const task = tasks.find(({ prompt }) => said.includes(JSON.stringify(prompt).slice(1, -1)))
  const isDone = request.round > 0 || !task
  if (isDone) return [{ type: 'text', text: 'It is done.' }]
  const patch = wrong.includes(task.id) ? addition('NOTES.md', 'Nothing was done.\n') : solutionOf(task)
  return [{ type: 'customCall', name: 'apply_patch', text: `*** Begin Patch\n${patch}*** End Patch` }]
}

function solutionOf(task: EvalTask): string {
  const start = filesOf(task, { solved: false })
  const parts = [...filesOf(task, { solved: true })].map(([path, text]) => {
    const before = start.get(path)
    if (before === text) return ''
    if (before === undefined) return addition(path, text)
    return `*** Update File: ${path}\n@@\n${marked('-', before)}${marked('+', text)}`
  })
  return parts.join('')
}

const addition = (path: string, text: string) => `*** Add File: ${path}\n${marked('+', text)}`
const marked = (mark: string, text: string) =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `${mark}${line}\n`)
    .join('')

/** A JSON file of the person's, if there is one. */
export function readConfigFile(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
