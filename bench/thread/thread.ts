import { createScratch } from '../../scripts/lib/scratch.ts'
import type { Row } from '../lib/row.ts'
import { measureFile } from './file.ts'
import { measureOpen } from './open.ts'
import { measureScrub } from './scrub.ts'
import { hour, type Shape, storeThread, twoMillion } from './stored-thread.ts'

const shapes: Readonly<Record<string, Shape>> = { hour, long: twoMillion }

/** Long threads: how quickly one opens, and how one moves about in its replay and in the files of it. */
export async function measureThread({
  quick,
  part,
}: {
  readonly quick: boolean
  readonly part?: string | undefined
}): Promise<readonly Row[]> {
  const rows: Row[] = part === undefined || part === 'file' ? [...measureFile()] : []
  for (const [name, shape] of Object.entries(shapes)) {
    if (part !== undefined && part !== name) continue
    const scratch = createScratch({ files: {} })
    try {
      const stored = { name, scratch, quick, ...(await storeThread(scratch, name, shape)) }
      rows.push(...(await measureOpen(stored)), ...(await measureScrub(stored)))
    } finally {
      scratch.remove()
    }
  }
  return rows
}
