import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import * as Y from 'yjs'
import { decodeBase64, encodeBase64 } from '../../core/document/base64.ts'
import { textOf } from '../../core/document/document-text.ts'
import { type DocumentFrame, encodeDocumentFrame } from '../../core/document/frames.ts'
import { createPersonalUndo, type PersonalUndo } from '../../core/document/personal-undo.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { Merged } from '../../core/protocol/workspace.ts'
import type { Connection } from '../connection/connection.ts'
import { createListeners } from '../connection/listeners.ts'
import type { UnsavedEdits, UnsavedEditsStorage } from './unsaved-edits.ts'
import { createUpdateOutbox } from './update-outbox.ts'

/** What a pane shows of a document. */
export interface DocumentStatus {
  readonly phase: 'opening' | 'text' | 'binary' | 'notUtf8' | 'tooLarge' | 'missing' | 'failed'
  /** Bytes; of files that are not shown. */
  readonly size?: number
  readonly limit?: number
  readonly readOnly: boolean
  /** `saved`: the server holds every edit durably. */
  readonly sync: 'saved' | 'saving' | 'offline'
  /** Edits only this browser is known to have. */
  readonly kept: number
}

/** What a replica needs of the world. */
export interface ReplicaDeps {
  readonly connection: Connection
  readonly clock: Clock
  /** Calls back once before the next paint. Returns the cancel. */
  readonly schedule: (flush: () => void) => () => void
  /** The same for what others write, which may wait a little longer. */
  readonly scheduleOthers: (flush: () => void) => () => void
  /** And in a document nobody looks at. */
  readonly scheduleUnseen: (flush: () => void) => () => void
  /** Keeps what the server may not have over the page's end. */
  readonly unsaved: UnsavedEditsStorage
}

/** This browser's copy of one document: keeps what the person writes until it is acknowledged, applies what others write once per frame, less often behind another tab. */
export interface DocumentReplica {
  /** Follows the file. */
  readonly path: string
  /** Present while the phase is `text`. Another one after `onReplaced`. */
  readonly text: Y.Text
  /** What the person did in this text, wherever its file was. Another one after `onReplaced`. */
  readonly undo: PersonalUndo
  readonly awareness: Awareness
  readonly status: DocumentStatus
  onStatus(listener: (status: DocumentStatus) => void): () => void
  /** The server made the document anew. `lost` is the person's text when some of it never reached the server. */
  onReplaced(listener: (lost: string | undefined) => void): () => void
  /** While nobody looked another program changed the file, and that is in the text now. May be told twice. */
  onMerged(listener: (merged: Merged) => void): () => void
  /** The file is at another path, as the server says when it is asked for this one. */
  onMoved(listener: (to: string) => void): () => void
  /** The file is at another path: what was typed goes there. Joins nothing by itself. */
  moveTo(path: string): void
  /** The socket is open: joins the document. */
  join(): Promise<void>
  /** The socket is gone; typing goes on. */
  leave(): void
  receive(frame: DocumentFrame): void
  /** Whether the person looks at it; until this is told they do. */
  setSeen(seen: boolean): void
  /** Shows it elsewhere than in the editor, until what is returned is called. */
  watch(): () => void
  readonly handle: number | undefined
  dispose(): void
}

export interface ReplicaOptions extends ReplicaDeps {
  readonly workspaceId: WorkspaceId
  readonly path: string
}

type Opened = ResultOf<'document/open'>

/** Marks transactions that hold what the relay sent. */
const relayOrigin = { from: 'relay' }
/** And what an earlier page left. */
const leftOrigin = { from: 'earlier page' }
/** What may wait in the socket before updates are held back and joined. */
const socketBytes = 1024 * 1024

