import { z } from 'zod'
import { type ThreadId, type TurnId, threadIdSchema, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { stands, unreviewedIn } from '../../core/state/review.ts'
import { followThread } from './follow-thread.ts'
import { isRunning } from './selectors.ts'
import type { WorkbenchDeps } from './slice.ts'

/** The threads of edits in place, followed as long as somebody needs them, also over a reload. */
export interface InlineThreads {
  /** `undefined` until it has arrived. */
  of(id: ThreadId | undefined): ThreadState | undefined
  follow(id: ThreadId): void
  /** Follows again what it followed before; other threads are none of its business. */
  followAgain(id: ThreadId): void
  /** Ends following, unless it is shown, runs or has changes nobody has judged. */
  letGo(id: ThreadId): void
  /** Resolves when the page knows it of the turn. */
  known(turnId: TurnId, holds: (turn: Turn) => boolean): Promise<void>
  /** Takes out what stands of these turns, the newest first. */
  undo(id: ThreadId, turns: readonly Turn[]): Promise<void>
  /** Follows what was followed when the page was left. */
  restore(workspaceId: WorkspaceId): void
}

export function createInlineThreads(options: {
  readonly deps: WorkbenchDeps
  readonly workspaceId: () => WorkspaceId | undefined
  /** A field shows it. */
  readonly isShown: (id: ThreadId) => boolean
  readonly onChange: (threads: readonly ThreadState[]) => void
}): InlineThreads {
  const { deps, workspaceId, isShown, onChange } = options
  const { storage } = deps
  const followed = new Map<ThreadId, () => void>()
  /** All that were followed since the page came. */
  const own = new Set<ThreadId>()
  const waiting = new Set<() => boolean>()
  let threads: readonly ThreadState[] = []

  const of = (id: ThreadId | undefined) => threads.find((thread) => thread.id === id)

  function show(next: readonly ThreadState[]): void {
    threads = next
    onChange(next)
  }

  /** Other tabs have theirs in the same list. */
  function remember(id: ThreadId, isFollowed: boolean): void {
    const workspace = workspaceId()
    if (!workspace) return
    const key = followedKey(workspace)
    const others = readIds(storage.getItem(key)).filter((other) => other !== id)
    try {
      storage.setItem(key, JSON.stringify(isFollowed ? [...others, id] : others))
    } catch {
      // A full storage costs the marks after a reload, not the edits.
    }
  }

  function unfollow(id: ThreadId): void {
    followed.get(id)?.()
    followed.delete(id)
    show(threads.filter((thread) => thread.id !== id))
    remember(id, false)
  }

  function letGo(id: ThreadId): void {
    const thread = of(id)
    const last = thread?.turns.at(-1)
    if (!thread || isShown(id) || (last && isRunning(last)) || unreviewedIn(thread).length > 0) return
    unfollow(id)
  }

  function follow(id: ThreadId): void {
    if (followed.has(id)) return
    own.add(id)
    const stop = followThread({
      deps,
      threadId: id,
      onThread(thread) {
        const index = threads.findIndex((other) => other.id === id)
        show(index < 0 ? [...threads, thread] : threads.with(index, thread))
        for (const look of waiting) if (look()) waiting.delete(look)
        letGo(id)
      },
      onRefused: () => unfollow(id),
    })
    followed.set(id, stop)
    remember(id, true)
  }

  return {
    of,
    follow,
    followAgain(id) {
      if (own.has(id)) follow(id)
    },
    letGo,
    known(turnId, holds) {
      return new Promise((resolve) => {
        const look = () => {
          const turn = threads.flatMap(({ turns }) => turns).find(({ id }) => id === turnId)
          if (!turn || !holds(turn)) return false
          resolve()
          return true
        }
        if (!look()) waiting.add(look)
      })
    },
    async undo(threadId, turns) {
      const written = turns.filter((turn) => turn.undone === undefined && stands(turn))
      // One after the other: each goes by the text the one before has left.
      for (const { id: turnId } of written.toReversed()) {
        await deps.connection.request('turn/undo', { threadId, turnId })
      }
    },
    restore(workspace) {
      for (const stop of followed.values()) stop()
      followed.clear()
      show([])
      for (const id of readIds(storage.getItem(followedKey(workspace)))) follow(id)
    },
  }
}

function followedKey(workspaceId: WorkspaceId): string {
  return `tandem.inlineThreads.${workspaceId}`
}

const idsSchema = z.array(threadIdSchema)

function readIds(text: string | null): readonly ThreadId[] {
  try {
    return idsSchema.parse(JSON.parse(text ?? '[]'))
  } catch {
    return []
  }
}
