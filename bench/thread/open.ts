import { setTimeout as wait } from 'node:timers/promises'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { Scratch } from '../../scripts/lib/scratch.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { keptSeq, serve } from './stored-thread.ts'

export interface StoredThread {
  readonly name: string
  readonly scratch: Scratch
  readonly threadId: ThreadId
  readonly rows: number
  readonly quick: boolean
}

/** From asking for a thread to having it, by a server that has just started; and without the state it keeps. */
export async function measureOpen(stored: StoredThread): Promise<readonly Row[]> {
  const { name, scratch, threadId, rows, quick } = stored
  const cold = await open(stored, () => keptSeq(scratch, threadId) === rows)
  const warm: Awaited<ReturnType<typeof open>>[] = []
  for (let run = 0; run < (quick ? 2 : 7); run++) warm.push(await open(stored, () => true))
  const of = (key: 'opened' | 'ready') => warm.map((sample) => sample[key])
  return [
    row(`thread.open.${name}.rows`, 'rows', [rows]),
    row(`thread.open.${name}.state`, 'MB', [cold.chars / 1e6]),
    row(`thread.open.${name}.fold`, 'ms', [cold.opened]),
    row(`thread.open.${name}`, 'ms', of('opened'), 1000),
    row(`thread.open.${name}.serverStart`, 'ms', of('ready')),
  ]
}

async function open({ scratch, threadId, rows }: StoredThread, until: () => boolean) {
  const startedAt = performance.now()
  const tandem = await serve(scratch)
  const ready = performance.now() - startedAt
  const client = await RelayClient.connect(tandem)
  const askedAt = performance.now()
  const answer = await client.request('topic/subscribe', { topic: `thread:${threadId}` })
  const opened = performance.now() - askedAt
  if (answer.kind !== 'snapshot' || answer.seq !== rows) throw new Error('The thread is not whole.')
  while (!until()) await wait(50)
  client.close()
  await tandem.end()
  return { ready, opened, chars: JSON.stringify(answer.state).length }
}
