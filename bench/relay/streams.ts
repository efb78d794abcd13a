import { BareClient } from '../lib/bare-client.ts'
import { cpuSeconds } from '../lib/process-stats.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import type { Setting } from './setting.ts'

const streams = 200
const rate = 100
/** A delay that grows by less than this from the first third to the last does not grow. */
const steadyMs = 5

/** Two hundred threads of as many people at once: does the delay of a token grow with time? And without the relay? */
export async function measureStreams({ model, tandem, quick }: Setting): Promise<readonly Row[]> {
  const tokens = rate * (quick ? 5 : 15)
  const bareClients = await Promise.all(Array.from({ length: streams }, () => BareClient.connect(model.port)))
  const bare = await Promise.all(bareClients.map((client) => client.stream({ kind: 'stamps', tokens, rate })))
  for (const client of bareClients) client.close()
  const clients = await Promise.all(Array.from({ length: streams }, () => RelayClient.connect(tandem)))
  const threads = await Promise.all(clients.map((client) => client.openThread()))
  const before = cpuSeconds(tandem.pid)
  const turns = await Promise.all(
    clients.map((client, i) => client.runTurn(threads[i]!, { kind: 'stamps', tokens, rate })),
  )
  const cpu = cpuSeconds(tandem.pid) - before
  for (const client of clients) client.close()
  const third = Math.floor(tokens / 3)
  const first = turns.flatMap(({ reader }) => reader.delays.slice(0, third))
  const last = turns.flatMap(({ reader }) => reader.delays.slice(-third))
  const lastBare = bare.flatMap(({ reader }) => reader.delays.slice(-third))
  return [
    row('relay.streams.p99.bare', 'ms', [quantile(lastBare, 0.99)]),
    row('relay.streams.p50.first', 'ms', [quantile(first, 0.5)]),
    row('relay.streams.p50.last', 'ms', [quantile(last, 0.5)]),
    row('relay.streams.p99.last', 'ms', [quantile(last, 0.99)], 20),
    row('relay.streams.growth', 'ms', [quantile(last, 0.5) - quantile(first, 0.5)], steadyMs),
    row('relay.streams.cpu', 's/10k', [(cpu / (tokens * streams)) * 10_000]),
  ]
}
