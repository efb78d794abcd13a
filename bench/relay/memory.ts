import { setTimeout as wait } from 'node:timers/promises'
import { residentMb } from '../lib/process-stats.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import type { Setting } from './setting.ts'

const turnTokens = 10_000
const rate = 20_000

/** Memory of the server while a million tokens pass, a thread per ten thousand; the first tenth warms it. */
export async function measureMemory({ tandem, quick }: Setting): Promise<readonly Row[]> {
  const million = quick ? 200_000 : 1_000_000
  await wait(3000)
  const idle = residentMb(tandem.pid)
  const client = await RelayClient.connect(tandem)
  await stream(client, million / 10)
  const warm = residentMb(tandem.pid)
  await stream(client, million)
  await wait(3000)
  const after = residentMb(tandem.pid)
  client.close()
  return [
    row('relay.memory.idle', 'MB', [idle], 350),
    row('relay.memory.warm', 'MB', [warm]),
    row('relay.memory.growth', 'MB', [after - warm], 32),
  ]
}

async function stream(client: RelayClient, tokens: number): Promise<void> {
  for (let sent = 0; sent < tokens; sent += turnTokens) {
    const threadId = await client.openThread()
    await client.runTurn(threadId, { kind: 'prose', tokens: turnTokens, rate })
    await client.request('topic/unsubscribe', { topic: `thread:${threadId}` })
  }
}
