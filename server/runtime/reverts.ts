import type { Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { HunkId, RewindId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { RewindScope } from '../../core/protocol/rewind.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { asksAside, isSetAside } from '../../core/state/set-aside.ts'
import type { Documents, RevertDirection, RevertFile, TurnSnapshots } from '../documents/documents.ts'
import type { Store } from '../store/store.ts'
import { filesToUndo as filesOfHunks, filesToBringBack, toKeep, toTakeBack } from './hunk-review.ts'
import { pathsOf, Rewinds } from './rewinds.ts'
import { bringIn, takeOutHalf } from './set-aside.ts'
import { checkDirection, filesToRedo, filesToUndo } from './turn-revert.ts'
import { type Revert, UnfinishedRevert } from './unfinished-revert.ts'

interface Options {
  readonly threadId: string
  readonly workspaceId: WorkspaceId
  readonly store: Store
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly random: Random
  readonly onBug: (error: unknown, where: string) => void
  readonly state: () => ThreadState
  readonly runningTurn: () => TurnId | undefined
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  /** While the work runs the thread stays in memory. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
}

/** Keeping what one thread's turns wrote, taking it out and bringing it back: whole turns, single hunks, all from a turn on. */
export class Reverts {
  readonly #options: Options
  readonly #rewinds: Rewinds
  readonly #unfinished: UnfinishedRevert
  /** Turns whose edits are being taken out or brought back now. */
  readonly #reverting = new Set<TurnId>()
  /** The last of what changes hunks. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: Options) {
    this.#options = options
    const { threadId, store, onBug } = options
    this.#rewinds = new Rewinds(options)
    this.#unfinished = new UnfinishedRevert({ threadId, store, onBug })
  }

  /** Takes the turn's edits out, or brings them back. */
  revert(turnId: TurnId, direction: RevertDirection): Promise<ResultOf<'turn/undo'>> {
    return this.#options.hold(async () => {
      const turn = this.#turn(turnId)
      if (this.#options.runningTurn() === turnId) {
        throw new RequestError('conflict', 'The turn is still running; stop it first.')
      }
      if (this.#reverting.has(turnId)) {
        throw new RequestError('conflict', 'Its edits are being taken out or brought back already.')
      }
      if (direction === 'undo' || !isSetAside(turn)) checkDirection(turn, direction)
      this.#reverting.add(turnId)
      try {
        return await this.inOrder(() => this.#revertTurn(turnId, direction))
      } finally {
        this.#reverting.delete(turnId)
      }
    })
  }

  /** The person wants the hunks as they are. Answers those that were not kept before, and those there are not any more. */
  keep(ids: readonly HunkId[]): Promise<ResultOf<'review/keep'>> {
    return this.inOrder(async () => {
      const { hunkIds, undone } = toKeep(this.#options.state(), new Set(ids))
      if (hunkIds.length > 0) {
        this.#options.publish({ type: 'review/kept', hunkIds })
        await this.#options.stored()
      }
      return { hunkIds, left: [], undone }
    })
  }

  /** Takes single hunks out. Answers those that were there, and files that are as they were. */
  undo(ids: readonly HunkId[]): Promise<ResultOf<'review/undo'>> {
    return this.inOrder(() => this.#noted({ hunkIds: [...ids], direction: 'undo' }, () => this.#undo(ids)))
  }

  /** Makes hunks unreviewed again, and brings back those that were undone by themselves. Answers those that change. */
  takeBack(ids: readonly HunkId[]): Promise<ResultOf<'review/takeBack'>> {
    return this.inOrder(() =>
      this.#noted({ hunkIds: [...ids], direction: 'redo' }, () => this.#takeBack(ids)),
    )
  }

  previewRewind(turnId: TurnId): Promise<ResultOf<'thread/rewindPreview'>> {
    return this.inOrder(() => this.#rewinds.preview(turnId))
  }

  /** Goes back to before the turn. No turn may run or begin meanwhile. */
  rewind(turnId: TurnId, what: RewindScope): Promise<ResultOf<'thread/rewind'>> {
    return this.inOrder(() => {
      const rewind = this.#rewinds.plan(turnId, what)
      return this.#noted(rewind, () => this.#rewinds.rewind(rewind))
    })
  }

  /** Undoes the latest rewind. No turn may run or begin meanwhile. */
  unrewind(rewindId: RewindId): Promise<ResultOf<'thread/unrewind'>> {
    return this.inOrder(() => this.#noted({ unrewindId: rewindId }, () => this.#rewinds.unrewind(rewindId)))
  }

  async #undo(ids: readonly HunkId[]): Promise<ResultOf<'review/undo'>> {
    const files = filesOfHunks(this.#options.state(), new Set(ids))
    if (files.length === 0) return { hunkIds: [], left: [], undone: [] }
    const { inverse, left } = await this.#change(files, 'undo')
    const hunkIds = files.flatMap(({ hunks }) => hunks.map(({ id }) => id)).filter((id) => id in inverse)
    if (hunkIds.length > 0) {
      this.#options.publish({ type: 'review/undone', inverse })
      await this.#options.stored()
    }
    return { hunkIds, left: [...left], undone: [] }
  }

  async #takeBack(ids: readonly HunkId[]): Promise<ResultOf<'review/takeBack'>> {
    const asked = toTakeBack(this.#options.state(), new Set(ids))
    if (asked.length === 0) return { hunkIds: [], left: [], undone: [] }
    const files = filesToBringBack(this.#options.state(), new Set(ids))
    const { inverse: changes, left } = await this.#change(files, 'redo')
    // What can't be brought back now, its file being no text, stays undone with the way back.
    const wanted = new Set(files.flatMap(({ hunks }) => hunks.map(({ id }) => id)))
    const hunkIds = asked.filter((id) => !wanted.has(id) || changes[id] !== undefined)
    if (hunkIds.length > 0) {
      this.#options.publish({ type: 'review/takenBack', hunkIds, changes })
      await this.#options.stored()
    }
    return { hunkIds, left: [...left], undone: [] }
  }

  #change(files: readonly RevertFile[], direction: RevertDirection) {
    const { documents, workspaceId } = this.#options
    return documents.revert(workspaceId, { files, direction, whenGone: 'make' })
  }

  /** What changes hunks happens one after the other: each goes by what the one before has left. */
  inOrder<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.hold(() => {
      const result = this.#last.then(work)
      this.#last = result.catch(() => undefined)
      return result
    })
  }

  async #revertTurn(turnId: TurnId, direction: RevertDirection) {
    // What came before it in order may have changed the turn.
    return this.#noted({ turnId, direction }, () => this.#revert(this.#turn(turnId), direction))
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

  async #revert(turn: Turn, direction: RevertDirection): Promise<ResultOf<'turn/undo'>> {
    const turnId = turn.id
    if (direction === 'redo' && isSetAside(turn)) return this.#bringIn(turnId)
    const files =
      direction === 'undo' ? filesToUndo([turn]) : filesToRedo(turn, { hunk: () => true, withoutHunks: true })
    const { inverse: changes, left } = await this.#change(files, direction)
    const changed = pathsOf(files, left)
    // With all of it left where it is, the turn is neither undone nor brought back.
    if (changed.length === 0 && left.length > 0) return { hunks: 0, files: [], left: [...left] }
    this.#options.publish(
      direction === 'undo'
        ? { type: 'turn/undone', turnId, inverse: changes }
        : { type: 'turn/redone', turnId, changes },
    )
    await this.#options.stored()
    return { hunks: Object.keys(changes).length, files: changed, left: [...left] }
  }

  /** What was set aside is written into the files. */
  async #bringIn(turnId: TurnId): Promise<ResultOf<'turn/redo'>> {
    await bringIn(this.#aside(turnId))
    await this.#options.stored()
    const files = filesToUndo([this.#turn(turnId)])
    return {
      hunks: files.flatMap(({ hunks }) => hunks).length,
      files: files.map(({ path }) => path),
      left: [],
    }
  }

  #aside(turnId: TurnId): Parameters<typeof bringIn>[0] {
    const { documents, workspaceId, snapshots, publish } = this.#options
    return { documents, workspaceId, snapshots, publish, turn: () => this.#turn(turnId) }
  }

  #turn(turnId: TurnId): Turn {
    const turn = this.#options.state().turns.find(({ id }) => id === turnId)
    if (!turn) throw new RequestError('notFound', 'There is no such turn in this thread.')
    return turn
  }

  /** What a crash cut off in the middle is brought to its end. */
  async finish(): Promise<void> {
    const found = await this.#unfinished.read()
    if (!found) return
    await this.#finish(found)
    this.#unfinished.clear()
  }

  async #finish(found: Revert): Promise<void> {
    if ('rewindId' in found) {
      if (!this.#rewinds.isDone(found)) await this.#rewinds.rewind(found)
    } else if ('unrewindId' in found) {
      if (this.#rewinds.isDone({ rewindId: found.unrewindId })) await this.#rewinds.unrewind(found.unrewindId)
    } else if ('hunkIds' in found) {
      if (found.direction === 'undo') await this.#undo(found.hunkIds)
      else await this.#takeBack(found.hunkIds)
    } else {
      const turn = this.#options.state().turns.find(({ id }) => id === found.turnId)
      if (turn && asksAside(turn) && turn.undone === undefined && found.direction === 'redo')
        await takeOutHalf(this.#aside(turn.id))
      else if (turn && (turn.undone !== undefined) === (found.direction === 'redo'))
        await this.#revert(turn, found.direction)
    }
  }
}
