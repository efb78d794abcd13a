import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { ThreadHit, ThreadSummary } from '../../core/protocol/thread.ts'
import { threadToJson, threadToMarkdown } from '../../core/state/export-thread.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { saveFile } from './save-file.ts'
import type { SliceTools } from './slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

/** What a person does with threads as a whole. */
export interface ThreadsSlice {
  /** The turn the conversation is asked to scroll to. */
  readonly turnToShow: TurnId | undefined
  /** What is looked for in all threads; `''`: nothing. */
  readonly threadQuery: string
  /** `undefined` until the first answer. */
  readonly threadHits: readonly ThreadHit[] | undefined
  showTurn(turnId: TurnId | undefined): void
  searchThreads(query: string): void
  pinThread(threadId: ThreadId, pinned: boolean): void
  /** Folds a thread away, or brings it back; offers the way back from folding. */
  archiveThread(threadId: ThreadId, archived: boolean): Promise<void>
  /** Saves it where the browser puts downloads. */
  exportThread(threadId: ThreadId, format: ExportFormat): Promise<void>
}

export type ExportFormat = 'markdown' | 'json'

type Needs = ThreadsSlice & NoticeSlice & Pick<WorkspaceSlice, 'workspaceId'>

export function createThreadsSlice({ get, set, deps }: SliceTools<Needs>): ThreadsSlice {
  const { connection } = deps
  let searching = false

  /** One request at a time: typing faster than the server answers skips what is no longer asked. */
  async function search(): Promise<void> {
    const { threadQuery, workspaceId } = get()
    const query = threadQuery.trim()
    if (searching || query === '' || !workspaceId) return
    searching = true
    try {
      const { hits } = await connection.request('thread/search', { workspaceId, query })
      if (get().threadQuery.trim() !== '') set({ threadHits: hits })
    } catch (error) {
      get().notifyFailure(error)
    }
    searching = false
    if (get().threadQuery.trim() !== query) await search()
  }

  async function archive(threadId: ThreadId, archived: boolean): Promise<void> {
    try {
      await connection.request('thread/archive', { threadId, archived })
    } catch (error) {
      return get().notifyFailure(error)
    }
    if (!archived) return
    const action = { key: 'threads.undoArchive', run: () => void archive(threadId, false) } as const
    get().notify({ tone: 'info', key: 'threads.archivedNotice', action })
  }
  return {
    turnToShow: undefined,
    threadQuery: '',
    threadHits: undefined,
    showTurn: (turnToShow) => set({ turnToShow }),
    searchThreads(query) {
      const threadQuery = query.slice(0, 200)
      set(threadQuery.trim() === '' ? { threadQuery, threadHits: undefined } : { threadQuery })
      void search()
    },
    pinThread(threadId, pinned) {
      connection.request('thread/pin', { threadId, pinned }).catch((error) => get().notifyFailure(error))
    },
    archiveThread: archive,
    async exportThread(threadId, format) {
      try {
        const { thread } = await connection.request('thread/read', { threadId })
        const name = fileName(thread.title)
        saveFile(
          format === 'json'
            ? { name: `${name}.json`, type: 'application/json', text: threadToJson(thread) }
            : {
                name: `${name}.md`,
                type: 'text/markdown',
                text: threadToMarkdown(thread, new Date(thread.createdAt).toISOString()),
              },
        )
      } catch (error) {
        get().notifyFailure(error)
      }
    },
  }
}

/** As lists show them: pinned ones first, archived ones apart. */
export function arrangeThreads(threads: readonly ThreadSummary[]): {
  readonly shown: readonly ThreadSummary[]
  readonly archived: readonly ThreadSummary[]
} {
  const kept = threads.filter(({ archived }) => !archived)
  return {
    shown: [...kept.filter(({ pinned }) => pinned), ...kept.filter(({ pinned }) => !pinned)],
    archived: threads.filter(({ archived }) => archived),
  }
}

/** What every file system takes, in any script. */
function fileName(title: string): string {
  const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')
  return Array.from(name).slice(0, 60).join('') || 'thread'
}
