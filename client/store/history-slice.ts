import type { RewindId, ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { LeftFile, RewindScope } from '../../core/protocol/rewind.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { hunksToReview } from '../../core/state/review.ts'
import type { LayoutSlice } from './layout-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { runningTurn } from './selectors.ts'
import type { SliceTools } from './slice.ts'

/** Going back in a thread, and setting out from an earlier place of it. */
export interface HistorySlice {
  /** To before which turn a person is asked whether to go back. */
  readonly rewindAsk: RewindAsk | undefined
  /** The prompt that is being edited where it stands; it outlives a request that fails. */
  readonly editing: { readonly turnId: TurnId; readonly text: string } | undefined
  /** Shows what going back to before the turn would change. */
  askRewind(turnId: TurnId): Promise<void>
  /** Goes back as asked, and offers the way back. */
  rewind(what: RewindScope): Promise<void>
  unrewind(rewindId: RewindId): Promise<void>
  editPrompt(editing: HistorySlice['editing']): void
  /** Runs the prompt that is edited from where the thread was then. */
  rerun(what: Exclude<RewindScope, 'files'>): Promise<void>
  /** Opens a new thread with the turns up to and with this one. */
  forkThread(turnId: TurnId, title: string): Promise<void>
}

interface RewindAsk {
  readonly threadId: ThreadId
  readonly turnId: TurnId
  /** `undefined` until it has come. */
  readonly preview: ResultOf<'thread/rewindPreview'> | undefined
}

/** Said by shape: the thread slice knows this one. */
interface ThreadOpener {
  openThread(threadId: ThreadId | undefined): void
}

type Needs = HistorySlice &
  ThreadOpener &
  NoticeSlice &
  Pick<LayoutSlice, 'overlay' | 'showOverlay' | 'focusComposer'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
  }

export function createHistorySlice({ get, set, deps }: SliceTools<Needs>): HistorySlice {
  const { connection } = deps

  function tellLeft(left: readonly LeftFile[]): void {
    if (left.length === 0) return
    const paths = left.map(({ path }) => path).join(', ')
    get().notify({ tone: 'danger', key: 'history.left', params: { count: left.length, paths } })
  }

  /** The person may be in another thread by then. */
  async function back(threadId: ThreadId, rewindId: RewindId): Promise<void> {
    try {
      const { left } = await connection.request('thread/unrewind', { threadId, rewindId })
      for (const { id, action } of get().notices) if (action?.key === 'history.undo') get().dismissNotice(id)
      tellLeft(left)
    } catch (error) {
      get().notifyFailure(error)
    }
  }

  const undoing = (threadId: ThreadId, rewindId: RewindId) =>
    ({ key: 'history.undo', run: () => void back(threadId, rewindId) }) as const

  return {
    rewindAsk: undefined,
    editing: undefined,
    async askRewind(turnId) {
      const { threadId } = get()
      if (!threadId) return
      const asked: RewindAsk = { threadId, turnId, preview: undefined }
      set({ rewindAsk: asked })
      get().showOverlay('rewind')
      try {
        const preview = await connection.request('thread/rewindPreview', { threadId, turnId })
        if (get().rewindAsk === asked) set({ rewindAsk: { ...asked, preview } })
      } catch (error) {
        if (get().rewindAsk === asked) get().showOverlay(undefined)
        get().notifyFailure(error)
      }
    },
    async rewind(what) {
      const { rewindAsk } = get()
      if (!rewindAsk) return
      const { threadId, turnId } = rewindAsk
      get().showOverlay(undefined)
      try {
        const { rewindId, turns, files, left } = await connection.request('thread/rewind', {
          threadId,
          turnId,
          what,
        })
        get().notify({
          tone: 'info',
          key: `history.done.${what}`,
          params: { turns, files: files.length },
          action: undoing(threadId, rewindId),
        })
        tellLeft(left)
        // Where the button was that was pressed there may be nothing now.
        if (what !== 'files') get().focusComposer()
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    async unrewind(rewindId) {
      const { threadId } = get()
      if (threadId) await back(threadId, rewindId)
    },
    editPrompt: (editing) => set({ editing }),
    async rerun(what) {
      const { threadId, editing } = get()
      const text = editing?.text.trim() ?? ''
      if (!threadId || !editing || text === '') return
      const { turnId } = editing
      try {
        const { rewindId, left } = await connection.request('turn/rerun', { threadId, turnId, text, what })
        if (get().editing?.turnId === turnId) set({ editing: undefined })
        get().focusComposer()
        get().notify({ tone: 'info', key: 'history.rerun', action: undoing(threadId, rewindId) })
        tellLeft(left)
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    async forkThread(turnId, title) {
      const { threadId } = get()
      if (!threadId) return
      try {
        const forked = await connection.request('thread/fork', { threadId, throughTurnId: turnId, title })
        get().openThread(forked.threadId)
        get().focusComposer()
      } catch (error) {
        get().notifyFailure(error)
      }
    },
  }
}

/** A thread can go back, be asked again and be forked while nothing runs in it. */
export function canGoBack(state: {
  readonly thread: ThreadState | undefined
  /** What is shown is another time. */
  readonly replay: unknown
}): boolean {
  // What a job wrote goes back as a whole, where it came to.
  if (state.thread === undefined || state.thread.job !== undefined) return false
  return state.replay === undefined && runningTurn(state) === undefined
}

/** How many files hold something of the turn and those after it. */
export function filesFrom(thread: ThreadState, turnId: TurnId): number {
  const from = thread.turns.findIndex(({ id }) => id === turnId)
  const hunks = hunksToReview({ ...thread, turns: from < 0 ? [] : thread.turns.slice(from) })
  return new Set(hunks.filter(({ state }) => state !== 'undone').map(({ path }) => path)).size
}
