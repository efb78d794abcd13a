import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
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

/**
 * Two hundred threads of as many people at once: does the delay of a token grow with time? And without the relay, and with a
 * process in its place that does nothing: model and clients take as much of the machine as the relay does. `streams`: the
 * threads share connections to the model, sixteen on one; `apart`: each has its own, as where the model cannot end one of
 * several responses.
 */
export async function measureStreams(
  name: 'streams' | 'apart',
  { model, tandem, quick }: Setting,
): Promise<readonly Row[]> {
  const tokens = rate * (quick ? 5 : 15)
  const third = Math.floor(tokens / 3)
  const bare = await lastDelays(model.port, tokens)
  const pipe = fork(fileURLToPath(new URL('./pipe-host.ts', import.meta.url)), [String(model.port)])
  const [pipePort] = await once(pipe, 'message')
  const piped = await lastDelays(pipePort, tokens)
  pipe.disconnect()
  const clients = await Promise.all(Array.from({ length: streams }, () => RelayClient.connect(tandem)))
  const threads = await Promise.all(clients.map((client) => client.openThread()))
  const runAll = (count: number) =>
    Promise.all(
      clients.map((client, i) => client.runTurn(threads[i]!, { kind: 'stamps', tokens: count, rate })),
    )
  // A server that has run turns before: what it does for the first time takes many times as long.
  for (let round = 0; round < 3; round++) await runAll(50)
  const before = cpuSeconds(tandem.pid)
  const turns = await runAll(tokens)
  const cpu = cpuSeconds(tandem.pid) - before
  for (const client of clients) client.close()
  const first = turns.flatMap(({ reader }) => reader.delays.slice(0, third))
  const last = turns.flatMap(({ reader }) => reader.delays.slice(-third))
  return [
    row(`relay.${name}.p99.bare`, 'ms', [quantile(bare, 0.99)]),
    row(`relay.${name}.p99.pipe`, 'ms', [quantile(piped, 0.99)]),
    row(`relay.${name}.p50.first`, 'ms', [quantile(first, 0.5)]),
    row(`relay.${name}.p99.first`, 'ms', [quantile(first, 0.99)]),
    row(`relay.${name}.p50.last`, 'ms', [quantile(last, 0.5)]),
    row(`relay.${name}.p99.last`, 'ms', [quantile(last, 0.99)], 20),
    row(`relay.${name}.growth`, 'ms', [quantile(last, 0.5) - quantile(first, 0.5)], steadyMs),
    row(`relay.${name}.cpu`, 's/10k', [(cpu / (tokens * streams)) * 10_000]),
  ]
}

/** Of the last third of each stream, without the relay. */
async function lastDelays(port: number, tokens: number): Promise<readonly number[]> {
  const clients = await Promise.all(Array.from({ length: streams }, () => BareClient.connect(port)))
  const ran = await Promise.all(clients.map((client) => client.stream({ kind: 'stamps', tokens, rate })))
  for (const client of clients) client.close()
  return ran.flatMap(({ reader }) => reader.delays.slice(-Math.floor(tokens / 3)))
}
