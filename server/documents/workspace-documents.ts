import { dirname } from 'node:path'
import { isReplaced, isWithin, type Move, movedPath } from '../../core/lib/moved-path.ts'
import { err, ok, type Result } from '../../core/lib/result.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DiskProblem, Merged } from '../../core/protocol/workspace.ts'
import { removeTemporaries } from '../workspace/atomic-write.ts'
import type { DiskChange, Workspace } from '../workspace/workspace.ts'
import type { DocumentProblem, LastMerge } from './documents.ts'
import { type FileMoves, readFileMoves, type TimedMove } from './file-moves.ts'
import { createNewDocument, type LoadOptions, loadDocument } from './load-document.ts'
import { MergePace } from './merge-pace.ts'
import type { DocumentEvents, OpenDocument } from './open-document.ts'
import { readUnsavedList, type UnsavedList } from './unsaved-list.ts'
import { readUntoldMerges, type UntoldMerges } from './untold-merges.ts'

export interface WorkspaceDocumentsOptions
  extends Pick<LoadOptions, 'store' | 'clock' | 'random' | 'timers'> {
  readonly workspace: Workspace
  readonly onSaved: (path: string, saved: boolean, problem: DiskProblem | undefined) => void
  /** People have it open. */
  readonly onMerged: (path: string, merged: Merged) => void
  readonly onText: (path: string) => void
  readonly onMoved: (move: TimedMove) => void
  /** Another program made and removed files: those it renamed are followed before any is looked at. */
  readonly followDisk: (documents: WorkspaceDocuments, changes: readonly DiskChange[]) => Promise<void>
  readonly onBug: (error: unknown, where: string) => void
}

type Opened = Result<OpenDocument, DocumentProblem>

/** The open documents of one workspace: one per path, however many ask for it at once. */
export class WorkspaceDocuments {
  readonly workspace: Workspace
  readonly pace: MergePace
  readonly #options: WorkspaceDocumentsOptions
  readonly #open = new Map<string, Promise<Opened>>()
  readonly #unsaved: Promise<UnsavedList>
  readonly #recovered: Promise<void>
  readonly #lastMerges = new Map<string, LastMerge>()
  readonly #untold: Promise<UntoldMerges>
  #moves: Promise<FileMoves> | undefined
  #lastMove: Promise<void> = Promise.resolve()
  readonly #unsubscribe: () => void
  #cancelClear: (() => void) | undefined

  constructor(options: WorkspaceDocumentsOptions) {
    this.workspace = options.workspace
    this.pace = new MergePace(options)
    this.#options = options
    this.#unsaved = readUnsavedList(options.store, options.workspace.id)
    this.#untold = readUntoldMerges(options.store, options.workspace.id, options.onBug)
    this.#untold.catch((error: unknown) => options.onBug(error, 'merges nobody was told of'))
    this.#recovered = this.#recover()
    this.#recovered.catch((error: unknown) => options.onBug(error, 'unsaved documents'))
    this.#unsubscribe = options.workspace.onDiskChange((changes) => this.#onDiskChange(changes))
  }

