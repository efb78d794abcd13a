import * as Y from 'yjs'
import { changesOf } from '../../core/document/change-set.ts'
import type { ChangeTimes, TimedChange } from '../../core/document/change-times.ts'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import { modelClients } from '../../core/document/fork.ts'
import { countNoted, dropHalfWritten, dropUntold, notedAfter } from '../../core/document/half-written.ts'
import { createUpdateReceiver, type UpdateReceiver } from '../../core/document/receive-update.ts'
import { takeOver } from '../../core/document/take-over.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DiskProblem, Merged } from '../../core/protocol/workspace.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { PathGuard } from '../workspace/workspace.ts'
import { DiskMirror, diskOrigin, type OnDisk } from './disk-mirror.ts'
import { readMeta, writeMeta } from './document-meta.ts'
import { DocumentPeers } from './document-peers.ts'
import type { DocumentLink, DocumentPeer, LiveDocument } from './documents.ts'
import { JournalWriter } from './journal-writer.ts'

export interface OpenDocumentOptions {
  readonly path: string
  readonly key: string
  readonly doc: Y.Doc
  readonly times: ChangeTimes
  readonly incarnation: string
  readonly readOnly: boolean
  readonly onDisk: OnDisk
  /** Rows of its journal; `undefined` when it has none yet. */
  readonly journal: { readonly rows: number; readonly lastRow: number } | undefined
  /** It is being added: neither disk nor journal get it before `born`. */
  readonly unborn: boolean
  readonly guard: PathGuard
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  readonly events: DocumentEvents
}

export interface DocumentEvents {
  saved(saved: boolean, problem: DiskProblem | undefined): void
  /** What another program did to the file was brought together with the text. */
  merged(merged: Merged, how: { readonly metUnsaved: boolean; readonly isOpen: boolean }): void
  text(): void
  /** There are changes the disk lacks: resolves when that is noted, so that they are looked for after a crash. */
  unsaved(): Promise<void>
  /** There are none any more. */
  clean(): void
  /** Nobody has it open any more, and all of it is on disk. */
  idle(): void
}

/** Of what comes from another document: it happened when it did there. */
class Adoption {
  readonly changes: readonly TimedChange[]

  constructor(times: ChangeTimes) {
    this.changes = [...times.list()]
  }
}

/** One live document with its journal, its file and the browsers that have it open. */
export class OpenDocument implements LiveDocument {
  readonly path: string
  readonly doc: Y.Doc
  readonly times: ChangeTimes
  readonly incarnation: string
  readonly readOnly: boolean
  readonly mirror: DiskMirror
  readonly journal: JournalWriter
  readonly peers: DocumentPeers
  readonly #options: OpenDocumentOptions
  readonly #receiver: UpdateReceiver
  /** Clients of forks that are written in now. */
  readonly #writers = new Set<number>()
  /** Where its file was moved: what still comes for it belongs there. */
  #heir: OpenDocument | undefined
  /** The same of single browsers, which have that one's text. */
  readonly #heirs = new WeakMap<DocumentPeer, OpenDocument>()
  #hasBase: boolean
  #retained = 0
  #updates = 0
  #noted: Promise<void> = Promise.resolve()
  #cancelIdle: (() => void) | undefined
  #cancelText: (() => void) | undefined
  #closed = false

  constructor(options: OpenDocumentOptions) {
    const { doc, times, path, key, guard, store, clock, timers, events, onDisk, unborn } = options
    this.#options = options
    this.path = path
    this.doc = doc
    this.times = times
    this.incarnation = options.incarnation
    this.readOnly = options.readOnly
    this.#hasBase = options.journal !== undefined
    const { rows, lastRow } = options.journal ?? { rows: 0, lastRow: 0 }
    const onProblem = (problem: DiskProblem | undefined) => this.mirror.tellProblem(problem)
    const noted = () => this.#noted.catch(() => undefined)
    this.journal = new JournalWriter({ store, key, timers, times, rows, lastRow, noted, onProblem })
    if (unborn) this.journal.suspend()
    this.peers = new DocumentPeers(doc)
    this.#receiver = createUpdateReceiver(doc)
    const onSaved = (saved: boolean, problem: DiskProblem | undefined) => {
      events.saved(saved, problem)
      if (saved) this.#scheduleIdle()
    }
    const onClean = () => events.clean()
    const { journal } = this
    this.mirror = new DiskMirror({
      doc,
      path,
      key,
      guard,
      store,
      clock,
      timers,
      journal,
      onDisk,
      unborn,
      onSaved,
      onMerged: (merged, how) => events.merged(merged, { ...how, isOpen: this.peers.size > 0 }),
      onClean,
      noted,
    })
    doc.on('update', (update: Uint8Array, origin: unknown, _: Y.Doc, transaction: Y.Transaction) =>
      this.#onUpdate(update, origin, transaction),
    )
    this.#scheduleIdle()
  }

  get eol(): 'lf' | 'crlf' {
    return this.mirror.onDisk.format.eol
  }

  get formerly(): readonly string[] {
    return readMeta(this.doc)?.formerly ?? []
  }

