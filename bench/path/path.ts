import type { ModelProcess, SeenRequest } from '../lib/model-process.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { median } from '../lib/stats.ts'
import type { Task } from '../lib/task.ts'
import { withServer } from '../lib/with-server.ts'
import { bareConversation, type Conversation, tandemConversation } from './conversation.ts'
import { type Distance, startDistance, type Traffic } from './distance.ts'
import { type Exchange, openHttp, openSocket, type Prefix } from './exchange.ts'
import { measurePrefill } from './prefill.ts'

const calls = 20
const rate = 1000
const path = 'src/page'
const text = 'A line of the file that the model reads again and again.\n'.repeat(36)
const files = Object.fromEntries(Array.from({ length: calls }, (_, n) => [`${path}${n}`, text]))
const reading: Task = { kind: 'calls', calls, rate, path }
const answering: Task = { kind: 'stamps', tokens: 20, rate }

/**
 * A turn of twenty tool calls, and the first token of a later turn, on four ways to the same model: Tandem, a bare
 * client on a warmed socket, HTTPS kept alive, and a connection per call; with TLS, over several distances. And what is
 * gained by sending the conversation ahead.
 */
export async function measurePath(options: {
  readonly quick: boolean
  readonly part?: string | undefined
}): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const rttMs of [0, 40, 150]) {
    if (options.part !== undefined && options.part !== String(rttMs)) continue
    rows.push(...(await measureDistance(rttMs, options.quick ? 3 : 7)))
  }
  if (options.part === undefined || options.part === 'prefill')
    rows.push(...(await measurePrefill({ runs: options.quick ? 3 : 7 })))
  return rows
}

const names = ['tandem', 'socket', 'kept', 'perCall'] as const
type Name = (typeof names)[number]

async function measureDistance(rttMs: number, runs: number): Promise<readonly Row[]> {
  let distance: Distance | undefined
  const front = async (model: ModelProcess) => {
    distance = await startDistance(model.port, rttMs)
    return distance
  }
  return withServer({ files, front }, async ({ model, tandem }) => {
    if (distance === undefined) throw new Error('There is no distance.')
    const client = await RelayClient.connect(tandem)
    const setting = { model, distance, rttMs }
    const prefix = await learnPrefix(model, client)
    const samples: Record<Name, Sample[]> = { tandem: [], socket: [], kept: [], perCall: [] }
    // The first pass warms all of them.
    for (let run = -1; run < runs; run++) {
      for (const name of names) {
        const { conversation, close } = await open(name, { client, distance, prefix })
        const sample = await measureTurns(setting, conversation)
        close()
        if (run >= 0) samples[name].push(sample)
      }
    }
    client.close()
    return rowsOf(rttMs, samples)
  })
}

/** What Tandem says in every request, for the others to say it too. */
async function learnPrefix(model: ModelProcess, client: RelayClient): Promise<Prefix> {
  await client.runTurn(await client.openThread(), answering)
  const { instructions, tools } = await model.lastBody()
  return { model: 'fake-fast', instructions, tools }
}

async function open(
  name: Name,
  setting: { readonly client: RelayClient; readonly distance: Distance; readonly prefix: Prefix },
): Promise<{ conversation: Conversation; close: () => void }> {
  const { client, distance, prefix } = setting
  if (name === 'tandem') {
    const threadId = await client.openThread()
    return { conversation: tandemConversation(client, threadId), close: () => undefined }
  }
  const exchange: Exchange =
    name === 'socket' ? await openSocket(distance, prefix) : openHttp(distance, prefix, name === 'kept')
  return { conversation: bareConversation(exchange, text), close: exchange.close }
}

interface Sample {
  /** Milliseconds from the model's last byte of one answer to the next request, less the round trip. */
  readonly between: number
  readonly turn: number
  readonly firstText: number
  readonly kilobytesUp: number
  readonly handshakes: number
}

async function measureTurns(
  setting: { readonly model: ModelProcess; readonly distance: Distance; readonly rttMs: number },
  conversation: Conversation,
): Promise<Sample> {
  const { model, distance, rttMs } = setting
  // An earlier turn, so that what is measured has one before it.
  await conversation.turn(answering)
  const before = await distance.traffic()
  const seenBefore = (await model.requests()).length
  const { whole } = await conversation.turn(reading)
  const used = difference(before, await distance.traffic())
  const gaps = gapsOf((await model.requests()).slice(seenBefore))
  if (gaps.length !== calls) throw new Error(`A turn of ${calls} calls had ${gaps.length}.`)
  const { firstText } = await conversation.turn(answering)
  return {
    between: median(gaps) - rttMs,
    turn: whole,
    firstText,
    kilobytesUp: used.bytesUp / 1000,
    handshakes: used.connections,
  }
}

function difference(before: Traffic, after: Traffic): Traffic {
  return {
    connections: after.connections - before.connections,
    bytesUp: after.bytesUp - before.bytesUp,
    bytesDown: after.bytesDown - before.bytesDown,
  }
}

function gapsOf(requests: readonly SeenRequest[]): readonly number[] {
  return requests.slice(1).map(({ at }, i) => at - (requests[i]?.endedAt ?? Number.NaN))
}

function rowsOf(rttMs: number, samples: Readonly<Record<Name, readonly Sample[]>>): readonly Row[] {
  const of = (name: Name, key: keyof Sample) => samples[name].map((sample) => sample[key])
  const figure = (key: keyof Sample, unit: string, target?: number) =>
    names.map((name) =>
      row(`path.${rttMs}.${key}.${name}`, unit, of(name, key), name === 'tandem' ? target : undefined),
    )
  const socket = (key: keyof Sample) => median(of('socket', key))
  const fullHistory = median(of('kept', 'kilobytesUp'))
  const firstTextLimit = Math.min(1.05 * socket('firstText'), 0.5 * median(of('perCall', 'firstText')))
  return [
    ...figure('between', 'ms', 5 * socket('between')),
    ...figure('turn', 'ms', 2 * socket('turn')),
    ...figure('firstText', 'ms', rttMs === 0 ? undefined : firstTextLimit),
    ...figure('kilobytesUp', 'kB', 0.5 * fullHistory),
    ...figure('handshakes', 'count', 0),
  ]
}
