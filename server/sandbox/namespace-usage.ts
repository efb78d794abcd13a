import { readdirSync, readFileSync } from 'node:fs'
import type { Usage } from './supervise.ts'

const pageBytes = 4096

/**
 * What the processes of a sandbox use, seen from outside through the process list it has for itself: it needs no
 * cgroup. Memory is what each has for itself; memory that several share counts for none.
 *
 * @param init process id of the sandbox's first process, on this side.
 * @param processes so many it may have; of more only the number is told, as reading what thousands use takes its time.
 */
export function namespaceUsage(init: number, processes: number): Usage | undefined {
  const list = `/proc/${init}/root/proc`
  try {
    const ids = readdirSync(list).filter((name) => /^\d+$/.test(name))
    if (ids.length > processes) return { processes: ids.length, memoryBytes: 0 }
    return { processes: ids.length, memoryBytes: ids.reduce((sum, id) => sum + ownBytes(`${list}/${id}`), 0) }
  } catch {
    // It is not set up yet, or is over.
    return undefined
  }
}

function ownBytes(folder: string): number {
  try {
    const [, resident = 0, shared = 0] = readFileSync(`${folder}/statm`, 'latin1').split(' ').map(Number)
    return (resident - shared) * pageBytes
  } catch {
    return 0
  }
}