  /** The live document, also one whose file is gone but which the journal knows. */
  open(path: string): Promise<Opened> {
    const known = this.#open.get(path)
    if (known !== undefined) return known
    const opening = this.#load(path)
    this.#open.set(path, opening)
    const forget = () => {
      if (this.#open.get(path) === opening) this.#open.delete(path)
    }
    opening.then((opened) => !opened.ok && forget(), forget)
    return opening
  }

  /** A live document for a file to be added, with the text and history of another one; the file comes with `born`. */
  async create(path: string, like?: OpenDocument): Promise<OpenDocument> {
    await this.workspace.guard.forWrite(path)
    const created = createNewDocument(this.#loadOptions(path), { like, unborn: true, readOnly: false })
    this.#open.set(path, Promise.resolve(ok(created)))
    return created
  }

  /** The document for a file that comes from elsewhere; the caller knows that it has none. */
  createEmpty(path: string, readOnly: boolean): OpenDocument {
    const created = createNewDocument(this.#loadOptions(path), { unborn: false, readOnly })
    this.#open.set(path, Promise.resolve(ok(created)))
    return created
  }

  /** The document of a path whose file is another one's; none when it has no history, `there` when it is a file's. */
  async openAbsent(path: string): Promise<OpenDocument | 'there' | undefined> {
    const known = this.#open.get(path)
    const opening = known ?? loadDocument(this.#loadOptions(path), { wasUnsaved: false, isAbsent: true })
    const opened = await opening
    if (!opened.ok) return opened.error.kind === 'notFound' ? undefined : 'there'
    if (!opened.value.mirror.isAbsent || opened.value.mirror.isUnborn) {
      if (!known) await opened.value.close()
      return 'there'
    }
    if (!known) this.#open.set(path, Promise.resolve(opened))
    return opened.value
  }

  /** Moves wait for each other: one that begins finds all in its place. */
  moving(work: () => Promise<void>): Promise<void> {
    const done = this.#lastMove.then(work)
    this.#lastMove = done.catch(() => undefined)
    return done
  }

  /** Lets go of a document that is to leave no trace. */
  async discard(document: OpenDocument): Promise<void> {
    this.#open.delete(document.path)
    document.journal.discard()
    await document.close()
  }

  /** Those open now; what is still loading is waited for. */
  async all(): Promise<readonly OpenDocument[]> {
    await this.recovered()
    const settled = await Promise.allSettled(this.#open.values())
    return settled.flatMap((result) =>
      result.status === 'fulfilled' && result.value.ok ? [result.value.value] : [],
    )
  }

  async flush(): Promise<void> {
    await Promise.all((await this.all()).map((document) => document.mirror.flush()))
  }

  /** Resolves when what a server that died had not written yet was looked after. */
  async recovered(): Promise<void> {
    await this.#recovered.catch(() => undefined)
  }

  /** Paths that lacked something on disk when a server died that may not have been looked after since. */
  async unsavedBefore(): Promise<ReadonlySet<string>> {
    return (await this.#unsaved).suspects
  }

  lastMerge(path: string): LastMerge | undefined {
    return this.#lastMerges.get(path)
  }

  /** Who has just opened it was told of its last merge. */
  toldMerge(path: string): void {
    this.#withUntold((untold) => untold.told(path))
  }

  /**
   * What was written in the file is at the other place now. Of one it was moved over the text is at `replaced` until that
   * is undone. Resolves when that is durable and told.
   */
  noteMove(from: string, to: string, replaced?: string): Promise<void> {
    const move = { from, to }
    return this.#note(replaced === undefined ? [move] : [{ from: to, to: replaced }, move])
  }

  /** It is back, and so is the text of the one it was moved over. */
  noteReturn(from: string, to: string, replaced: string | undefined): Promise<void> {
    const move = { from, to }
    return this.#note(replaced === undefined ? [move] : [move, { from: replaced, to: from }])
  }

  async #note(added: readonly Move[]): Promise<void> {
    const { clock, onMoved } = this.#options
    const moves = await this.#readMoves()
    if (added.length > 1 && isLast(moves.list(), added)) return
    for (const move of await moves.add(added, clock.now())) onMoved(move)
  }

  /** Where the file is that was at the path last; `undefined` when there is one, or it was not moved. */
  async movedTo(path: string): Promise<string | undefined> {
    const moves = (await this.moves()).filter((move) => !isReplaced(move.from) && !isReplaced(move.to))
    const last = moves.findLastIndex(({ from }) => isWithin(path, from))
    if (last < 0 || (await this.#hasFile(path))) return undefined
    const place = moves.slice(last).reduce(movedPath, path)
    return (await this.#hasFile(place)) ? place : undefined
  }

  async moves(): Promise<readonly TimedMove[]> {
    return (await this.#readMoves()).list()
  }

  isOpen(path: string): boolean {
    return this.#open.has(path)
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    this.#cancelClear?.()
    await this.flush()
    await Promise.all((await this.all()).map((document) => document.close()))
    this.#open.clear()
  }

  async #hasFile(path: string): Promise<boolean> {
    const opened = await this.open(path)
    return opened.ok ? !opened.value.mirror.isAbsent : opened.error.kind !== 'notFound'
  }

  #readMoves(): Promise<FileMoves> {
    this.#moves ??= readFileMoves(this.#options.store, this.workspace.id)
    // What could not be read is tried again.
    this.#moves.catch(() => {
      this.#moves = undefined
    })
    return this.#moves
  }

  async #load(path: string): Promise<Opened> {
    const { found } = await this.#unsaved
    const untold = (await this.#untold).of(path)
    if (untold && !this.#lastMerges.has(path)) this.#lastMerges.set(path, untold)
    return loadDocument(this.#loadOptions(path), { wasUnsaved: found.has(path) })
  }

  /** What a server that died had not written yet. */
  async #recover(): Promise<void> {
    const { found, clear } = await this.#unsaved
    // By then threads were recovered too; a server that dies before looks once more.
    const { timers } = this.#options
    this.#cancelClear = timers.after(limits.documentIdleMs, clear)
    for (const path of found) {
      try {
        await removeTemporaries(dirname(await this.workspace.guard.forWrite(path)))
        const opened = await this.open(path)
        if (opened.ok) await opened.value.mirror.flush()
      } catch (error) {
        this.#options.onBug(error, `unsaved document ${path}`)
      }
    }
  }

  #loadOptions(path: string): LoadOptions {
    const { store, clock, random, timers, workspace } = this.#options
    const key = `${workspace.id}:${path}`
    return { path, key, guard: workspace.guard, store, clock, random, timers, events: this.#eventsOf(path) }
  }

  #eventsOf(path: string): DocumentEvents {
    const { onSaved, onMerged, onText, onBug } = this.#options
    return {
      saved: (saved, problem) => onSaved(path, saved, problem),
      merged: (merged, { metUnsaved, isOpen }) => {
        const merge = { merged, isUnseen: metUnsaved && !isOpen }
        this.#lastMerges.set(path, merge)
        this.#withUntold((untold) => (isOpen ? untold.told(path) : untold.add(path, merge)))
        if (isOpen) onMerged(path, merged)
      },
      clean: () => void this.#unsaved.then((list) => list.remove(path)),
      text: () => onText(path),
      unsaved: () => this.#unsaved.then((list) => list.add(path)),
      idle: () => {
        const opening = this.#open.get(path)
        this.#open.delete(path)
        opening
          ?.then((opened) => (opened.ok ? opened.value.close() : undefined))
          .catch((error: unknown) => onBug(error, `closing ${path}`))
      },
    }
  }

  #withUntold(work: (untold: UntoldMerges) => void): void {
    // Where they could not be read that was told.
    this.#untold.then(work, () => undefined)
  }

  #onDiskChange(changes: readonly DiskChange[]): void {
    const kinds = new Set(changes.map(({ kind }) => kind))
    if (!kinds.has('deleted') || !kinds.has('created')) return this.#check(changes)
    const { followDisk, onBug } = this.#options
    followDisk(this, changes)
      .catch((error: unknown) => onBug(error, 'renames on disk'))
      .finally(() => this.#check(changes))
  }

  #check(changes: readonly DiskChange[]): void {
    for (const [path, opening] of this.#open) {
      // A folder that came or went is told without its files.
      const isTouched = changes.some((change) => path === change.path || path.startsWith(`${change.path}/`))
      if (!isTouched) continue
      opening
        .then((opened) => (opened.ok ? opened.value.mirror.check() : undefined))
        .catch((error: unknown) => this.#options.onBug(error, `change on disk of ${path}`))
    }
  }
}

/** Nothing has happened there since: a server that died in the middle does it again. */
function isLast(moves: readonly Move[], added: readonly Move[]): boolean {
  const places = added.flatMap(({ from, to }) => [from, to])
  const last = moves.findLastIndex(({ from, to }) =>
    places.some((place) => isWithin(place, from) || isWithin(place, to)),
  )
  const found = moves.slice(Math.max(0, last + 1 - added.length), last + 1)
  return added.every(({ from, to }, index) => found[index]?.from === from && found[index]?.to === to)
}

/** What a person is told of a document that is not open: it is there, or why not. */
export function visible(opened: Opened): Opened {
  if (!opened.ok) return opened
  const { mirror, isInUse } = opened.value
  return mirror.isAbsent && !mirror.isUnborn && !isInUse ? err({ kind: 'notFound' }) : opened
}