export function createDocumentReplica({
  connection,
  clock,
  schedule,
  scheduleOthers,
  scheduleUnseen,
  unsaved,
  workspaceId,
  path: first,
}: ReplicaOptions): DocumentReplica {
  const moves = createListeners<[string]>()
  const statuses = createListeners<[DocumentStatus]>()
  const replacements = createListeners<[string | undefined]>()
  const merges = createListeners<[Merged]>()
  let status: DocumentStatus = { phase: 'opening', readOnly: false, sync: 'offline', kept: 0 }
  let outbox = createUpdateOutbox()
  let shared = createShared()
  let path = first
  let handle: number | undefined
  let incarnation: string | undefined
  /** Others whose history the document has. */
  let formerly: readonly string[] = []
  let attempt = 0
  let incoming: Uint8Array[] = []
  let cancelFrame: (() => void) | undefined
  let cancelIncoming: (() => void) | undefined
  let isSeen = true
  let watching = 0
  /** Edits of a page before this one, until the document has them. */
  let left = unsaved.read(workspaceId, path)
  let isStored = left !== undefined
  /** The edit that had waited longest when the last frame was drawn. */
  let waited: object | undefined

  function createShared() {
    // Keeps what is deleted: taking it back must bring back exactly that.
    const doc = new Y.Doc({ gc: false })
    const awareness = new Awareness(doc)
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === relayOrigin) return
      outbox.add(update)
      // The first keystroke leaves at once; those of the same frame follow together.
      if (cancelFrame === undefined) sendWaiting()
      requestFrame()
      tellSync()
    })
    awareness.on('update', (change: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
      if (origin !== 'local' || handle === undefined) return
      const update = encodeAwarenessUpdate(awareness, [...change.added, ...change.updated, ...change.removed])
      connection.sendBinary(encodeDocumentFrame({ type: 'awareness', handle, update }))
    })
    const undo = createPersonalUndo({ doc, origin: {}, captureMs: 500, now: () => clock.monotonic() })
    return { doc, awareness, undo, text: textOf(doc) }
  }

  function requestFrame(): void {
    cancelFrame ??= schedule(() => {
      cancelFrame = undefined
      sendWaiting()
      storeUnsaved()
      if (outbox.hasWaiting && handle !== undefined) requestFrame()
    })
  }

  /** One transaction for a whole frame: one change of the editor, one paint. */
  function applyIncoming(): void {
    cancelIncoming?.()
    cancelIncoming = undefined
    if (incoming.length === 0) return
    const updates = incoming
    incoming = []
    shared.doc.transact(() => {
      for (const update of updates) Y.applyUpdate(shared.doc, update, relayOrigin)
    }, relayOrigin)
  }

  function sendWaiting(): void {
    if (handle === undefined || connection.bufferedBytes() > socketBytes) return
    const next = outbox.take()
    if (next) connection.sendBinary(encodeDocumentFrame({ type: 'sync', handle, ...next }))
  }

  /** Most edits are acknowledged before a second frame is drawn; what is not outlives the page. */
  function storeUnsaved(): void {
    if (left !== undefined || incarnation === undefined) return
    const oldest = outbox.oldest()
    if (oldest === undefined) {
      if (isStored) unsaved.remove(workspaceId, path)
      isStored = false
    } else if (handle === undefined || oldest === waited || isStored) {
      const text = shared.text.length <= unsaved.textChars ? shared.text.toString() : undefined
      unsaved.write(workspaceId, path, { incarnation, update: outbox.all(), text })
      isStored = true
    } else requestFrame()
    waited = oldest
  }

  /** The first text has come: what an earlier page left is written into it. */
  function takeUp({ incarnation: theirs, update, text }: UnsavedEdits): void {
    left = undefined
    const fits = (theirs === incarnation || formerly.includes(theirs)) && !status.readOnly
    if (fits) Y.applyUpdate(shared.doc, update, leftOrigin)
    // What has no place any more is handed over as it was.
    const isTaken = fits && shared.doc.store.pendingStructs === null
    if (!isTaken && text !== undefined && text !== shared.text.toString()) replacements.tell(text)
    requestFrame()
  }

  function tell(change: Partial<DocumentStatus>): void {
    status = { ...status, ...change }
    statuses.tell(status)
  }

  function tellSync(): void {
    const { kept } = outbox
    const sync = handle === undefined ? 'offline' : kept > 0 ? 'saving' : 'saved'
    if (sync !== status.sync || kept !== status.kept) tell({ sync, kept })
  }

  function accept(opened: Opened): void {
    if (opened.kind === 'moved') return moves.tell(opened.to)
    if (opened.kind !== 'text') {
      const { kind, size } = opened
      tell({ phase: kind, size, ...(kind === 'tooLarge' && { limit: opened.limit }) })
      return
    }
    handle = opened.handle
    // Also what others wrote and the server lost in a crash: what is typed here stands on it.
    const isRejoined = incarnation !== undefined && !opened.readOnly
    const lacking = isRejoined ? decodeBase64(opened.stateVector) : undefined
    incarnation = opened.incarnation
    formerly = opened.formerly ?? []
    applyIncoming()
    outbox.restart(lacking && Y.encodeStateAsUpdate(shared.doc, lacking))
    sendWaiting()
    const { awareness } = shared
    if (awareness.getLocalState() !== null) {
      const update = encodeAwarenessUpdate(awareness, [awareness.clientID])
      connection.sendBinary(encodeDocumentFrame({ type: 'awareness', handle, update }))
    }
    tell({ readOnly: opened.readOnly })
    tellSync()
    if (opened.merged) merges.tell(opened.merged)
  }

  /** The old text and the new one share no history: merging them would double every line. */
  function replace(): void {
    const lost = outbox.kept > 0 ? shared.text.toString() : undefined
    const old = shared
    outbox = createUpdateOutbox()
    incoming = []
    incarnation = undefined
    shared = createShared()
    tell({ phase: 'opening', kept: 0 })
    replacements.tell(lost)
    old.awareness.destroy()
    old.doc.destroy()
  }

  function isAnother(opened: Extract<Opened, { kind: 'text' }>): boolean {
    if (incarnation === undefined || opened.incarnation === incarnation) return false
    return opened.formerly?.includes(incarnation) !== true
  }

  function leave(): void {
    attempt++
    handle = undefined
    applyIncoming()
    const { awareness } = shared
    const others = [...awareness.getStates().keys()].filter((id) => id !== awareness.clientID)
    removeAwarenessStates(awareness, others, relayOrigin)
    tellSync()
  }

  async function join(): Promise<void> {
    const mine = ++attempt
    try {
      const stateVector =
        incarnation === undefined ? undefined : encodeBase64(Y.encodeStateVector(shared.doc))
      const opened = await connection.request('document/open', {
        workspaceId,
        path,
        ...(stateVector !== undefined && { stateVector }),
      })
      if (mine !== attempt) {
        if (opened.kind === 'text') await connection.request('document/close', { handle: opened.handle })
        return
      }
      if (opened.kind === 'text' && isAnother(opened)) {
        await connection.request('document/close', { handle: opened.handle })
        replace()
        await join()
        return
      }
      accept(opened)
    } catch (error) {
      if (mine !== attempt) return
      const code = error instanceof RequestError ? error.code : 'internal'
      // A lost socket joins again by itself when it is back.
      if (code === 'busy') return
      tell({ phase: code === 'notFound' ? 'missing' : 'failed' })
    }
  }

  return {
    get path() {
      return path
    },
    get text() {
      return shared.text
    },
    get undo() {
      return shared.undo
    },
    get awareness() {
      return shared.awareness
    },
    get status() {
      return status
    },
    get handle() {
      return handle
    },
    onStatus: statuses.add,
    onReplaced: replacements.add,
    onMerged: merges.add,
    join,
    leave,
    onMoved: moves.add,
    moveTo(next) {
      sendWaiting()
      if (handle !== undefined) connection.request('document/close', { handle }).catch(() => {})
      leave()
      const kept = unsaved.read(workspaceId, path)
      if (kept && !unsaved.read(workspaceId, next)) {
        unsaved.write(workspaceId, next, kept)
        unsaved.remove(workspaceId, path)
      }
      path = next
    },
    receive(frame) {
      if (frame.type === 'ack') {
        outbox.acknowledge(frame.number)
        if (isStored) requestFrame()
        tellSync()
      } else if (frame.type === 'awareness') applyAwarenessUpdate(shared.awareness, frame.update, relayOrigin)
      else if (status.phase === 'text') {
        incoming.push(frame.update)
        cancelIncoming ??= (isSeen || watching > 0 ? scheduleOthers : scheduleUnseen)(applyIncoming)
      } else {
        Y.applyUpdate(shared.doc, frame.update, relayOrigin)
        if (left) takeUp(left)
        tell({ phase: 'text' })
      }
    },
    setSeen(seen) {
      isSeen = seen
      if (seen) applyIncoming()
    },
    watch() {
      watching++
      applyIncoming()
      return () => {
        watching--
      }
    },
    dispose() {
      attempt++
      applyIncoming()
      sendWaiting()
      storeUnsaved()
      cancelFrame?.()
      if (handle !== undefined) connection.request('document/close', { handle }).catch(() => {})
      handle = undefined
      shared.awareness.destroy()
      shared.doc.destroy()
    },
  }
}
