import { z } from 'zod'
import { threadIdSchema, turnIdSchema, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { KeyValueStorage } from './slice.ts'

/** Two answers to one prompt, as far as the server cannot tell which belong together. */
const pairSchema = z.object({
  asked: z.string(),
  picked: z.number().int(),
  takes: z.array(z.object({ modelId: z.string(), threadId: threadIdSchema, turnId: turnIdSchema })).length(2),
})
export type KeptPair = z.infer<typeof pairSchema>

const pairsSchema = z.record(z.string(), pairSchema)

/** The answers that a page offers, by path, so that the next page offers them too. */
export interface KeptTakes {
  read(workspaceId: WorkspaceId): Readonly<Record<string, KeptPair>>
  /** `undefined`: none are offered any more. */
  write(workspaceId: WorkspaceId, path: string, pair: KeptPair | undefined): void
}

export function createKeptTakes(storage: KeyValueStorage): KeptTakes {
  const keyOf = (workspaceId: WorkspaceId) => `tandem.inlineTakes.${workspaceId}`

  function read(workspaceId: WorkspaceId): Readonly<Record<string, KeptPair>> {
    try {
      return pairsSchema.parse(JSON.parse(storage.getItem(keyOf(workspaceId)) ?? '{}'))
    } catch {
      return {}
    }
  }

  return {
    read,
    write(workspaceId, path, pair) {
      const { [path]: before, ...others } = read(workspaceId)
      if (!pair && !before) return
      const pairs = pair ? { ...others, [path]: pair } : others
      try {
        if (Object.keys(pairs).length === 0) storage.removeItem(keyOf(workspaceId))
        else storage.setItem(keyOf(workspaceId), JSON.stringify(pairs))
      } catch {
        // A full storage costs the choice after a reload, not the edits.
      }
    },
  }
}