  /** All whose history it has, itself the last. */
  get lineage(): readonly string[] {
    return [...this.formerly, this.incarnation]
  }

  get isInUse(): boolean {
    return this.peers.size > 0 || this.#retained > 0
  }

  saved(): boolean {
    return this.mirror.isSaved
  }

  text(): string {
    return textOf(this.doc).toString()
  }

  join({ sync, awareness }: DocumentPeer, stateVector: Uint8Array | undefined): DocumentLink {
    // Each link is one of its own, whatever object the caller joins with.
    const peer: DocumentPeer = { sync, awareness }
    this.peers.add(peer, stateVector)
    // Before the first keystroke comes, so that it does not wait for the whole text to be stored.
    this.#ensureBase()
    let joined = true
    return {
      receive: (update) => this.#receive(update, peer),
      receiveAwareness: (update) => this.peers.receiveAwareness(peer, update),
      leave: () => {
        if (!joined) return
        joined = false
        this.peers.remove(peer)
        this.#scheduleIdle()
      },
    }
  }

  /** Keeps it in memory until the answer is called. */
  retain(): () => void {
    this.#retained += 1
    let retained = true
    return () => {
      if (!retained) return
      retained = false
      this.#retained -= 1
      this.#scheduleIdle()
    }
  }

  /** Marks a fork's client as one that will finish its hunks itself. */
  addWriter(client: number): () => void {
    this.#writers.add(client)
    return () => this.#writers.delete(client)
  }

  /** A model is in the middle of writing in it. */
  get isWritten(): boolean {
    return this.#writers.size > 0
  }

  dropHalfWritten(): void {
    this.takeBack(() => dropHalfWritten(this.doc, (client) => this.#writers.has(client), 'recovery'))
  }

  /** Takes back hunks of which nobody was told that they are finished. */
  dropUntold(isUntold: (hunkId: string) => boolean): void {
    this.takeBack(() => dropUntold(this.doc, isUntold, 'recovery'))
  }

  /**
   * Does what takes text back or brings it back. A server that died would do it anew, in characters of its own, and a
   * browser that had seen the first ones would bring them too: so nobody is shown any before they are durable.
   */
  takeBack<T>(work: () => T): T {
    if (this.mirror.isUnborn) return work()
    const before = this.#updates
    const release = this.peers.hold()
    try {
      return work()
    } finally {
      if (this.#updates === before) release()
      else this.durable().then(release, release)
    }
  }

  /** The file that was being added is there to stay. */
  born(): void {
    if (!this.mirror.isUnborn) return
    // It may have come with a history, of which no update tells.
    this.#ensureBase()
    this.journal.resume()
    this.present()
  }

  /** The file that is not there is being added: no change makes it before `born` or `present`. */
  expectFile(): void {
    this.#heir = undefined
    this.mirror.expectFile()
  }

  /** There shall be a file with this text, soon. */
  present(how: { readonly isRemade: boolean } = { isRemade: false }): void {
    this.#heir = undefined
    this.mirror.present(how)
    this.#noteUnsaved()
  }

  /** Its file is at another place: that document has all of its text from now on, and what is still on its way here. */
  handOver(heir: OpenDocument): void {
    heir.#heir = undefined
    this.#heir = heir
  }

  /**
   * The text it had is that document's, and it gets another one: what those who have it open still write belongs there,
   * and of the other text they see nothing, as they would bring it along.
   */
  sendOff(heir: OpenDocument): void {
    for (const peer of this.peers.removeAll()) this.#heirs.set(peer, heir)
  }

  /** Has another document's text and history in place of its own. */
  takeOver({ doc, times, lineage }: OpenDocument): void {
    const formerly = [...this.formerly, ...lineage]
    takeOver(this.doc, doc, { own: 'move', others: new Adoption(times) })
    this.#writeMeta(formerly)
  }

  /**
   * Another document's file is at this one's path now: the text it holds comes first, then what it lacks. Resolves when
   * that is durable.
   */
  async receiveFile(source: OpenDocument, onDisk: OnDisk): Promise<void> {
    const { key, store } = this.#options
    const base = createDocument(0)
    Y.createDocFromSnapshot(source.doc, onDisk.base, base)
    takeOver(this.doc, base, { own: 'move', others: new Adoption(source.times) })
    const marked = this.journal.cut().then((row) => store.markDisk(key, { hash: onDisk.hash, row }))
    const isSame = textOf(base).toString() === source.text()
    base.destroy()
    this.takeOver(source)
    source.handOver(this)
    this.mirror.receive(onDisk, { isSame })
    await Promise.all([marked, this.durable()])
  }

  /** Takes in another document's text and history, of which its own is a part. */
  adopt({ doc, times, lineage }: OpenDocument): void {
    const formerly = [...this.formerly, ...lineage]
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(doc), new Adoption(times))
    this.#writeMeta(formerly)
  }

  /** Resolves when all changes until now are stored. */
  async durable(): Promise<void> {
    await Promise.all([this.journal.durable(), this.#noted])
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelIdle?.()
    this.#cancelText?.()
    await this.mirror.close()
    this.peers.close()
    this.doc.destroy()
  }

  /** What another document said of itself is not so here. */
  #writeMeta(formerly: readonly string[]): void {
    const { incarnation } = this
    const { format, mode } = this.mirror.onDisk
    this.doc.transact(() => writeMeta(this.doc, { incarnation, formerly, format, mode }), 'adopt')
  }

  async #receive(update: Uint8Array, peer: DocumentPeer): Promise<void> {
    const heir = this.#heirs.get(peer) ?? this.#heir
    if (heir) return heir.#receive(update, peer)
    if (this.readOnly) throw new RequestError('forbidden', `${this.path} is read-only.`)
    if (this.#closed) throw new RequestError('busy', `${this.path} was closed.`)
    const bringsModelText = checkUpdate(update).some((client) => client < modelClients)
    this.born()
    const noted = countNoted(this.doc)
    try {
      this.#receiver.receive(update, peer)
    } catch {
      throw new RequestError('badFrame', 'These bytes are no Yjs update.')
    }
    // What waits for another update to arrive is not in the document yet, but is theirs to lose.
    if (this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null) {
      this.#ensureBase()
      this.journal.add(update, [])
    }
    // No browser writes hunks: it had them of a server that died before they were stored, and no log knows them.
    if (bringsModelText) {
      this.dropHalfWritten()
      const brought = notedAfter(this.doc, noted)
      this.dropUntold((hunkId) => brought.has(hunkId))
    }
    await this.durable()
  }

  #onUpdate(update: Uint8Array, origin: unknown, transaction: Y.Transaction): void {
    this.#updates += 1
    this.peers.broadcast(update, origin)
    this.#ensureBase()
    const now = { at: this.#options.clock.now(), changes: changesOf(transaction) }
    const changes = origin instanceof Adoption ? origin.changes : [now]
    for (const change of changes) this.times.note(change)
    this.journal.add(update, changes)
    if (origin !== diskOrigin) {
      const wasDirty = this.mirror.isDirty
      this.mirror.changed()
      if (!wasDirty && !this.mirror.isUnborn) this.#noteUnsaved()
    }
    this.#cancelText ??= this.#options.timers.after(limits.textEveryMs, () => {
      this.#cancelText = undefined
      this.#options.events.text()
    })
  }

  #noteUnsaved(): void {
    this.#noted = this.#untilNoted()
    // Who waits for it is told; nobody may.
    this.#noted.catch(() => undefined)
  }

