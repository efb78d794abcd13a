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
  const bare: Way[] = []
  const relay: Way[] = []
  const warmups = 5
  for (let run = -warmups; run < runs; run++) {
    const viaNothing = await way(model, await bareClient.stream(task))
    const viaRelay = await way(model, await relayClient.runTurn(threadId, task))
    if (run < 0) continue
    bare.push(viaNothing)
    relay.push(viaRelay)
  }
  bareClient.close()
  relayClient.close()
  const sums = (ways: readonly Way[]) => ways.map(({ there, back }) => there + back)
  const floor = median(sums(bare))
  return [
    row('relay.firstToken.bare', 'ms', sums(bare)),
    row('relay.firstToken.tandem', 'ms', sums(relay), 2 * floor),
    row(
      'relay.firstToken.toModel',
      'ms',
      relay.map(({ there }) => there),
    ),
    row(
      'relay.firstToken.fromModel',
      'ms',
      relay.map(({ back }) => back),
    ),
    row('relay.firstToken.ratio', 'x', [median(sums(relay)) / floor]),
  ]
}

/** Milliseconds from the prompt to its arrival at the model, and from the first token's leaving there to its arrival. */
interface Way {
  readonly there: number
  readonly back: number
}

async function way(
  model: Setting['model'],
  { sentAt, reader }: Pick<Delivery, 'sentAt' | 'reader'>,
): Promise<Way> {
  const requests = await model.requests()
  const arrivedAt = requests.findLast(({ kind, at }) => kind !== 'models' && at >= sentAt)?.at ?? Number.NaN
  return { there: arrivedAt - sentAt, back: reader.firstAt - reader.firstSentAt }
}
