import { z } from 'zod'
import { isWithin, movedPath } from '../../core/lib/moved-path.ts'
import type { HunkId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { DiskProblem } from '../../core/protocol/workspace.ts'
import type { DocumentReplica, DocumentStatus } from '../editor/document-replica.ts'
import { createDocumentReplicas, type DocumentReplicas } from '../editor/document-replicas.ts'
import { createUnsavedEditsStorage } from '../editor/unsaved-edits.ts'
import type { LayoutSlice } from './layout-slice.ts'
import { createMergedNotice } from './merged-notice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

/** Where the person is in the active document. */
export interface EditorPlace {
  readonly cursor: PromptContext['cursor']
  readonly selection: PromptContext['selection']
}

/** Open documents as tabs, and where the person is in them. */
export interface DocumentsSlice extends EditorPlace {
  readonly openPaths: readonly string[]
  readonly activePath: string | undefined
  /** What to say of each open document, by path. */
  readonly documents: Readonly<Record<string, DocumentStatus>>
  /** Why a document is not on disk although it is safe on the server, by path. */
  readonly diskProblems: Readonly<Record<string, DiskProblem>>
  /** Text the server made anew without: the person's words, by path, until they are dismissed. */
  readonly recovered: Readonly<Record<string, string>>
  /** Problems the editor knows of open documents, by path. */
  readonly problems: Readonly<Record<string, ProblemCount>>
  /** Problems of error severity in open documents. */
  readonly errorCount: number
  /** The editor opens and shows what the model writes. */
  readonly following: boolean
  /** The person scrolled away while this turn wrote: it is not followed. */
  readonly unfollowedTurn: TurnId | undefined
  /** Rises each time the editor is asked to take the focus. */
  readonly editorFocus: number
  /** A wish to show a line; `id` rises with each. */
  readonly reveal:
    | {
        readonly id: number
        readonly path: string
        readonly line: number
        /** Where this hunk is now, if it is there still. */
        readonly hunkId: HunkId | undefined
      }
    | undefined
  readonly replicas: DocumentReplicas
  /** Opens it in a tab and shows `line` (from 1) when given. `quietly` leaves the focus where it is. */
  openFile(
    path: string,
    options?: { readonly line?: number; readonly hunkId?: HunkId; readonly quietly?: boolean },
  ): void
  closeFile(path: string): void
  /** Brings back the tabs of a workspace as they were. */
  restoreTabs(workspaceId: WorkspaceId): void
  /** A file or folder has another path: its tabs follow. */
  moveTabs(from: string, to: string): void
  retryDocument(path: string): void
  /** Has the text written to disk now, where it is not. */
  saveDocument(path: string): void
  /** The person asked to save; rises so that the word is shown again. */
  readonly saveWishes: number
  noteSaved(): void
  setPlace(place: EditorPlace): void
  setProblems(path: string, count: ProblemCount): void
  setFollowing(following: boolean): void
  unfollowTurn(turnId: TurnId): void
  dismissRecovered(path: string): void
  /** Where the workspace's pages are served, and which there are. */
  openPreview(workspaceId: WorkspaceId): Promise<{ readonly base: string; readonly pages: readonly string[] }>
  /** Where the person is: sent with a prompt. */
  promptContext(): PromptContext
}

export interface ProblemCount {
  readonly errors: number
  readonly warnings: number
  /** A model is in the middle of the text: these are from before, and what of the new text is wrong is not known yet. */
  readonly pending?: boolean
  /** Each with its place, as the model is told of them. */
  readonly texts?: readonly string[]
}

/** Said by shape: the review slice and that of files know this one. */
interface Others {
  closeReview(): void
  readonly renaming: string | undefined
}

type Needs = DocumentsSlice &
  Pick<WorkspaceSlice, 'workspaceId'> &
  Pick<LayoutSlice, 'phonePane'> &
  Pick<NoticeSlice, 'notices' | 'notify' | 'notifyFailure'> &
  Others

const tabsSchema = z.object({ paths: z.array(z.string()).max(50), active: z.string().optional() })
/** As many as a prompt's context takes. */
const openAtMost = 50

export function createDocumentsSlice({ get, set, deps }: SliceTools<Needs>): DocumentsSlice {
  const { connection, clock, storage, schedule, scheduleOthers, scheduleUnseen } = deps
  const replicas = createDocumentReplicas({
    connection,
    clock,
    schedule,
    scheduleOthers,
    scheduleUnseen,
    unsaved: createUnsavedEditsStorage(storage),
  })
  const held = new Map<string, { readonly replica: DocumentReplica; readonly letGo: () => void }>()
  const tellMerged = createMergedNotice(get, storage)
  let shownWorkspace: WorkspaceId | undefined

  connection.onEvent(({ topic, event }) => {
    if (topic !== `workspace:${shownWorkspace}`) return
    if (event.type === 'files/changed') replicas.retryMissing(event.folders)
    if (event.type === 'document/merged' && get().openPaths.includes(event.path))
      tellMerged(event.path, event)
    if (event.type === 'file/moved') tellMoved(event.from, event.to)
    if (event.type !== 'document/saved') return
    const { [event.path]: before, ...others } = get().diskProblems
    if (event.problem !== undefined) set({ diskProblems: { ...others, [event.path]: event.problem } })
    else if (before !== undefined && event.saved) set({ diskProblems: others })
  })

  function hold(workspaceId: WorkspaceId, path: string): void {
    if (held.has(path)) return
    const replica = replicas.acquire(workspaceId, path)
    const show = (status: DocumentStatus) => set({ documents: { ...get().documents, [path]: status } })
    const stopStatus = replica.onStatus(show)
    const stopReplaced = replica.onReplaced((lost) => {
      if (lost === undefined) return
      storage.setItem(recoveredKey(workspaceId, path), lost)
      set({ recovered: { ...get().recovered, [path]: lost } })
    })
    const stopMerged = replica.onMerged((merged) => tellMerged(path, merged))
    const kept = storage.getItem(recoveredKey(workspaceId, path))
    if (kept !== null) set({ recovered: { ...get().recovered, [path]: kept } })
    show(replica.status)
    const letGo = () => {
      stopStatus()
      stopReplaced()
      stopMerged()
      held.delete(path)
      const { [path]: _status, ...documents } = get().documents
      const { [path]: _count, ...problems } = get().problems
      set({ documents, problems, errorCount: countErrors(problems) })
      replicas.release(replica)
    }
    held.set(path, { replica, letGo })
  }

  function moveRecovered(workspaceId: WorkspaceId, from: string, to: string): void {
    const { [from]: text, ...recovered } = get().recovered
    if (text === undefined) return
    storage.setItem(recoveredKey(workspaceId, to), text)
    storage.removeItem(recoveredKey(workspaceId, from))
    set({ recovered: { ...recovered, [to]: text } })
  }

  function tellMoved(from: string, to: string): void {
    const { openPaths, moveTabs, notify } = get()
    const isOpen = openPaths.some((path) => isWithin(path, from))
    moveTabs(from, to)
    // Who renamed it need not be told.
    if (!isOpen || get().renaming === from) return
    const [name, newName] = folderOf(from) === folderOf(to) ? [nameOf(from), nameOf(to)] : [from, to]
    notify({ tone: 'info', key: 'editor.renamed', params: { from: name, to: newName } })
  }
  replicas.onMoved((workspaceId, from, to) => {
    if (workspaceId === shownWorkspace) tellMoved(from, to)
  })

  function rememberTabs(): void {
    if (!shownWorkspace) return
    const { openPaths, activePath } = get()
    const tabs: z.infer<typeof tabsSchema> = { paths: [...openPaths] }
    if (activePath !== undefined) tabs.active = activePath
    storage.setItem(tabsKey(shownWorkspace), JSON.stringify(tabs))
  }

  /** A tab's document is joined when the tab is first shown. */
  function activate(activePath: string | undefined): void {
    if (activePath !== undefined && shownWorkspace) hold(shownWorkspace, activePath)
    if (activePath !== get().activePath) set({ activePath, cursor: undefined, selection: undefined })
    rememberTabs()
  }

  return {
    openPaths: [],
    activePath: undefined,
    documents: {},
    diskProblems: {},
    recovered: {},
    problems: {},
    errorCount: 0,
    following: true,
    unfollowedTurn: undefined,
    editorFocus: 0,
    reveal: undefined,
    cursor: undefined,
    selection: undefined,
    replicas,

    openFile(path, { line, hunkId, quietly = false } = {}) {
      const { workspaceId } = get()
      if (!workspaceId) return
      get().restoreTabs(workspaceId)
      const { openPaths } = get()
      if (!openPaths.includes(path)) {
        const [oldest] = openPaths
        if (openPaths.length >= openAtMost && oldest !== undefined) get().closeFile(oldest)
        set({ openPaths: [...get().openPaths, path] })
      }
      activate(path)
      if (!quietly) set({ editorFocus: get().editorFocus + 1, phonePane: 'editor' })
      if (line !== undefined) set({ reveal: { id: (get().reveal?.id ?? 0) + 1, path, line, hunkId } })
    },

    closeFile(path) {
      const { openPaths, activePath } = get()
      const index = openPaths.indexOf(path)
      if (index < 0) return
      const left = openPaths.filter((other) => other !== path)
      set({ openPaths: left })
      activate(activePath === path ? (left[index] ?? left[index - 1]) : activePath)
      held.get(path)?.letGo()
    },

    restoreTabs(workspaceId) {
      if (workspaceId === shownWorkspace) return
      for (const { letGo } of [...held.values()]) letGo()
      shownWorkspace = workspaceId
      const tabs = readTabs(storage.getItem(tabsKey(workspaceId)))
      set({ openPaths: tabs.paths, recovered: {}, diskProblems: {}, reveal: undefined })
      activate(tabs.active !== undefined && tabs.paths.includes(tabs.active) ? tabs.active : tabs.paths[0])
      replicas.recover(workspaceId)
    },

    moveTabs(from, to) {
      if (!shownWorkspace) return
      replicas.move(shownWorkspace, from, to)
      const moved = (path: string) => movedPath(path, { from, to })
      const { openPaths, activePath, diskProblems } = get()
      const left = openPaths.filter((path) => moved(path) !== path)
      if (left.length === 0) return
      // Who is in a text goes on in it: it is there by its new name before the old one goes.
      for (const path of left) {
        moveRecovered(shownWorkspace, path, moved(path))
        if (held.has(path)) hold(shownWorkspace, moved(path))
      }
      const problems = Object.entries(diskProblems).filter(([path]) => !left.includes(path))
      set({ openPaths: [...new Set(openPaths.map(moved))], diskProblems: Object.fromEntries(problems) })
      activate(activePath === undefined ? undefined : moved(activePath))
      for (const path of left) held.get(path)?.letGo()
    },

    retryDocument: (path) => void held.get(path)?.replica.join(),
    saveDocument(path) {
      const { workspaceId } = get()
      if (!workspaceId) return
      connection.request('document/save', { workspaceId, path }).catch((error) => get().notifyFailure(error))
    },
    saveWishes: 0,
    noteSaved: () => set({ saveWishes: get().saveWishes + 1 }),
    setPlace({ cursor, selection }) {
      const { cursor: oldCursor, selection: oldSelection } = get()
      const same =
        cursor?.line === oldCursor?.line &&
        cursor?.column === oldCursor?.column &&
        selection?.startLine === oldSelection?.startLine &&
        selection?.endLine === oldSelection?.endLine &&
        selection?.text === oldSelection?.text
      if (!same) set({ cursor, selection })
    },
    setProblems(path, count) {
      const present = get().problems[path]
      const isSame =
        present?.errors === count.errors &&
        present.warnings === count.warnings &&
        present.pending === count.pending
      if (isSame && present.texts?.join('\n') === count.texts?.join('\n')) return
      const problems = { ...get().problems, [path]: count }
      set({ problems, errorCount: countErrors(problems) })
    },
    setFollowing: (following) => set({ following, unfollowedTurn: undefined }),
    unfollowTurn: (unfollowedTurn) => set({ unfollowedTurn }),
    dismissRecovered(path) {
      const { [path]: _text, ...recovered } = get().recovered
      set({ recovered })
      if (shownWorkspace) storage.removeItem(recoveredKey(shownWorkspace, path))
    },
    async openPreview(workspaceId) {
      const [{ base }, { paths }] = await Promise.all([
        connection.request('preview/open', { workspaceId }),
        connection.request('file/find', { workspaceId, query: '.html', limit: 200 }),
      ])
      return { base, pages: paths.filter((path) => /\.html?$/i.test(path)) }
    },
    promptContext() {
      const { activePath, openPaths, cursor, selection } = get()
      return {
        openPaths: [...openPaths],
        ...(activePath !== undefined && { activePath }),
        ...(selection && { selection }),
        ...(cursor && { cursor }),
      }
    },
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function countErrors(problems: Readonly<Record<string, ProblemCount>>): number {
  return Object.values(problems).reduce((sum, { errors }) => sum + errors, 0)
}

function tabsKey(workspaceId: WorkspaceId): string {
  return `tandem.tabs.${workspaceId}`
}

function recoveredKey(workspaceId: WorkspaceId, path: string): string {
  return `tandem.recovered.${workspaceId}.${path}`
}

function readTabs(text: string | null): z.infer<typeof tabsSchema> {
  try {
    return tabsSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return { paths: [] }
  }
}