  /** A store that refuses is asked again: until then nothing is acknowledged. */
  async #untilNoted(): Promise<void> {
    const { events, timers } = this.#options
    for (let attempts = 0; ; attempts += 1) {
      try {
        await events.unsaved()
        if (attempts > 0) this.mirror.tellProblem(undefined)
        return
      } catch (error) {
        if (this.#closed) throw error
        const detail = error instanceof Error ? error.message : String(error)
        this.mirror.tellProblem({ code: 'notStored', detail })
      }
      await new Promise<void>((resolve) => void timers.after(limits.diskRetryMs, resolve))
    }
  }

  /** The state that the disk holds comes first in the journal, so that a restart finds what later changes build on. */
  #ensureBase(): void {
    if (this.#hasBase) return
    this.#hasBase = true
    const { store, key, onDisk } = this.#options
    const base = createDocument(0)
    Y.createDocFromSnapshot(this.doc, onDisk.base, base)
    this.journal.add(Y.encodeStateAsUpdate(base), this.times.list())
    base.destroy()
    // Where there is no file yet, all of its text comes to be in one row: a crash leaves the whole of it or nothing.
    if (onDisk.hash === '') return
    const marked = this.journal.cut().then((row) => {
      // A write since then knows better.
      if (this.mirror.onDisk === onDisk && !this.#closed)
        return store.markDisk(key, { hash: onDisk.hash, row })
      return undefined
    })
    marked.catch((error: unknown) => this.mirror.tellProblem({ code: 'notStored', detail: String(error) }))
  }

  #scheduleIdle(): void {
    this.#cancelIdle?.()
    if (this.#closed || this.isInUse) return
    this.#cancelIdle = this.#options.timers.after(limits.documentIdleMs, () => {
      const { isAbsent, isSaved, isDirty, isUnborn } = this.mirror
      const isKept = isUnborn || (this.journal.isIdle && !isDirty && (isAbsent || isSaved))
      if (!this.isInUse && isKept) this.#options.events.idle()
    })
  }
}

/**
 * Answers the clients it brings something of. Throws for what is no update, and for content a text file does not
 * have: it would shift every offset.
 */
function checkUpdate(update: Uint8Array): readonly number[] {
  let structs: ReturnType<typeof Y.decodeUpdate>['structs']
  try {
    structs = Y.decodeUpdate(update).structs
  } catch {
    throw new RequestError('badFrame', 'These bytes are no Yjs update.')
  }
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue
    const { content } = struct
    const isPlain =
      content instanceof Y.ContentString ||
      content instanceof Y.ContentDeleted ||
      content instanceof Y.ContentAny
    if (!isPlain) throw new RequestError('badFrame', 'A document holds plain text alone.')
  }
  return [...new Set(structs.map(({ id }) => id.client))]
}
