import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { FileEntry } from '../../core/protocol/workspace.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import type { LayoutSlice } from './layout-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

/** What the page knows of one folder. */
export interface FolderListing {
  readonly entries: readonly FileEntry[]
  /** There is more than one answer holds. */
  readonly truncated: boolean
}

export type EntryNaming =
  | { readonly type: 'new'; readonly kind: FileEntry['kind']; readonly folder: string }
  | { readonly type: 'rename'; readonly path: string }

/** The file tree: folders are asked for when they are opened. */
export interface FilesSlice {
  readonly expandedFolders: readonly string[]
  /** Listings by folder; the root is `''`. */
  readonly folders: Readonly<Record<string, FolderListing>>
  /** A name is being typed: of a new entry in `folder`, or a new one for `path`. */
  readonly naming: EntryNaming | undefined
  /** What this person gives another name at this moment. */
  readonly renaming: string | undefined
  /** Asks for the name of a new file or folder, beside what is open. */
  startNewEntry(kind: FileEntry['kind'], folder?: string): void
  startRename(path: string): void
  stopNaming(): void
  /** Shows the tree of a workspace. */
  openTree(workspaceId: WorkspaceId): void
  toggleFolder(path: string, expanded: boolean): void
  /** Opens all folders on the way to a path. */
  expandTo(path: string): void
  createEntry(path: string, kind: FileEntry['kind']): Promise<boolean>
  renameEntry(path: string, to: string): Promise<boolean>
  /** Moves it to the trash and offers the way back. */
  deleteEntry(path: string): Promise<void>
}

type Needs = FilesSlice &
  Pick<WorkspaceSlice, 'workspaceId'> &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> &
  Pick<DocumentsSlice, 'activePath' | 'openFile' | 'closeFile' | 'openPaths' | 'moveTabs'> &
  Pick<LayoutSlice, 'setPreferences' | 'phonePane'>

export function createFilesSlice({ get, set, deps }: SliceTools<Needs>): FilesSlice {
  const { connection, schedule, storage } = deps
  let shown: WorkspaceId | undefined
  const stale = new Set<string>()
  const asked = new Set<string>()
  let refreshing = false

  connection.onEvent(({ topic, event }) => {
    if (event.type !== 'files/changed' || topic !== `workspace:${shown}`) return
    for (const folder of event.folders) stale.add(folder)
    refreshSoon()
  })
  connection.onStatus((status) => {
    if (status !== 'open' || !shown) return
    for (const folder of Object.keys(get().folders)) stale.add(folder)
    for (const folder of ['', ...get().expandedFolders]) stale.add(folder)
    refreshSoon()
  })

  function refreshSoon(): void {
    if (refreshing) return
    refreshing = true
    schedule(refresh)
  }

  function refresh(): void {
    refreshing = false
    const folders = [...stale].filter((folder) => folder === '' || get().expandedFolders.includes(folder))
    // A closed folder is asked for again when it is opened.
    set({
      folders: without(
        get().folders,
        [...stale].filter((folder) => !folders.includes(folder)),
      ),
    })
    stale.clear()
    for (const folder of folders) void load(folder)
  }

  async function load(folder: string): Promise<void> {
    const workspaceId = shown
    if (!workspaceId || asked.has(folder)) return
    asked.add(folder)
    try {
      const listing = await connection.request('file/list', { workspaceId, path: folder })
      if (workspaceId === shown) set({ folders: { ...get().folders, [folder]: listing } })
    } catch (error) {
      if (workspaceId !== shown) return
      // Gone, or no socket; the next one asks anew.
      if (folder !== '' && isCode(error, 'notFound')) collapse(folder)
      else if (!isCode(error, 'busy')) get().notifyFailure(error)
    } finally {
      asked.delete(folder)
    }
  }

  function collapse(path: string): void {
    const expandedFolders = get().expandedFolders.filter((folder) => folder !== path)
    set({ expandedFolders })
    if (shown) storage.setItem(expandedKey(shown), JSON.stringify(expandedFolders))
  }

  async function attempt(change: (workspaceId: WorkspaceId) => Promise<unknown>): Promise<boolean> {
    const { workspaceId } = get()
    if (!workspaceId) return false
    try {
      await change(workspaceId)
      return true
    } catch (error) {
      get().notifyFailure(error)
      return false
    }
  }

  async function reload(...paths: string[]): Promise<void> {
    await Promise.all([...new Set(paths.map(parentOf))].map(load))
  }

  return {
    expandedFolders: [],
    folders: {},
    naming: undefined,
    renaming: undefined,

    startNewEntry(kind, folder = parentOf(get().activePath ?? '')) {
      get().setPreferences({ sidebarOpen: true, sidebarView: 'files' })
      if (folder !== '') get().expandTo(`${folder}/`)
      set({ naming: { type: 'new', kind, folder }, phonePane: 'files' })
    },
    startRename: (path) => set({ naming: { type: 'rename', path } }),
    stopNaming: () => set({ naming: undefined }),

    openTree(workspaceId) {
      if (workspaceId === shown) return
      shown = workspaceId
      set({ folders: {}, expandedFolders: readPaths(storage.getItem(expandedKey(workspaceId))) })
      for (const folder of ['', ...get().expandedFolders]) void load(folder)
    },

    toggleFolder(path, expanded) {
      if (!expanded) {
        collapse(path)
        return
      }
      if (get().expandedFolders.includes(path)) return
      const expandedFolders = [...get().expandedFolders, path]
      set({ expandedFolders })
      if (shown) storage.setItem(expandedKey(shown), JSON.stringify(expandedFolders))
      if (!get().folders[path]) void load(path)
    },

    expandTo(path) {
      const parts = path.split('/').slice(0, -1)
      for (const index of parts.keys()) get().toggleFolder(parts.slice(0, index + 1).join('/'), true)
    },

    async createEntry(path, kind) {
      const made = await attempt((workspaceId) =>
        connection.request('file/create', { workspaceId, path, kind }),
      )
      if (!made) return false
      get().expandTo(path)
      await reload(path)
      if (kind === 'file') get().openFile(path)
      return true
    },

    async renameEntry(path, to) {
      set({ renaming: path })
      const renamed = await attempt((workspaceId) =>
        connection.request('file/rename', { workspaceId, path, to }),
      )
      set({ renaming: undefined })
      if (!renamed) return false
      get().moveTabs(path, to)
      get().expandTo(to)
      await reload(path, to)
      return true
    },

    async deleteEntry(path) {
      const open = get().openPaths.filter((other) => other === path || other.startsWith(`${path}/`))
      await attempt(async (workspaceId) => {
        const { trashId } = await connection.request('file/delete', { workspaceId, path })
        for (const other of open) get().closeFile(other)
        await reload(path)
        get().notify({
          tone: 'info',
          key: 'files.deleted',
          params: { name: nameOf(path) },
          action: {
            key: 'files.undo',
            run: () =>
              void attempt(async () => {
                await connection.request('file/restore', { workspaceId, trashId })
                await reload(path)
                for (const other of open) get().openFile(other)
              }),
          },
        })
      })
    },
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function without<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))
}

function expandedKey(workspaceId: WorkspaceId): string {
  return `tandem.expanded.${workspaceId}`
}

function readPaths(text: string | null): string[] {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return Array.isArray(value) ? value.filter((path) => typeof path === 'string') : []
  } catch {
    return []
  }
}
