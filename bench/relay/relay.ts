import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem } from '../../scripts/lib/tandem-process.ts'
import { startModel } from '../lib/model-process.ts'
import type { Row } from '../lib/row.ts'
import { measureDelivery } from './delivery.ts'
import { measureFirstToken } from './first-token.ts'
import { measureMemory } from './memory.ts'
import type { Setting } from './setting.ts'
import { measureStop } from './stop.ts'
import { measureStreams } from './streams.ts'

const parts = {
  first: measureFirstToken,
  delivery: measureDelivery,
  stop: measureStop,
  streams: measureStreams,
  memory: measureMemory,
}

/** The server between model and client, beside a client of the same model without it. Each part gets a new server. */
export async function measureRelay(options: {
  quick: boolean
  part?: string
  profile?: string
}): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [name, measure] of Object.entries(parts)) {
    if (options.part !== undefined && options.part !== name) continue
    rows.push(...(await withSetting(options, measure)))
  }
  return rows
}

async function withSetting(
  { quick, profile }: { quick: boolean; profile?: string },
  measure: (setting: Setting) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const model = await startModel()
  const scratch = createScratch({ files: { 'README.md': '# Bench\n' }, modelUrl: model.baseUrl })
  const nodeFlags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace], nodeFlags })
  try {
    return await measure({ model, tandem, quick })
  } finally {
    await tandem.end()
    await model.close()
    scratch.remove()
  }
}
