import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { taskPrompt } from '../lib/task.ts'
import { withServer } from '../lib/with-server.ts'

const warm = 4
const idle = 60
const files = { 'README.md': '# Bench\n' }
const memorySchema = z.object({ resident: z.number(), heap: z.number() })

/** Jobs that have begun and wait for a yes to a command: what each keeps in the server's memory. */
export async function measureIdle(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
  const file = join(folder, 'memory')
  const preload = new URL('../lib/memory.ts', import.meta.url)
  preload.searchParams.set('out', file)
  const nodeFlags = ['--expose-gc', '--import', preload.href]
  const settings = { jobs: { running: warm + idle } }
  try {
    return await withServer({ files, settings, nodeFlags }, async ({ tandem }) => {
      const client = await RelayClient.connect(tandem)
      const { workspaceId } = client
      const task = taskPrompt({ kind: 'command', command: 'npm test', rate: 5000 })
      const begin = async (count: number, all: number) => {
        for (let n = 0; n < count; n++)
          await client.request('job/start', { workspaceId, task, conversation: false })
        const waiting = async () =>
          (await client.request('job/list', { workspaceId })).jobs.filter(
            ({ needs }) => needs?.kind === 'approval',
          ).length
        while ((await waiting()) < all) await wait(100)
      }
      const left = async () => {
        rmSync(file, { force: true })
        process.kill(tandem.pid, 'SIGUSR2')
        while (!existsSync(file)) await wait(50)
        return memorySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      }
      await begin(warm, warm)
      const before = await left()
      await begin(idle, warm + idle)
      const after = await left()
      client.close()
      return [
        row('jobs.idle.count', 'jobs', [idle]),
        row('jobs.idle.heap', 'MB each', [(after.heap - before.heap) / idle], 5),
        row('jobs.idle.resident', 'MB each', [(after.resident - before.resident) / idle], 5),
      ]
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
