import { setTimeout as wait } from 'node:timers/promises'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { keptSeq, type Shape, serve, storeThread } from './stored-thread.ts'

/** From asking for a thread to having it, by a server that has just started; and without the state it keeps. */
export async function measureOpen(options: {
  readonly name: string
  readonly shape: Shape
  readonly quick: boolean
}): Promise<readonly Row[]> {
  const { name, shape, quick } = options
  const scratch = createScratch({ files: {} })
  try {
    const { threadId, rows } = await storeThread(scratch, name, shape)
    const open = async (until: () => boolean) => {
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
    const cold = await open(() => keptSeq(scratch, threadId) === rows)
    const warm = []
    for (let run = 0; run < (quick ? 2 : 7); run++) warm.push(await open(() => true))
    const opened = warm.map(({ opened }) => opened)
    return [
      row(`thread.open.${name}.rows`, 'rows', [rows]),
      row(`thread.open.${name}.state`, 'MB', [cold.chars / 1e6]),
      row(`thread.open.${name}.fold`, 'ms', [cold.opened]),
      row(`thread.open.${name}`, 'ms', opened, 1000),
      row(
        `thread.open.${name}.serverStart`,
        'ms',
        warm.map(({ ready }) => ready),
      ),
    ]
  } finally {
    scratch.remove()
  }
}
