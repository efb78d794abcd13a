import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { AsideEdit } from './aside-edit.ts'
import { readDiskFile } from './disk-file.ts'
import { followDisk } from './disk-renames.ts'
import type { Documents } from './documents.ts'
import { LiveEdit } from './edit-session.ts'
import { previewRevert } from './preview-revert.ts'
import { recoverTurn } from './recover-turn.ts'
import { renameFiles } from './rename-files.ts'
import { revertFiles } from './revert-files.ts'
import { visible, WorkspaceDocuments } from './workspace-documents.ts'

export interface DocumentsOptions {
  readonly store: Store
  readonly workspaces: (id: WorkspaceId) => Workspace | undefined
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly onBug?: (error: unknown, where: string) => void
}

type SavedListener = Parameters<Documents['onSaved']>[0]
type MergedListener = Parameters<Documents['onMerged']>[0]
type MovedListener = Parameters<Documents['onMoved']>[0]
type TextListener = Parameters<Documents['onText']>[0]

export function createDocuments(options: DocumentsOptions): Documents {
  const { store, clock, random, timers, onBug = () => undefined } = options
  const byWorkspace = new Map<WorkspaceId, WorkspaceDocuments>()
  const savedListeners = new Set<SavedListener>()
  const mergedListeners = new Set<MergedListener>()
  const movedListeners = new Set<MovedListener>()
  const textListeners = new Set<TextListener>()

  function documentsOf(id: WorkspaceId): WorkspaceDocuments {
    const known = byWorkspace.get(id)
    if (known !== undefined) return known
    const workspace = options.workspaces(id)
    if (workspace === undefined) throw new RequestError('notFound', 'There is no such workspace.')
    const created = new WorkspaceDocuments({
      workspace,
      store,
      clock,
      random,
      timers,
      onBug,
      onSaved: (path, saved, problem) => {
        for (const listener of savedListeners) listener(id, path, saved, problem)
      },
      onMerged: (path, merged) => {
        for (const listener of mergedListeners) listener(id, path, merged)
      },
      followDisk: (documents, changes) => followDisk(documents, store, changes),
      onMoved: (move) => {
        for (const listener of movedListeners) listener(id, move)
      },
      onText: (path) => {
        for (const listener of textListeners) listener(id, path)
      },
    })
    byWorkspace.set(id, created)
    return created
  }

  return {
    async open(workspaceId, path) {
      return visible(await documentsOf(workspaceId).open(path))
    },

    async readText(workspaceId, path) {
      const documents = documentsOf(workspaceId)
      await documents.recovered()
      if (documents.isOpen(path)) {
        const opened = visible(await documents.open(path))
        return opened.ok ? opened.value.text() : undefined
      }
      const file = await readDiskFile(documents.workspace.guard, path)
      return file.kind === 'text' ? file.text : undefined
    },

    async save(workspaceId, path) {
      const opened = visible(await documentsOf(workspaceId).open(path))
      if (!opened.ok) throw new RequestError('notFound', `There is no text file ${path}.`)
      const document = opened.value
      if (document.readOnly) throw new RequestError('forbidden', `${path} is read-only.`)
      document.present()
      await document.mirror.flush()
    },

    flush: async (workspaceId) => documentsOf(workspaceId).flush(),

    rename: async (workspaceId, path, to) => renameFiles(documentsOf(workspaceId), store, { from: path, to }),

    beginEdit(edit) {
      const documents = documentsOf(edit.workspaceId)
      const { aside, ...options } = edit
      if (aside) return new AsideEdit({ ...options, aside, documents, clock, timers, onBug })
      return new LiveEdit({ ...options, documents, store, clock, random, timers, onBug })
    },

    revert: async (workspaceId, request) => revertFiles(documentsOf(workspaceId), store, request),

    previewRevert: async (workspaceId, files) => previewRevert(documentsOf(workspaceId), store, files),

    recover: async (workspaceId, turn) => recoverTurn(documentsOf(workspaceId), turn),

    onSaved(listener) {
      savedListeners.add(listener)
      return () => savedListeners.delete(listener)
    },

    onMerged(listener) {
      mergedListeners.add(listener)
      return () => mergedListeners.delete(listener)
    },

    onMoved(listener) {
      movedListeners.add(listener)
      return () => movedListeners.delete(listener)
    },
    movedTo: async (workspaceId, path) => documentsOf(workspaceId).movedTo(path),
    moves: async (workspaceId) => documentsOf(workspaceId).moves(),

    lastMerge: (workspaceId, path) => documentsOf(workspaceId).lastMerge(path),
    toldMerge: (workspaceId, path) => documentsOf(workspaceId).toldMerge(path),

    onText(listener) {
      textListeners.add(listener)
      return () => textListeners.delete(listener)
    },

    async close() {
      await Promise.all([...byWorkspace.values()].map((documents) => documents.close()))
      byWorkspace.clear()
    },
  }
}
