import type { HunkId, ThreadId } from '../../core/protocol/ids.ts'
import type { Method } from '../../core/protocol/methods.ts'
import type { LeftFile } from '../../core/protocol/rewind.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { hunksToReview } from '../../core/state/review.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { threadOfHunk, threadsAtWork } from './selectors.ts'
import type { SliceTools } from './slice.ts'

/** Judging what the model wrote. */
export interface ReviewSlice {
  /** The review lies over the editor. */
  readonly reviewOpen: boolean
  openReview(): void
  closeReview(): void
  /** Answers those that were not kept before. */
  keepHunks(ids: readonly HunkId[]): Promise<readonly HunkId[]>
  /** Takes them out and offers the way back, unless `quietly`. Answers those that were there. */
  undoHunks(ids: readonly HunkId[], options?: { readonly quietly?: boolean }): Promise<readonly HunkId[]>
  /** Makes them unreviewed again; what was undone comes back. */
  takeBackHunks(ids: readonly HunkId[]): Promise<void>
  /** A wish to judge the hunk at the caret: the editor knows which that is. Another object with each. */
  readonly judgement: { readonly verdict: 'keep' | 'undo' } | undefined
  judgeAtCaret(verdict: 'keep' | 'undo'): void
  /** Goes to the next unreviewed hunk of any file, or to the one before. */
  stepHunk(by: 1 | -1): void
}

type Needs = ReviewSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure' | 'notifyLeft'> &
  Pick<DocumentsSlice, 'openFile'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
    readonly inlineThreads: readonly ThreadState[]
    followInline(threadId: ThreadId): void
  }

type Judged = ReadonlyMap<ThreadId, readonly HunkId[]>

/** As many as one request takes. */
const idsAtMost = 2000

export function createReviewSlice({ get, set, deps }: SliceTools<Needs>): ReviewSlice {
  /** Hunks by the thread they were written in: only there they can be judged. */
  function byThread(ids: readonly HunkId[]): Judged {
    const threads = new Map<ThreadId, HunkId[]>()
    for (const id of ids) {
      const threadId = threadOfHunk(get(), id)?.id ?? get().threadId
      if (threadId) threads.set(threadId, [...(threads.get(threadId) ?? []), id])
    }
    return threads
  }

  /** Answers what it changed, and tells what it could not. */
  async function judge(method: Extract<Method, `review/${string}`>, judged: Judged): Promise<Judged> {
    const changed = new Map<ThreadId, readonly HunkId[]>()
    const left: LeftFile[] = []
    let undoneBefore = 0
    try {
      for (const [threadId, ids] of judged) {
        for (let at = 0; at < ids.length; at += idsAtMost) {
          const hunkIds = ids.slice(at, at + idsAtMost)
          const answer = await deps.connection.request(method, { threadId, hunkIds })
          left.push(...answer.left)
          undoneBefore += answer.undone.length
          if (answer.hunkIds.length > 0)
            changed.set(threadId, [...(changed.get(threadId) ?? []), ...answer.hunkIds])
        }
      }
    } catch (error) {
      get().notifyFailure(error)
    }
    get().notifyLeft(left)
    if (undoneBefore > 0)
      get().notify({ tone: 'info', key: 'review.undoneBefore', params: { count: undoneBefore } })
    return changed
  }

  async function takeBack(judged: Judged): Promise<void> {
    await judge('review/takeBack', judged)
    // An edit in place is followed no more once it is judged.
    for (const threadId of judged.keys()) get().followInline(threadId)
  }

  let visited: HunkId | undefined

  return {
    reviewOpen: false,
    judgement: undefined,
    judgeAtCaret: (verdict) => set({ judgement: { verdict } }),
    stepHunk(by) {
      const { openFile } = get()
      const all = threadsAtWork(get()).flatMap(hunksToReview)
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
      return [...(await judge('review/keep', byThread(ids))).values()].flat()
    },
    async undoHunks(ids, { quietly = false } = {}) {
      const undone = await judge('review/undo', byThread(ids))
      const all = [...undone.values()].flat()
      const count = all.length
      if (count === 0 || quietly) return all
      get().notify({
        tone: 'info',
        key: 'review.undoneNotice',
        params: { count },
        // The person may be in another thread by then.
        action: { key: 'review.takeBack', run: () => void takeBack(undone) },
      })
      return all
    },
    takeBackHunks: (ids) => takeBack(byThread(ids)),
  }
}
