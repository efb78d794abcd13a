import { sharedWith } from '../access/access-check.ts'
import type { Documents } from '../documents/documents.ts'
import type { Handlers } from '../relay/router.ts'
import type { Threads } from '../runtime/threads.ts'
import { bestOf } from '../workspace/path-index.ts'

type FileMethod =
  | 'file/list'
  | 'file/find'
  | 'file/create'
  | 'file/rename'
  | 'file/delete'
  | 'file/restore'
  | 'preview/open'

export function createFileHandlers(deps: {
  threads: Threads
  openPreview: (workspaceId: string, sessionId: string) => string
  rename: Documents['rename']
  /** Before a file is removed, what people typed in it goes to disk. */
  flush: (workspaceId: Parameters<Threads['workspace']>[0]) => Promise<void>
}): Pick<Handlers, FileMethod> {
  const { threads, openPreview, rename, flush } = deps
  return {
    async 'file/list'({ workspaceId, path }, { session }) {
      const { entries, truncated } = await threads.workspace(workspaceId).list(path)
      const shared = await sharedWith(threads, session.actor)
      return { entries: entries.filter((entry) => !shared || leadsTo(entry.path, shared)), truncated }
    },
    async 'file/find'({ workspaceId, query, limit }, { session }) {
      const workspace = threads.workspace(workspaceId)
      const shared = await sharedWith(threads, session.actor)
      const found = shared ? bestOf([...shared], query, limit) : workspace.find(query, limit)
      return { paths: [...(await found)] }
    },
    async 'file/create'({ workspaceId, path, kind }) {
      await threads.workspace(workspaceId).create(path, kind)
      return {}
    },
    async 'file/rename'({ workspaceId, path, to }) {
      await rename(workspaceId, path, to)
      return {}
    },
    async 'file/delete'({ workspaceId, path }) {
      await flush(workspaceId)
      return { trashId: await threads.workspace(workspaceId).trash(path) }
    },
    async 'file/restore'({ workspaceId, trashId }) {
      return { path: await threads.workspace(workspaceId).restore(trashId) }
    },
    'preview/open'({ workspaceId }, { session }) {
      threads.workspace(workspaceId)
      return { base: openPreview(workspaceId, session.id) }
    },
  }
}

/** It is one of the paths, or a folder above one. */
function leadsTo(path: string, paths: ReadonlySet<string>): boolean {
  return paths.has(path) || [...paths].some((other) => other.startsWith(`${path}/`))
}
