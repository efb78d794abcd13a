import { BareClient } from '../lib/bare-client.ts'
import { cpuSeconds } from '../lib/process-stats.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import type { StampReader } from '../lib/stamps.ts'
import { median, quantile } from '../lib/stats.ts'
import type { Setting } from './setting.ts'

interface Sample {
  readonly p50: number
  readonly p99: number
  readonly wall: number
  readonly cpuPer10k: number
}

const rates = [1000, 3000, 10_000]
const worstP99Ms = 16

/** Delay of each token, processor time and total time of streams at several speeds, beside a bare client. */
export async function measureDelivery({ model, tandem, quick }: Setting): Promise<readonly Row[]> {
  const runs = quick ? 2 : 5
  const seconds = quick ? 2 : 4
  const bareClient = await BareClient.connect(model.port)
  const relayClient = await RelayClient.connect(tandem)
  const rows: Row[] = []
  for (const rate of rates) {
    const tokens = rate * seconds
    const bare: Sample[] = []
    const relay: Sample[] = []
    for (let run = -1; run < runs; run++) {
      const own = process.cpuUsage()
      const viaNothing = await bareClient.stream({ kind: 'stamps', tokens, rate })
      const used = process.cpuUsage(own)
      const bareSample = sample(viaNothing.reader, rate, (used.user + used.system) / 1e6)

      const threadId = await relayClient.openThread()
      const before = cpuSeconds(tandem.pid)
      const viaRelay = await relayClient.runTurn(threadId, { kind: 'stamps', tokens, rate })
      const relaySample = sample(viaRelay.reader, rate, cpuSeconds(tandem.pid) - before)
      // The first pass warms both.
      if (run < 0) continue
      bare.push(bareSample)
      relay.push(relaySample)
    }
    rows.push(...rowsOf(rate, bare, relay))
  }
  bareClient.close()
  relayClient.close()
  return rows
}

function rowsOf(rate: number, bare: readonly Sample[], relay: readonly Sample[]): readonly Row[] {
  const name = (what: string) => `relay.${rate}.${what}`
  const of = (samples: readonly Sample[], key: keyof Sample) => samples.map((entry) => entry[key])
  const bareP50 = median(of(bare, 'p50'))
  const bareP99 = median(of(bare, 'p99'))
  const bareCpu = median(of(bare, 'cpuPer10k'))
  const judged = rate <= 3000
  return [
    row(name('p50.bare'), 'ms', of(bare, 'p50')),
    row(name('p50.tandem'), 'ms', of(relay, 'p50'), judged ? 2 * bareP50 : undefined),
    row(name('p99.bare'), 'ms', of(bare, 'p99')),
    row(name('p99.tandem'), 'ms', of(relay, 'p99'), judged ? Math.max(worstP99Ms, 2 * bareP99) : undefined),
    ...(rate === 1000
      ? [
          row(name('p50.added'), 'ms', [median(of(relay, 'p50')) - bareP50], 1),
          row(name('p99.added'), 'ms', [median(of(relay, 'p99')) - bareP99], 8),
        ]
      : []),
    row(name('cpu.bare'), 's/10k', of(bare, 'cpuPer10k')),
    row(name('cpu.tandem'), 's/10k', of(relay, 'cpuPer10k'), judged ? 1.5 * bareCpu : undefined),
    row(name('wall.bare'), 'x ideal', of(bare, 'wall')),
    row(name('wall.tandem'), 'x ideal', of(relay, 'wall'), 1.01),
  ]
}

function sample(reader: StampReader, rate: number, cpu: number): Sample {
  const tokens = reader.delays.length
  return {
    p50: quantile(reader.delays, 0.5),
    p99: quantile(reader.delays, 0.99),
    wall: (reader.lastAt - reader.firstSentAt) / (((tokens - 1) / rate) * 1000),
    cpuPer10k: (cpu / tokens) * 10_000,
  }
}
