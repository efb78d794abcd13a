import { createFork, type Fork, modelClients } from '../../core/document/fork.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { type Random, randomInt } from '../../core/lib/random.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { MergePace } from './merge-pace.ts'
import type { OpenDocument } from './open-document.ts'
import { watchTouches } from './touched-hunk.ts'
import type { SeenTexts } from './turn-snapshots.ts'

export interface EditedDocumentOptions {
  readonly document: OpenDocument
  readonly workspaceId: WorkspaceId
  readonly seen: SeenTexts | undefined
  /** Shown to people at the caret. */
  readonly author: object
  readonly clock: Clock
  readonly random: Random
  readonly pace: MergePace
  /** A person changed a line of the hunk that is being written. */
  readonly onTouched: (hunkId: string) => void
}

function mintForkClient({ doc }: OpenDocument, random: Random): number {
  for (;;) {
    const client = 1 + randomInt(random, modelClients - 1)
    if (!doc.store.clients.has(client)) return client
  }
}

/** One live document while a model writes in it: its fork, merged as it grows, and the model's caret. */
export class EditedDocument {
  readonly document: OpenDocument
  readonly fork: Fork
  readonly #options: EditedDocumentOptions
  readonly #releases: (() => void)[]
  readonly #deletions: number
  #caretToldAt = Number.NEGATIVE_INFINITY
  #isStill = false
  /** The hunk that is being written. */
  #current: string | undefined
  /** A hunk nobody wants: it is written out of sight until it ends. */
  #unwanted: string | undefined

  constructor(options: EditedDocumentOptions) {
    const { document, workspaceId, seen, random } = options
    this.#options = options
    this.document = document
    this.#deletions = document.mirror.deletions
    const snapshot = seen?.snapshotOf(workspaceId, document)
    const clientId = mintForkClient(document, random)
    const fork = createFork({ live: document.doc, clientId, ...(snapshot !== undefined && { snapshot }) })
    const revertHunk = (hunkId: string) => {
      if (this.#current === hunkId) this.#current = undefined
      if (this.#unwanted === hunkId) this.#unwanted = undefined
      document.takeBack(() => fork.revertHunk(hunkId))
    }
    const beginHunk = (hunkId: string) => {
      this.#current = hunkId
      fork.beginHunk(hunkId)
    }
    const endHunk = (hunkId: string) => {
      if (this.#current === hunkId) this.#current = undefined
      fork.endHunk(hunkId)
    }
    this.fork = { ...fork, beginHunk, endHunk, revertHunk }
    const { doc, peers } = document
    const stopWatching = watchTouches({
      doc,
      fork,
      isPerson: (origin) => peers.has(origin),
      current: () => this.#current,
      onTouched: options.onTouched,
    })
    this.#releases = [stopWatching, document.retain(), document.addWriter(clientId), document.mirror.hold()]
  }

  /** Another program deleted the file since the model began to write in it. */
  get wasDeleted(): boolean {
    return this.document.mirror.deletions > this.#deletions
  }

  /** Something was written: it reaches the people at once when nothing did just now, else with what follows shortly. */
  wrote(): void {
    this.#options.pace.request(this)
  }

  /** What follows of this hunk is not shown; at its end it is to be reverted. */
  hide(hunkId: string): void {
    this.#unwanted = hunkId
  }

  isHidden(hunkId: string): boolean {
    return this.#unwanted === hunkId
  }

  merge(): void {
    this.#options.pace.drop(this)
    if (this.#unwanted !== undefined) return
    const now = this.#options.clock.monotonic()
    this.fork.merge()
    if (now - this.#caretToldAt >= limits.caretEveryMs) this.#tellCaret()
  }

  /** It writes on only when people have decided, or again. */
  standStill(isStill: boolean): void {
    this.#isStill = isStill
    this.#tellCaret()
  }

  #tellCaret(): void {
    const caret = this.fork.caret()
    if (caret === undefined) return
    this.#caretToldAt = this.#options.clock.monotonic()
    const author = { ...this.#options.author, ...(this.#isStill && { paused: true }) }
    this.document.peers.showModel(this.fork.clientId, { author, cursor: { anchor: caret, head: caret } })
  }

  /** The model is done here and knows what it wrote. */
  release(): void {
    this.#options.pace.drop(this)
    this.fork.merge()
    const { seen, workspaceId } = this.#options
    if (!this.document.mirror.isUnborn) seen?.set(workspaceId, this.document, this.fork.snapshot())
    this.document.peers.showModel(this.fork.clientId, undefined)
    for (const release of this.#releases.splice(0)) release()
    this.fork.destroy()
  }
}
