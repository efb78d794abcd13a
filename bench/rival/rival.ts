import { cpuSeconds } from '../lib/process-stats.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import type { StampReader } from '../lib/stamps.ts'
import { median, quantile } from '../lib/stats.ts'
import { withServer } from '../lib/with-server.ts'
import { startRoute } from './route-server.ts'

const rates = [1000, 3000]

interface Sample {
  readonly firstToken: number
  readonly p50: number
  readonly p99: number
  readonly cpuPer10k: number
}

/** Tandem's relay beside a Next route with the AI SDK: the same model, the same prompts, alternating. */
export async function measureRival(options: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = options.quick ? 2 : 5
  return withServer({ files: { 'README.md': '# Bench\n' } }, async ({ model, tandem }) => {
    const route = await startRoute(model.baseUrl)
    const client = await RelayClient.connect(tandem)
    const rows: Row[] = []
    for (const rate of rates) {
      const task = { kind: 'stamps', tokens: rate * 3, rate } as const
      const samples: { readonly tandem: Sample[]; readonly route: Sample[] } = { tandem: [], route: [] }
      for (let run = -1; run < runs; run++) {
        const threadId = await client.openThread()
        const viaTandem = await measured(tandem.pid, () => client.runTurn(threadId, task))
        const viaRoute = await measured(route.pid, () => route.stream(task))
        // The first pass warms both.
        if (run < 0) continue
        samples.tandem.push(viaTandem)
        samples.route.push(viaRoute)
      }
      rows.push(...rowsOf(rate, samples))
    }
    client.close()
    await route.close()
    return rows
  })
}

async function measured(
  pid: number,
  run: () => Promise<{ readonly sentAt: number; readonly reader: StampReader }>,
): Promise<Sample> {
  const before = cpuSeconds(pid)
  const { sentAt, reader } = await run()
  const { delays, firstAt } = reader
  return {
    firstToken: firstAt - sentAt,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    cpuPer10k: ((cpuSeconds(pid) - before) / delays.length) * 10_000,
  }
}

function rowsOf(
  rate: number,
  samples: { readonly tandem: readonly Sample[]; readonly route: readonly Sample[] },
): readonly Row[] {
  const of = (who: 'tandem' | 'route', key: keyof Sample) => samples[who].map((sample) => sample[key])
  const pair = (key: keyof Sample, unit: string, share?: number) => [
    row(`rival.${rate}.${key}.route`, unit, of('route', key)),
    row(
      `rival.${rate}.${key}.tandem`,
      unit,
      of('tandem', key),
      share === undefined ? undefined : share * median(of('route', key)),
    ),
  ]
  return [
    ...pair('firstToken', 'ms', 0.2),
    ...pair('p50', 'ms'),
    ...pair('p99', 'ms'),
    ...pair('cpuPer10k', 's/10k', 0.25),
  ]
}
