import type { Row } from '../lib/row.ts'
import { measureHandOff } from './hand-off.ts'
import { measureIdle } from './idle.ts'
import { measureLive } from './live.ts'
import { measureRecovery } from './recovery.ts'

const parts = { handOff: measureHandOff, idle: measureIdle, live: measureLive, recovery: measureRecovery }

/** What background jobs cost those who work meanwhile, and how soon they go on after a crash. */
export async function measureJobs(options: {
  readonly quick: boolean
  readonly part?: string | undefined
}): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [name, measure] of Object.entries(parts)) {
    if (options.part === undefined || options.part === name) rows.push(...(await measure(options.quick)))
  }
  return rows
}
