import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from '../../core/protocol/job.ts'
import { cpuSeconds } from '../lib/process-stats.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'
import { withServer } from '../lib/with-server.ts'

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

/** Eight jobs with three agents each beside four people who write with a model: does their text come later? */
export async function measureLive(quick: boolean): Promise<readonly Row[]> {
  const settings = { jobs: { running: jobs, runningAgents: jobs * agents } }
  return withServer({ files, settings }, async ({ tandem }) => {
    const clients = await Promise.all(Array.from({ length: streams }, () => RelayClient.connect(tandem)))
    const threads = await Promise.all(clients.map((client) => client.openThread()))
    const [boss] = clients
    if (!boss) throw new Error('there is a client')
    const { workspaceId } = boss
    const tokens = liveRate * (quick ? 4 : 10)
    const live = async () => {
      const before = cpuSeconds(tandem.pid)
      const turns = await Promise.all(
        clients.map((client, i) => client.runTurn(threads[i]!, { kind: 'stamps', tokens, rate: liveRate })),
      )
      return { delays: turns.flatMap(({ reader }) => reader.delays), cpu: cpuSeconds(tandem.pid) - before }
    }
    const list = async () => (await boss.request('job/list', { workspaceId })).jobs
    const working = async () => (await list()).filter(isWorkingAgent).length
    await live()
    const alone: number[] = []
    const beside: number[] = []
    const stillWorking: number[] = []
    const cpu: number[] = []
    // Turn about, so that what else the machine does falls on both.
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      alone.push(...(await live()).delays)
      const started = await Promise.all(
        Array.from({ length: jobs }, () => {
          const task = taskPrompt({ kind: 'job', agents, steps: 60, tokens: 150, rate: agentRate })
          return boss.request('job/start', { workspaceId, task, conversation: false })
        }),
      )
      while ((await working()) < jobs * agents) await sleep(100)
      const loaded = await live()
      beside.push(...loaded.delays)
      cpu.push(loaded.cpu / (tokens / liveRate))
      stillWorking.push(await working())
      await Promise.all(started.map(({ job }) => boss.request('job/stop', { jobId: job.id })))
      while ((await list()).some(({ settledAt }) => settledAt === undefined)) await sleep(100)
    }
    for (const client of clients) client.close()
    const [before, after] = [alone, beside].map((delays) => [0.5, 0.95, 0.99].map((q) => quantile(delays, q)))
    if (!before || !after) throw new Error('both were measured')
    const names = ['p50', 'p95', 'p99']
    return [
      ...names.flatMap((name, i) => [
        row(`jobs.live.${name}.alone`, 'ms', [before[i]!]),
        row(`jobs.live.${name}.loaded`, 'ms', [after[i]!]),
      ]),
      row('jobs.live.growth', 'x', [after[0]! / before[0]!], growth),
      row('jobs.live.growthP95', 'x', [after[1]! / before[1]!]),
      row('jobs.live.agents', 'count', stillWorking),
      row('jobs.live.cpu', 'cores', cpu),
    ]
  })
}

function isWorkingAgent({ parentId, state, used }: Job): boolean {
  return parentId !== undefined && state === 'running' && used.steps > 0
}
