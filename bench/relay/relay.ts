import type { Row } from '../lib/row.ts'
import { withServer } from '../lib/with-server.ts'
import { measureDelivery } from './delivery.ts'
import { measureFirstToken } from './first-token.ts'
import { measureMemory } from './memory.ts'
import { measureStop } from './stop.ts'
import { measureStreams } from './streams.ts'

const files = { 'README.md': '# Bench\n' }
const parts = {
  first: measureFirstToken,
  delivery: measureDelivery,
  stop: measureStop,
  streams: measureStreams,
  memory: measureMemory,
}

/** The server between model and client, beside a client of the same model without it. Each part gets a new server. */
export async function measureRelay(options: {
  readonly quick: boolean
  readonly part?: string | undefined
  readonly profile?: string | undefined
}): Promise<readonly Row[]> {
  const { quick, part, profile } = options
  const rows: Row[] = []
  for (const [name, measure] of Object.entries(parts)) {
    if (part !== undefined && part !== name) continue
    rows.push(
      ...(await withServer({ files, profile }, ({ model, tandem }) => measure({ model, tandem, quick }))),
    )
  }
  return rows
}
