import type { Handlers } from '../relay/router.ts'
import type { Threads } from '../runtime/threads.ts'

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
  /** Before a file is moved or removed, what people typed in it goes to disk. */
  flush: (workspaceId: Parameters<Threads['workspace']>[0]) => Promise<void>
}): Pick<Handlers, FileMethod> {
  const { threads, openPreview, flush } = deps
  return {
    async 'file/list'({ workspaceId, path }) {
      const { entries, truncated } = await threads.workspace(workspaceId).list(path)
      return { entries: [...entries], truncated }
    },
    async 'file/find'({ workspaceId, query, limit }) {
      return { paths: [...(await threads.workspace(workspaceId).find(query, limit))] }
    },
    async 'file/create'({ workspaceId, path, kind }) {
      await threads.workspace(workspaceId).create(path, kind)
      return {}
    },
    async 'file/rename'({ workspaceId, path, to }) {
      await flush(workspaceId)
      await threads.workspace(workspaceId).rename(path, to)
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
