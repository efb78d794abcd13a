import type { Row } from '../lib/row.ts'
import { withServer } from '../lib/with-server.ts'
import { measureDelivery } from './delivery.ts'
import { measureFirstToken } from './first-token.ts'
import { measureMemory } from './memory.ts'
import type { Setting } from './setting.ts'
import { measureStop } from './stop.ts'
import { measureStreams } from './streams.ts'

const files = { 'README.md': '# Bench\n' }

interface Part {
  readonly measure: (setting: Setting) => Promise<readonly Row[]>
  /** The model ends one of several responses on a connection when it is asked to. */
  readonly interrupts?: boolean
}

const parts: Readonly<Record<string, Part>> = {
  first: { measure: measureFirstToken },
  delivery: { measure: measureDelivery },
  stop: { measure: measureStop },
  streams: { measure: (setting) => measureStreams('streams', setting), interrupts: true },
  apart: { measure: (setting) => measureStreams('apart', setting) },
  memory: { measure: measureMemory },
}

/** The server between model and client, beside a client of the same model without it. Each part gets a new server. */
export async function measureRelay(options: {
  readonly quick: boolean
  readonly part?: string | undefined
  readonly profile?: string | undefined
}): Promise<readonly Row[]> {
  const { quick, part, profile } = options
  const rows: Row[] = []
  for (const [name, { measure, interrupts }] of Object.entries(parts)) {
    if (part !== undefined && part !== name) continue
    rows.push(
      ...(await withServer({ files, profile, interrupts }, ({ model, tandem }) =>
        measure({ model, tandem, quick }),
      )),
    )
  }
  return rows
}
