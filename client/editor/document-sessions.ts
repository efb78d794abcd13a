import type { WorkbenchState, WorkbenchStore } from '../store/store.ts'
import { createDocumentSession, type DocumentSession } from './document-session.ts'
import type { Monaco } from './monaco.ts'

/** The texts Monaco knows. They outlive the editor on the page: undo and caret are there when it comes back. */
export interface DocumentSessions {
  of(path: string): DocumentSession | undefined
  /** Told before a session ends because its tab was closed. */
  onEnd(listener: (session: DocumentSession) => void): () => void
}

const byStore = new WeakMap<WorkbenchStore, DocumentSessions>()

export function documentSessions(monaco: Monaco, store: WorkbenchStore): DocumentSessions {
  const present = byStore.get(store)
  if (present) return present
  const made = createDocumentSessions(monaco, store)
  byStore.set(store, made)
  return made
}

function createDocumentSessions(monaco: Monaco, store: WorkbenchStore): DocumentSessions {
  const sessions = new Map<string, DocumentSession>()
  const listeners = new Set<(session: DocumentSession) => void>()

  function dropClosed({ documents, replicas }: WorkbenchState): void {
    for (const [path, session] of sessions) {
      if (documents[path]) continue
      // Of a file that was moved behind another tab the person's place is kept for when it is shown.
      if (documents[session.replica.path]) of(session.replica.path)
      for (const listener of listeners) listener(session)
      sessions.delete(path)
      session.dispose()
      replicas.release(session.replica)
    }
  }
  store.subscribe((state, before) => {
    if (state.documents !== before.documents) dropClosed(state)
  })

  function of(path: string): DocumentSession | undefined {
    const present = sessions.get(path)
    if (present) return present
    const { workspaceId, replicas } = store.getState()
    if (!workspaceId) return undefined
    const replica = replicas.acquire(workspaceId, path)
    // A file that was moved is where the person left it.
    const before = [...sessions.values()].find((other) => other.replica === replica)
    const session = createDocumentSession(monaco, replica, before)
    sessions.set(path, session)
    return session
  }

  return {
    of,
    onEnd(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
