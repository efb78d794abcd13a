import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { cpuSeconds } from '../lib/process-stats.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'
import { type Setting, withServer } from '../lib/with-server.ts'

const jobs = 8
const agents = 3
const streams = 4
const liveRate = 200
const agentRate = 100
/** How much later a token of Live may come beside all of them. */
const growth = 1.2
const files = Object.fromEntries([
  ['README.md', '# Bench\n'],
  ...Array.from({ length: 200 }, (_, i) => [`src/file${i}.ts`, `export const value${i} = ${i}\n`.repeat(40)]),
])
const settings = { jobs: { running: jobs, runningAgents: jobs * agents } }
const loopDelay = new URL('../lib/loop-delay.ts', import.meta.url)

/** What Live had of it: by itself, beside the jobs, or beside the same jobs of another server of the machine. */
type Beside = 'alone' | 'loaded' | 'elsewhere'

/**
 * Eight jobs with three agents each beside four people who write with a model: does their text come later? The same jobs
 * on a second server tell which part of it is the machine's, whose cores they share.
 */
export async function measureLive(quick: boolean): Promise<readonly Row[]> {
  const own = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
  const delayFile = join(own, 'loop-delay')
  const nodeFlags = ['--import', `${loopDelay.href}?out=${encodeURIComponent(delayFile)}`]
  try {
    return await withServer({ files, settings, nodeFlags }, (here) =>
      withServer({ files, settings }, (there) => measure({ here, there, delayFile, quick })),
    )
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

async function measure({
  here,
  there,
  delayFile,
  quick,
}: {
  readonly here: Setting
  readonly there: Setting
  readonly delayFile: string
  readonly quick: boolean
}): Promise<readonly Row[]> {
  const { pid } = here.tandem
  const clients = await Promise.all(Array.from({ length: streams }, () => RelayClient.connect(here.tandem)))
  const threads = await Promise.all(clients.map((client) => client.openThread()))
  const tokens = liveRate * (quick ? 4 : 10)
  const delays: Record<Beside, number[]> = { alone: [], loaded: [], elsewhere: [] }
  const stood: Record<Beside, number[]> = { alone: [], loaded: [], elsewhere: [] }
  const cpu: Record<Beside, number[]> = { alone: [], loaded: [], elsewhere: [] }
  const stillWorking: number[] = []
  const live = async (beside: Beside) => {
    process.kill(pid, 'SIGUSR2')
    const before = cpuSeconds(pid)
    delays[beside].push(...(await writeAll(clients, threads, tokens)))
    cpu[beside].push((cpuSeconds(pid) - before) / (tokens / liveRate))
    await sleep(150)
    stood[beside].push(JSON.parse(readFileSync(delayFile, 'utf8')).wall)
  }
  const others = await Promise.all([here, there].map(({ tandem }) => Boss.connect(tandem)))
  const [ours, theirs] = others
  if (!ours || !theirs) throw new Error('both are there')
  await writeAll(clients, threads, tokens)
  // Turn about, so that what else the machine does falls on all of them.
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    await live('alone')
    await ours.begin()
    await live('loaded')
    stillWorking.push(await ours.working())
    await ours.end()
    await theirs.begin()
    await live('elsewhere')
    await theirs.end()
  }
  for (const client of [...clients, ...others]) client.close()
  const at = (beside: Beside, q: number) => quantile(delays[beside], q)
  const names: readonly Beside[] = ['alone', 'loaded', 'elsewhere']
  return [
    ...([50, 95, 99] as const).flatMap((q) =>
      names.map((beside) => row(`jobs.live.p${q}.${beside}`, 'ms', [at(beside, q / 100)])),
    ),
    row('jobs.live.growth', 'x', [at('loaded', 0.5) / at('alone', 0.5)], growth),
    row('jobs.live.growth.elsewhere', 'x', [at('elsewhere', 0.5) / at('alone', 0.5)]),
    row('jobs.live.growthP95', 'x', [at('loaded', 0.95) / at('alone', 0.95)]),
    row('jobs.live.growthP95.elsewhere', 'x', [at('elsewhere', 0.95) / at('alone', 0.95)]),
    row('jobs.live.agents', 'count', stillWorking),
    ...names.map((beside) => row(`jobs.live.stoodStill.${beside}`, 'ms', stood[beside])),
    ...names.map((beside) => row(`jobs.live.cpu.${beside}`, 'cores', cpu[beside])),
  ]
}

/** Each has a text written; how late its tokens came. */
async function writeAll(
  clients: readonly RelayClient[],
  threads: readonly ThreadId[],
  tokens: number,
): Promise<readonly number[]> {
  const turns = await Promise.all(
    clients.map((client, i) => client.runTurn(threads[i]!, { kind: 'stamps', tokens, rate: liveRate })),
  )
  return turns.flatMap(({ reader }) => reader.delays)
}

/** Who has all the jobs of a server. */
class Boss {
  readonly #client: RelayClient

  private constructor(client: RelayClient) {
    this.#client = client
  }

  static async connect(tandem: Setting['tandem']): Promise<Boss> {
    return new Boss(await RelayClient.connect(tandem))
  }

  /** All agents are at work then. */
  async begin(): Promise<void> {
    const { workspaceId } = this.#client
    const task = taskPrompt({ kind: 'job', agents, steps: 60, tokens: 150, rate: agentRate })
    for (let n = 0; n < jobs; n++)
      await this.#client.request('job/start', { workspaceId, task, conversation: false })
    while ((await this.working()) < jobs * agents) await sleep(100)
  }

  async working(): Promise<number> {
    return (await this.#list()).filter(isWorkingAgent).length
  }

  async end(): Promise<void> {
    const running = (await this.#list()).filter(isUnsettledLead)
    await Promise.all(running.map(({ id }) => this.#client.request('job/stop', { jobId: id })))
    while ((await this.#list()).some(({ settledAt }) => settledAt === undefined)) await sleep(100)
  }

  close(): void {
    this.#client.close()
  }

  async #list(): Promise<readonly Job[]> {
    const { workspaceId } = this.#client
    return (await this.#client.request('job/list', { workspaceId })).jobs
  }
}

function isWorkingAgent({ parentId, state, used }: Job): boolean {
  return parentId !== undefined && state === 'running' && used.steps > 0
}

function isUnsettledLead({ parentId, settledAt }: Job): boolean {
  return parentId === undefined && settledAt === undefined
}
