import { BareClient, type Delivery } from '../lib/bare-client.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { median } from '../lib/stats.ts'
import type { Task } from '../lib/task.ts'
import type { Setting } from './setting.ts'

const task: Task = { kind: 'stamps', tokens: 20, rate: 1000 }

/**
 * From the prompt's leaving to the first token's arrival, less the time the model itself took; through the relay
 * and without it, alternating.
 */
export async function measureFirstToken({ model, tandem, quick }: Setting): Promise<readonly Row[]> {
  const runs = quick ? 8 : 30
  const bareClient = await BareClient.connect(model.port)
  const relayClient = await RelayClient.connect(tandem)
  const threadId = await relayClient.openThread()
  const bare: number[] = []
  const relay: number[] = []
  const warmups = 5
  for (let run = -warmups; run < runs; run++) {
    const viaNothing = await overhead(model, await bareClient.stream(task))
    const viaRelay = await overhead(model, await relayClient.runTurn(threadId, task))
    if (run < 0) continue
    bare.push(viaNothing)
    relay.push(viaRelay)
  }
  bareClient.close()
  relayClient.close()
  return [
    row('relay.firstToken.bare', 'ms', bare),
    row('relay.firstToken.tandem', 'ms', relay, 2 * median(bare)),
    row('relay.firstToken.ratio', 'x', [median(relay) / median(bare)]),
  ]
}

async function overhead(model: Setting['model'], { sentAt, reader }: Pick<Delivery, 'sentAt' | 'reader'>) {
  const requests = await model.requests()
  const arrivedAt = requests.findLast(({ kind, at }) => kind !== 'models' && at >= sentAt)?.at ?? Number.NaN
  return reader.firstAt - sentAt - (reader.firstSentAt - arrivedAt)
}
