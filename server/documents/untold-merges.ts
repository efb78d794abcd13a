import { z } from 'zod'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { mergedSchema } from '../../core/protocol/workspace.ts'
import type { Store } from '../store/store.ts'
import type { LastMerge } from './documents.ts'

/** What is kept at most: who has not opened a file for so many others is told of nothing. */
const keptMerges = 200

const untoldSchema = z.record(z.string(), z.object({ merged: mergedSchema, isUnseen: z.boolean() }))

/** What other programs did to files while nobody had them open, until somebody opens them; a restart keeps it. */
export interface UntoldMerges {
  of(path: string): LastMerge | undefined
  add(path: string, merge: LastMerge): void
  /** Somebody has it open: they are told. */
  told(path: string): void
}

export async function readUntoldMerges(
  store: Store,
  workspaceId: WorkspaceId,
  onBug: (error: unknown, where: string) => void,
): Promise<UntoldMerges> {
  const key = `merges:${workspaceId}`
  const merges = parse(await store.getValue(key))

  function write(): void {
    store
      .setValue(key, JSON.stringify(Object.fromEntries(merges)))
      .catch((error: unknown) => onBug(error, 'merges nobody was told of'))
  }

  return {
    of: (path) => merges.get(path),
    add(path, merge) {
      merges.delete(path)
      merges.set(path, merge)
      for (const oldest of [...merges.keys()].slice(0, -keptMerges)) merges.delete(oldest)
      write()
    },
    told(path) {
      if (merges.delete(path)) write()
    },
  }
}

function parse(value: string | undefined): Map<string, LastMerge> {
  try {
    return new Map(Object.entries(untoldSchema.parse(JSON.parse(value ?? '{}'))))
  } catch {
    return new Map()
  }
}
