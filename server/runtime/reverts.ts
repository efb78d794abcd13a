import { RequestError } from '../../core/protocol/errors.ts'
import type { HunkId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { Documents } from '../documents/documents.ts'
import type { Store } from '../store/store.ts'
import { filesToBringBack, filesToUndo, toKeep, toTakeBack } from './hunk-review.ts'
import { checkDirection, type RevertDirection, revertFilesOf } from './turn-revert.ts'
import { type Revert, UnfinishedRevert } from './unfinished-revert.ts'

interface Options {
  readonly threadId: string
  readonly workspaceId: WorkspaceId
  readonly store: Store
  readonly documents: Documents
  readonly onBug: (error: unknown, where: string) => void
  readonly state: () => ThreadState
  readonly runningTurn: () => TurnId | undefined
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  /** While the work runs the thread stays in memory. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
}

/** Keeping what one thread's turns wrote, taking it out and bringing it back: whole turns and single hunks. */
export class Reverts {
  readonly #options: Options
  readonly #unfinished: UnfinishedRevert
  /** Turns whose edits are being taken out or brought back now. */
  readonly #reverting = new Set<TurnId>()
  /** The last of what changes hunks. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: Options) {
    this.#options = options
    const { threadId, store, onBug } = options
    this.#unfinished = new UnfinishedRevert({ threadId, store, onBug })
  }

  /** Takes the turn's edits out, or brings them back. */
  revert(turnId: TurnId, direction: RevertDirection): Promise<{ hunks: number; files: string[] }> {
    return this.#options.hold(async () => {
      const turn = this.#options.state().turns.find(({ id }) => id === turnId)
      if (!turn) throw new RequestError('notFound', 'There is no such turn in this thread.')
      if (this.#options.runningTurn() === turnId) {
        throw new RequestError('conflict', 'The turn is still running; stop it first.')
      }
      if (this.#reverting.has(turnId)) {
        throw new RequestError('conflict', 'Its edits are being taken out or brought back already.')
      }
      checkDirection(turn, direction)
      this.#reverting.add(turnId)
      try {
        return await this.#inOrder(() => this.#revertTurn(turnId, direction))
      } finally {
        this.#reverting.delete(turnId)
      }
    })
  }

  /** The person wants the hunks as they are. Answers those that were not kept before. */
  keep(ids: readonly HunkId[]): Promise<HunkId[]> {
    return this.#inOrder(async () => {
      const hunkIds = [...toKeep(this.#options.state(), new Set(ids))]
      if (hunkIds.length === 0) return []
      this.#options.publish({ type: 'review/kept', hunkIds })
      await this.#options.stored()
      return hunkIds
    })
  }

  /** Takes single hunks out. Answers those that were there. */
  undo(ids: readonly HunkId[]): Promise<HunkId[]> {
    return this.#inOrder(() => this.#noted({ hunkIds: [...ids], direction: 'undo' }, () => this.#undo(ids)))
  }

  /** Makes hunks unreviewed again, and brings back those that were undone by themselves. Answers those that change. */
  takeBack(ids: readonly HunkId[]): Promise<HunkId[]> {
    return this.#inOrder(() =>
      this.#noted({ hunkIds: [...ids], direction: 'redo' }, () => this.#takeBack(ids)),
    )
  }

  async #undo(ids: readonly HunkId[]): Promise<HunkId[]> {
    const files = filesToUndo(this.#options.state(), new Set(ids))
    if (files.length === 0) return []
    const inverse = await this.#options.documents.revert(this.#options.workspaceId, files)
    this.#options.publish({ type: 'review/undone', inverse })
    await this.#options.stored()
    return files.flatMap(({ hunks }) => hunks.map(({ id }) => id)).filter((id) => inverse[id] !== undefined)
  }

  async #takeBack(ids: readonly HunkId[]): Promise<HunkId[]> {
    const asked = toTakeBack(this.#options.state(), new Set(ids))
    if (asked.length === 0) return []
    const files = filesToBringBack(this.#options.state(), new Set(ids))
    const changes = await this.#options.documents.revert(this.#options.workspaceId, files)
    // What can't be brought back now, its file being no text, stays undone with the way back.
    const wanted = new Set(files.flatMap(({ hunks }) => hunks.map(({ id }) => id)))
    const hunkIds = asked.filter((id) => !wanted.has(id) || changes[id] !== undefined)
    if (hunkIds.length === 0) return []
    this.#options.publish({ type: 'review/takenBack', hunkIds, changes })
    await this.#options.stored()
    return hunkIds
  }

  /** What changes hunks happens one after the other: each goes by what the one before has left. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.hold(() => {
      const result = this.#last.then(work)
      this.#last = result.catch(() => undefined)
      return result
    })
  }

  async #revertTurn(turnId: TurnId, direction: RevertDirection) {
    // What came before it in order may have changed the turn.
    const turn = this.#options.state().turns.find(({ id }) => id === turnId)
    if (!turn) throw new RequestError('notFound', 'There is no such turn in this thread.')
    return this.#noted({ turnId, direction }, () => this.#revert(turn, direction))
  }

  /** Files are changed one by one: what a crash leaves undone is done when the thread is opened next. */
  async #noted<T>(revert: Revert, work: () => Promise<T>): Promise<T> {
    await this.#unfinished.note(revert)
    try {
      return await work()
    } finally {
      this.#unfinished.clear()
    }
  }

  async #revert(turn: Turn, direction: RevertDirection): Promise<{ hunks: number; files: string[] }> {
    const turnId = turn.id
    const files = revertFilesOf(turn, direction)
    const changes = await this.#options.documents.revert(this.#options.workspaceId, files)
    this.#options.publish(
      direction === 'undo'
        ? { type: 'turn/undone', turnId, inverse: changes }
        : { type: 'turn/redone', turnId, changes },
    )
    await this.#options.stored()
    return { hunks: Object.keys(changes).length, files: [...new Set(files.map(({ path }) => path))] }
  }

  /** An undo or redo that a crash cut off in the middle is brought to its end. */
  async finish(): Promise<void> {
    const found = await this.#unfinished.read()
    if (!found) return
    if ('hunkIds' in found) {
      if (found.direction === 'undo') await this.#undo(found.hunkIds)
      else await this.#takeBack(found.hunkIds)
      this.#unfinished.clear()
      return
    }
    const turn = this.#options.state().turns.find(({ id }) => id === found.turnId)
    if (!turn) return
    if ((turn.undone !== undefined) === (found.direction === 'redo'))
      await this.#revert(turn, found.direction)
    this.#unfinished.clear()
  }
}
