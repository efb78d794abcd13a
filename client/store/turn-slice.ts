import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { isPaused, runningTurn } from './selectors.ts'
import type { SliceTools } from './slice.ts'

/** A place in what the model says or writes. */
export interface GoOnFrom {
  readonly line: string
  /** Which of the turn's lines it is, when it was found by key. */
  readonly at?: number
}

/** Holding the running turn up and turning it round at a place. */
export interface TurnSlice {
  /** The turn this page wants paused, which the server may not have done yet. */
  readonly pauseAsked: TurnId | undefined
  /** Where the next message wants the model to go on from. */
  readonly goOnFrom: GoOnFrom | undefined
  /** The first time pauses, the second time stops. */
  pauseOrStop(): void
  unpause(): void
  stop(): void
  /** Points at a line the model has said, or a file it writes in. */
  pointAt(line: string | undefined): void
  /** Points at the last line of the running turn, then at the one above, and so on. */
  pointUp(): void
  /** The thread has changed from what it was; `undefined`: it came anew. */
  followPause(before: ThreadState | undefined): void
}

type Needs = TurnSlice &
  Pick<NoticeSlice, 'notifyFailure'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
    focusComposer(): void
  }

export function createTurnSlice({ get, set, deps }: SliceTools<Needs>): TurnSlice {
  const { connection } = deps

  function ask(method: 'turn/pause' | 'turn/unpause' | 'turn/interrupt'): Promise<unknown> {
    const { threadId } = get()
    const expectedTurnId = runningTurn(get())?.id
    if (!threadId || !expectedTurnId) return Promise.resolve()
    return connection.request(method, { threadId, expectedTurnId }).catch(get().notifyFailure)
  }

  return {
    pauseAsked: undefined,
    goOnFrom: undefined,
    pauseOrStop() {
      if (isPaused(get())) return get().stop()
      const turnId = runningTurn(get())?.id
      const { threadId } = get()
      if (!threadId || !turnId) return
      set({ pauseAsked: turnId })
      // A turn that has just ended needs no pause: nothing is to be said about that.
      connection
        .request('turn/pause', { threadId, expectedTurnId: turnId })
        .catch(() => set({ pauseAsked: undefined }))
    },
    unpause() {
      set({ pauseAsked: undefined })
      void ask('turn/unpause')
    },
    stop: () => void ask('turn/interrupt'),
    pointAt(line) {
      const words = line?.trim().slice(0, limits.quoteChars)
      set({ goOnFrom: words ? { line: words } : undefined })
      if (words) get().focusComposer()
    },
    pointUp() {
      const turn = runningTurn(get())
      const lines = turn ? linesOf(turn) : []
      const at = Math.max(0, (get().goOnFrom?.at ?? lines.length) - 1)
      const line = lines[at]
      if (line === undefined) return
      set({ goOnFrom: { line, at } })
      get().focusComposer()
    },
    followPause(before) {
      const { pauseAsked, thread } = get()
      if (pauseAsked === undefined) return
      const wasPaused = before ? runningTurn({ thread: before })?.paused === true : true
      if (wasPaused && runningTurn({ thread })?.paused !== true) set({ pauseAsked: undefined })
    },
  }
}

/** Every line of the answer and every file the turn writes in, in their order. */
function linesOf(turn: Turn): readonly string[] {
  return turn.items.flatMap((item) => {
    if (item.type === 'fileChange') return item.files.map(placeOf)
    if (item.type !== 'agentMessage') return []
    return item.text
      .split('\n')
      .map((line) => line.trim().slice(0, limits.quoteChars))
      .filter((line) => /[\p{L}\p{N}]/u.test(line))
  })
}

type FileEdit = Extract<Turn['items'][number], { type: 'fileChange' }>['files'][number]

/** The file's last change, as `path:line`. */
export function placeOf({ path, hunks }: FileEdit): string {
  const hunk = hunks.findLast(({ status }) => status !== 'dropped')
  return hunk ? `${path}:${hunk.startLine}` : path
}
