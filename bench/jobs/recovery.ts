import { setTimeout as wait } from 'node:timers/promises'
import { momentsOf, tellMoments } from '../../scripts/lib/moments.ts'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { launchTandem } from '../../scripts/lib/tandem-process.ts'
import { monotonicMs } from '../lib/clock.ts'
import { startModel } from '../lib/model-process.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'

/** A server that dies in the middle of a job, with its pages, as people run it: how soon the next one goes on. */
export async function measureRecovery(quick: boolean): Promise<readonly Row[]> {
  const lives = quick ? 10 : 40
  const model = await startModel()
  const scratch = createScratch({ files: { 'README.md': '# Bench\n' }, modelUrl: model.baseUrl })
  const launch = () => launchTandem({ ...scratch, workspaces: [scratch.workspace], nodeFlags: tellMoments() })
  const claimed: number[] = []
  const nextStep: number[] = []
  const served: number[] = []
  let server = launch()
  // A step that no server came to the end of would be parked after three.
  const stepDone = async () => {
    while (!momentsOf(server.output()).has('received')) await wait(5)
  }
  try {
    const client = await RelayClient.connect(await server.ready)
    const { workspaceId } = client
    const task = taskPrompt({ kind: 'agent', steps: lives * 100, tokens: 50, rate: 2000, path: 'out/' })
    await client.request('job/start', { workspaceId, task, conversation: false })
    await stepDone()
    client.close()
    for (let life = 0; life < lives; life++) {
      server.kill('SIGKILL')
      await server.exit
      const startedAt = monotonicMs()
      server = launch()
      await server.ready
      served.push(monotonicMs() - startedAt)
      await stepDone()
      const moments = momentsOf(server.output())
      claimed.push((moments.get('claimed') ?? Number.NaN) - startedAt)
      nextStep.push((moments.get('intended') ?? Number.NaN) - startedAt)
    }
  } finally {
    server.kill('SIGKILL')
    await server.exit
    await model.close()
    scratch.remove()
  }
  return [
    row('jobs.recovery.claimed', 'ms', claimed),
    row('jobs.recovery.nextStep', 'ms', nextStep),
    row('jobs.recovery.nextStep.p95', 'ms', [quantile(nextStep, 0.95)], 1000),
    row('jobs.recovery.pages', 'ms', served),
  ]
}
