import { setTimeout as wait } from 'node:timers/promises'
import { type Speculation, speculationSchema } from '../../core/protocol/speculation.ts'
import type { ModelProcess } from '../lib/model-process.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import type { Task } from '../lib/task.ts'
import { withServer } from '../lib/with-server.ts'
import { tandemConversation } from './conversation.ts'
import { startDistance } from './distance.ts'

const rttMs = 40
/** How long somebody types. */
const typingMs = 1500
const files = { 'src/page0': 'A line of the file that the model reads again and again.\n'.repeat(700) }
const reading: Task = { kind: 'calls', calls: 1, rate: 1000, path: 'src/page' }
/** Of a model that reads twenty thousand tokens a second. */
const answering: Task = { kind: 'read', tokens: 20, rate: 1000, readRate: 20_000 }

/**
 * The first text of a later turn whose connection was lost since, as it is after a pause or a change of networks, by what
 * is sent ahead while the prompt is typed: nothing, a connection with what is always said, or all of the conversation.
 */
export async function measurePrefill({ runs }: { readonly runs: number }): Promise<readonly Row[]> {
  const front = (model: ModelProcess) => startDistance(model.port, rttMs)
  return withServer({ files, front, settings: { speculation: 'prefill' } }, async ({ model, tandem }) => {
    const client = await RelayClient.connect(tandem)
    const threadId = await client.openThread()
    const conversation = tandemConversation(client, threadId)
    await conversation.turn(reading)
    const times = new Map<Speculation, number[]>(speculationSchema.options.map((how) => [how, []]))
    for (let run = -1; run < runs; run++) {
      for (const [how, samples] of times) {
        await model.cut()
        await wait(200)
        await client.request('thread/warm', { threadId, how })
        await wait(typingMs)
        const { firstText } = await conversation.turn(answering)
        if (run >= 0) samples.push(firstText)
      }
    }
    client.close()
    return [...times].map(([how, samples]) => row(`path.prefill.firstText.${how}`, 'ms', samples))
  })
}
