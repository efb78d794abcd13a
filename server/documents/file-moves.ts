import { z } from 'zod'
import type { Move } from '../../core/lib/moved-path.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Store } from '../store/store.ts'

const movesSchema = z.array(z.object({ from: z.string(), to: z.string(), at: z.number().int() }))

/** A file or folder that was moved; no two of a workspace have the same time. */
export interface TimedMove extends Move {
  readonly at: number
}

/** What older moves there were is forgotten: threads that were never opened since do not follow them. */
const keptMoves = 2000

/** The moves of files and folders in one workspace, whoever made them, in their order. */
export interface FileMoves {
  /** These at once, in their order. Resolves when that is durable. */
  add(added: readonly Move[], now: number): Promise<readonly TimedMove[]>
  list(): readonly TimedMove[]
}

export async function readFileMoves(store: Store, workspaceId: WorkspaceId): Promise<FileMoves> {
  const key = `moves:${workspaceId}`
  const value = await store.getValue(key)
  let moves = value === undefined ? [] : movesSchema.parse(JSON.parse(value))
  let last: Promise<unknown> = Promise.resolve()
  return {
    async add(added, now) {
      const first = Math.max(now, (moves.at(-1)?.at ?? 0) + 1)
      const timed = added.map(({ from, to }, index) => ({ from, to, at: first + index }))
      moves = [...moves, ...timed].slice(-keptMoves)
      const written = last.then(() => store.setValue(key, JSON.stringify(moves)))
      last = written.catch(() => undefined)
      await written
      return timed
    },
    list: () => moves,
  }
}
