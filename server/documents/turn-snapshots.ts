import * as Y from 'yjs'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Documents, LiveDocument, TurnSnapshots } from './documents.ts'
import { OpenDocument } from './open-document.ts'

interface Seen {
  readonly document: OpenDocument
  readonly snapshot: Y.Snapshot
  readonly release: () => void
}

export function createTurnSnapshots(documents: Pick<Documents, 'open'>): TurnSnapshots {
  return new SeenTexts(documents)
}

/** What the turn's model was shown of each file, as a state of the live document. */
export class SeenTexts implements TurnSnapshots {
  readonly #documents: Pick<Documents, 'open'>
  readonly #seen = new Map<string, Seen>()
  #closed = false

  constructor(documents: Pick<Documents, 'open'>) {
    this.#documents = documents
  }

  async note(workspaceId: WorkspaceId, path: string): Promise<void> {
    const opened = await this.#documents.open(workspaceId, path)
    if (opened.ok && opened.value instanceof OpenDocument) {
      this.set(workspaceId, opened.value, Y.snapshot(opened.value.doc))
    }
  }

  text(workspaceId: WorkspaceId, path: string): string | undefined {
    const seen = this.#seen.get(`${workspaceId}:${path}`)
    return seen && this.textOf(workspaceId, seen.document)
  }

  /** The state of `document` the model saw last; nothing when it never did, or the document is another by now. */
  snapshotOf(workspaceId: WorkspaceId, document: LiveDocument): Y.Snapshot | undefined {
    const seen = this.#seen.get(`${workspaceId}:${document.path}`)
    return seen?.document === document ? seen.snapshot : undefined
  }

  /** The text of `document` as the model saw it last. */
  textOf(workspaceId: WorkspaceId, document: OpenDocument): string {
    const snapshot = this.snapshotOf(workspaceId, document)
    if (snapshot === undefined) return document.text()
    const seen = Y.createDocFromSnapshot(document.doc, snapshot, createDocument(0))
    const text = textOf(seen).toString()
    seen.destroy()
    return text
  }

  set(workspaceId: WorkspaceId, document: OpenDocument, snapshot: Y.Snapshot): void {
    if (this.#closed) return
    const key = `${workspaceId}:${document.path}`
    const known = this.#seen.get(key)
    const release = known?.document === document ? known.release : document.retain()
    if (known !== undefined && known.document !== document) known.release()
    this.#seen.set(key, { document, snapshot, release })
  }

  close(): void {
    this.#closed = true
    for (const { release } of this.#seen.values()) release()
    this.#seen.clear()
  }
}
