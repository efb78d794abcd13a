import { parseDocumentFrame } from '../../core/document/frames.ts'
import { movedPath } from '../../core/lib/moved-path.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { createListeners } from '../connection/listeners.ts'
import { createDocumentReplica, type DocumentReplica, type ReplicaDeps } from './document-replica.ts'

/** All documents this browser has open, each once however many panes use it. */
export interface DocumentReplicas {
  /** Joins the document, or shares the copy that is there. Each call wants one `release`. */
  acquire(workspaceId: WorkspaceId, path: string): DocumentReplica
  release(replica: DocumentReplica): void
  /** A file or folder is at another path: the copies of what is there follow. */
  move(workspaceId: WorkspaceId, from: string, to: string): void
  /** Told of a file that was moved while nobody told this browser. */
  onMoved(listener: (workspaceId: WorkspaceId, from: string, to: string) => void): () => void
  /** Opens what an earlier page left unsaved in a workspace until the server has it. */
  recover(workspaceId: WorkspaceId): void
  /** Files appeared: documents that were missing are tried again. */
  retryMissing(folders: readonly string[]): void
  /** Edits that only this browser is known to have. */
  kept(): number
}

interface Entry {
  readonly workspaceId: WorkspaceId
  key: string
  readonly replica: DocumentReplica
  uses: number
}

export function createDocumentReplicas(deps: ReplicaDeps): DocumentReplicas {
  const entries = new Map<string, Entry>()
  const movedListeners = createListeners<[WorkspaceId, string, string]>()
  let online = false

  deps.connection.onBinary((bytes) => {
    const frame = parseDocumentFrame(bytes)
    if (!frame) return
    for (const { replica } of entries.values()) {
      if (replica.handle !== frame.handle) continue
      replica.receive(frame)
      return
    }
  })
  deps.connection.onStatus((status) => {
    online = status === 'open'
    for (const { replica } of entries.values()) {
      replica.leave()
      if (online) void replica.join()
    }
  })

  function drop(entry: Entry): void {
    // What the server does not have yet is not thrown away with the tab.
    if (entry.uses > 0 || entry.replica.status.kept > 0) return
    entries.delete(entry.key)
    entry.replica.dispose()
  }

  function acquire(workspaceId: WorkspaceId, path: string): DocumentReplica {
    const key = `${workspaceId}:${path}`
    const present = entries.get(key)
    if (present) {
      present.uses++
      return present.replica
    }
    const replica = createDocumentReplica({ ...deps, workspaceId, path })
    const entry = { workspaceId, key, replica, uses: 1 }
    entries.set(key, entry)
    replica.onStatus(() => drop(entry))
    replica.onMoved((to) => {
      const from = replica.path
      move(workspaceId, from, to)
      movedListeners.tell(workspaceId, from, to)
    })
    if (online) void replica.join()
    return replica
  }

  function move(workspaceId: WorkspaceId, from: string, to: string): void {
    for (const entry of [...entries.values()]) {
      const { replica } = entry
      const path = movedPath(replica.path, { from, to })
      if (entry.workspaceId !== workspaceId || path === replica.path) continue
      entries.delete(entry.key)
      entry.key = `${workspaceId}:${path}`
      // With another copy there this one only brings what the server lacks. What that one's person did is gone with its text.
      entries.get(entry.key)?.replica.undo.replaceSteps(replica.undo.steps())
      while (entries.has(entry.key)) entry.key += '+'
      entries.set(entry.key, entry)
      replica.moveTo(path)
      if (online) void replica.join()
    }
  }

  function release(replica: DocumentReplica): void {
    for (const entry of entries.values()) {
      if (entry.replica !== replica) continue
      entry.uses--
      drop(entry)
      return
    }
  }

  return {
    acquire,
    release,
    move,
    onMoved: movedListeners.add,
    recover(workspaceId) {
      for (const path of deps.unsaved.paths(workspaceId)) {
        const replica = acquire(workspaceId, path)
        const stop = replica.onStatus(({ phase }) => {
          if (phase === 'opening') return
          stop()
          release(replica)
        })
      }
    },
    retryMissing(folders) {
      for (const { replica } of entries.values()) {
        const folder = replica.path.slice(0, Math.max(0, replica.path.lastIndexOf('/')))
        if (online && replica.status.phase === 'missing' && folders.includes(folder)) void replica.join()
      }
    },
    kept: () => [...entries.values()].reduce((sum, { replica }) => sum + replica.status.kept, 0),
  }
}
