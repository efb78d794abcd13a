import type { Row } from '../lib/row.ts'
import { measureOpen } from './open.ts'
import { hour, twoMillion } from './stored-thread.ts'

/** Long threads: how quickly one opens. */
export async function measureThread({
  quick,
  part,
}: {
  readonly quick: boolean
  readonly part?: string | undefined
}): Promise<readonly Row[]> {
  const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
    hour: () => measureOpen({ name: 'hour', shape: hour, quick }),
    long: () => measureOpen({ name: '2m', shape: twoMillion, quick }),
  }
  const rows: Row[] = []
  for (const [name, measure] of Object.entries(parts)) {
    if (part === undefined || part === name) rows.push(...(await measure()))
  }
  return rows
}
