import { z } from 'zod'
import { decodeBase64, encodeBase64 } from '../../core/document/base64.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'

/** Longest text that is kept beside the edits, in UTF-16 code units: browsers keep a few MB for a whole site. */
const textChars = 200_000

const entrySchema = z.object({ incarnation: z.string(), update: z.string(), text: z.string().optional() })
const entriesSchema = z.record(z.string(), entrySchema)

/** Edits of one document that the server may not have. */
export interface UnsavedEdits {
  /** Of which making of the document (method `document/open`). */
  readonly incarnation: string
  readonly update: Uint8Array
  /** The whole text, should the document they belong to be gone. */
  readonly text: string | undefined
}

/** What must outlive the page: a browser that crashes or a lid that closes takes no edit along. */
export interface UnsavedEditsStorage {
  /** Texts above this are not kept, only the edits. */
  readonly textChars: number
  paths(workspaceId: WorkspaceId): readonly string[]
  read(workspaceId: WorkspaceId, path: string): UnsavedEdits | undefined
  write(workspaceId: WorkspaceId, path: string, edits: UnsavedEdits): void
  remove(workspaceId: WorkspaceId, path: string): void
}

interface Options {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export function createUnsavedEditsStorage(storage: Options): UnsavedEditsStorage {
  const keyOf = (workspaceId: WorkspaceId) => `tandem.unsaved.${workspaceId}`

  function readAll(workspaceId: WorkspaceId): z.infer<typeof entriesSchema> {
    try {
      return entriesSchema.parse(JSON.parse(storage.getItem(keyOf(workspaceId)) ?? '{}'))
    } catch {
      return {}
    }
  }

  function writeAll(workspaceId: WorkspaceId, entries: z.infer<typeof entriesSchema>): boolean {
    try {
      storage.setItem(keyOf(workspaceId), JSON.stringify(entries))
      return true
    } catch {
      // A full storage must not keep anyone from typing.
      return false
    }
  }

  return {
    textChars,
    paths: (workspaceId) => Object.keys(readAll(workspaceId)),
    read(workspaceId, path) {
      const entry = readAll(workspaceId)[path]
      const update = entry && decodeBase64(entry.update)
      if (!entry || !update) return undefined
      return { incarnation: entry.incarnation, update, text: entry.text }
    },
    write(workspaceId, path, { incarnation, update, text }) {
      const others = readAll(workspaceId)
      const bare = { incarnation, update: encodeBase64(update) }
      const isKept = text !== undefined && writeAll(workspaceId, { ...others, [path]: { ...bare, text } })
      if (!isKept) writeAll(workspaceId, { ...others, [path]: bare })
    },
    remove(workspaceId, path) {
      const { [path]: removed, ...others } = readAll(workspaceId)
      if (removed === undefined) return
      if (Object.keys(others).length === 0) storage.removeItem(keyOf(workspaceId))
      else writeAll(workspaceId, others)
    },
  }
}
