import { setTimeout as wait } from 'node:timers/promises'
import { monotonicMs } from '../lib/clock.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import type { Setting } from './setting.ts'

/** From pressing Stop to the cut of the model's stream, and what text still arrives. */
export async function measureStop({ model, tandem, quick }: Setting): Promise<readonly Row[]> {
  const runs = quick ? 8 : 40
  const client = await RelayClient.connect(tandem)
  const threadId = await client.openThread()
  const cut: number[] = []
  const lastText: number[] = []
  let afterSettled = 0
  for (let run = 0; run < runs; run++) {
    const { accepted, settled, reader } = client.startTurn(threadId, {
      kind: 'stamps',
      tokens: 20_000,
      rate: 1000,
    })
    const turnId = await accepted
    await wait(150 + (run % 7) * 13)
    const stoppedAt = monotonicMs()
    await client.request('turn/interrupt', { threadId, expectedTurnId: turnId })
    await settled
    lastText.push(Math.max(0, reader.lastAt - stoppedAt))
    const seen = reader.delays.length
    await wait(60)
    afterSettled += reader.delays.length - seen
    const request = (await model.requests()).findLast(({ cutAt }) => cutAt !== undefined)
    cut.push((request?.cutAt ?? Number.NaN) - stoppedAt)
  }
  client.close()
  return [
    row('relay.stop.cut', 'ms', cut),
    row('relay.stop.cutP95', 'ms', [quantile(cut, 0.95)], 20),
    row('relay.stop.lastText', 'ms', lastText),
    row('relay.stop.textAfter', 'tokens', [afterSettled], 0),
  ]
}
