import type { HunkId, ThreadId } from '../../core/protocol/ids.ts'
import type { Method } from '../../core/protocol/methods.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { hunksToReview } from '../../core/state/review.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** Judging what the model wrote. */
export interface ReviewSlice {
  /** The review lies over the editor. */
  readonly reviewOpen: boolean
  openReview(): void
  closeReview(): void
  keepHunks(ids: readonly HunkId[]): Promise<void>
  /** Takes them out and offers the way back. */
  undoHunks(ids: readonly HunkId[]): Promise<void>
  /** Makes them unreviewed again; what was undone comes back. */
  takeBackHunks(ids: readonly HunkId[]): Promise<void>
  /** A wish to judge the hunk at the caret: the editor knows which that is. Another object with each. */
  readonly judgement: { readonly verdict: 'keep' | 'undo' } | undefined
  judgeAtCaret(verdict: 'keep' | 'undo'): void
  /** Goes to the next unreviewed hunk of any file, or to the one before. */
  stepHunk(by: 1 | -1): void
}

type Needs = ReviewSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> &
  Pick<DocumentsSlice, 'openFile'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
  }

/** As many as one request takes. */
const idsAtMost = 2000

export function createReviewSlice({ get, set, deps }: SliceTools<Needs>): ReviewSlice {
  async function judge(
    method: Extract<Method, `review/${string}`>,
    ids: readonly HunkId[],
    threadId = get().threadId,
  ): Promise<readonly HunkId[]> {
    const changed: HunkId[] = []
    if (!threadId) return changed
    try {
      for (let at = 0; at < ids.length; at += idsAtMost) {
        const hunkIds = ids.slice(at, at + idsAtMost)
        changed.push(...(await deps.connection.request(method, { threadId, hunkIds })).hunkIds)
      }
    } catch (error) {
      get().notifyFailure(error)
    }
    return changed
  }

  let visited: HunkId | undefined

  return {
    reviewOpen: false,
    judgement: undefined,
    judgeAtCaret: (verdict) => set({ judgement: { verdict } }),
    stepHunk(by) {
      const { thread, openFile } = get()
      const all = thread ? hunksToReview(thread) : []
      const from = all.findIndex(({ hunk }) => hunk.id === visited)
      const others = [...all.slice(from + 1), ...all.slice(0, Math.max(0, from))]
      const next = (by === 1 ? others : others.toReversed()).find(({ state }) => state === 'unreviewed')
      if (!next) return
      visited = next.hunk.id
      openFile(next.path, { line: next.hunk.startLine, hunkId: visited })
    },
    openReview: () => set({ reviewOpen: true }),
    closeReview: () => set({ reviewOpen: false }),
    async keepHunks(ids) {
      await judge('review/keep', ids)
    },
    async undoHunks(ids) {
      const { threadId } = get()
      const undone = await judge('review/undo', ids)
      if (undone.length === 0) return
      get().notify({
        tone: 'info',
        key: 'review.undoneNotice',
        params: { count: undone.length },
        // The person may be in another thread by then.
        action: { key: 'review.takeBack', run: () => void judge('review/takeBack', undone, threadId) },
      })
    },
    async takeBackHunks(ids) {
      await judge('review/takeBack', ids)
    },
  }
}
