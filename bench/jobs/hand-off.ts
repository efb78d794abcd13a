import { setTimeout as wait } from 'node:timers/promises'
import { pingFromThread } from '../lib/pings.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'
import { withServer } from '../lib/with-server.ts'

const text = Array.from({ length: 40 }, (_, n) => `export const value${n} = ${n}\n`).join('')
const paths = Array.from({ length: 5000 }, (_, n) => `src/folder${n % 100}/file${n}.ts`)
const files = Object.fromEntries(paths.map((path) => [path, text]))

/** Handing work off in a repository of 5,000 files: how long whoever does it waits, and how long anybody. */
export async function measureHandOff(quick: boolean): Promise<readonly Row[]> {
  return withServer({ files }, async ({ tandem }) => {
    const client = await RelayClient.connect(tandem)
    const { workspaceId } = client
    const task = taskPrompt({ kind: 'prose', tokens: 100, rate: 1000 })
    const answered: number[] = []
    const done: number[] = []
    const stoodStill: number[] = []
    // The first makes the repository of jobs, which is there from then on.
    for (let n = -1; n < (quick ? 5 : 20); n++) {
      const pings = pingFromThread(tandem)
      await wait(200)
      const startedAt = performance.now()
      const { job } = await client.request('job/start', { workspaceId, task, conversation: false })
      const answeredAt = performance.now()
      const isOver = async () =>
        (await client.request('job/list', { workspaceId })).jobs.find(({ id }) => id === job.id)?.state ===
        'done'
      while (!(await isOver())) await wait(20)
      const endedAt = performance.now()
      const worst = await pings()
      if (n < 0) continue
      answered.push(answeredAt - startedAt)
      done.push(endedAt - startedAt)
      stoodStill.push(worst)
    }
    client.close()
    return [
      row('jobs.handOff.answered', 'ms', answered),
      row('jobs.handOff.answered.p95', 'ms', [quantile(answered, 0.95)], 50),
      row('jobs.handOff.longestPing', 'ms', stoodStill, 50),
      row('jobs.handOff.done', 'ms', done),
    ]
  })
}
