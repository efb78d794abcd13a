import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import * as Y from 'yjs'
import { mergeUpdates } from '../../core/document/merge-updates.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DocumentPeer } from './documents.ts'

interface AwarenessChange {
  readonly added: readonly number[]
  readonly updated: readonly number[]
  readonly removed: readonly number[]
}

/** The browsers that have one document open, and who is where in it. */
export class DocumentPeers {
  readonly #doc: Y.Doc
  readonly #awareness: Awareness
  /** Each with the awareness clients it speaks for. */
  readonly #peers = new Map<DocumentPeer, Set<number>>()
  /** Carets of models: only the server moves them. */
  readonly #models = new Map<number, number>()
  #holds = 0
  readonly #held: { readonly update: Uint8Array; readonly origin: unknown }[] = []

  constructor(doc: Y.Doc) {
    this.#doc = doc
    this.#awareness = new Awareness(doc)
    this.#awareness.setLocalState(null)
    this.#awareness.on('update', (change: AwarenessChange, origin: unknown) => this.#relay(change, origin))
  }

  get size(): number {
    return this.#peers.size
  }

  /** Sends what the browser misses. */
  add(peer: DocumentPeer, stateVector: Uint8Array | undefined): void {
    peer.sync(missing(this.#doc, stateVector))
    const clients = [...this.#awareness.getStates().keys()]
    if (clients.length > 0) peer.awareness(encodeAwarenessUpdate(this.#awareness, clients))
    this.#peers.set(peer, new Set())
  }

  /** A change came from a browser. */
  has(origin: unknown): boolean {
    for (const peer of this.#peers.keys()) if (peer === origin) return true
    return false
  }

  remove(peer: DocumentPeer): void {
    const clients = this.#peers.get(peer)
    this.#peers.delete(peer)
    if (clients !== undefined) removeAwarenessStates(this.#awareness, [...clients], 'left')
  }

  /** They see no more of it. */
  removeAll(): readonly DocumentPeer[] {
    const all = [...this.#peers.keys()]
    for (const peer of all) this.remove(peer)
    return all
  }

  broadcast(update: Uint8Array, origin: unknown): void {
    if (this.#holds > 0) this.#held.push({ update, origin })
    else this.#send(update, origin)
  }

  /** Until the answer is called, updates wait; then those that follow each other from no browser are one. */
  hold(): () => void {
    this.#holds += 1
    return () => {
      this.#holds -= 1
      if (this.#holds === 0) this.#release()
    }
  }

  /** What a browser says of itself. What it says of others is not heard. */
  receiveAwareness(peer: DocumentPeer, update: Uint8Array): void {
    const own = this.#peers.get(peer)
    if (own === undefined) return
    const clients = clientsIn(update) ?? []
    for (const client of clients) {
      if (this.#models.has(client)) return
      for (const [other, theirs] of this.#peers) if (other !== peer && theirs.has(client)) return
    }
    if (clients.length === 0 || new Set([...own, ...clients]).size > limits.awarenessClients) return
    for (const client of clients) own.add(client)
    applyAwarenessUpdate(this.#awareness, update, peer)
  }

  /** Shows where a model writes; `undefined` takes its caret away. */
  showModel(client: number, state: object | undefined): void {
    if (state === undefined && !this.#models.has(client)) return
    const clock = (this.#models.get(client) ?? 0) + 1
    this.#models.set(client, clock)
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, JSON.stringify(state ?? null))
    applyAwarenessUpdate(this.#awareness, encoding.toUint8Array(encoder), 'model')
    if (state === undefined) this.#models.delete(client)
  }

  close(): void {
    this.#peers.clear()
    this.#awareness.destroy()
  }

  #release(): void {
    let ours: Uint8Array[] = []
    const send = () => {
      if (ours.length > 0) this.#send(mergeUpdates(ours), undefined)
      ours = []
    }
    for (const { update, origin } of this.#held.splice(0)) {
      if (!this.has(origin)) {
        ours.push(update)
        continue
      }
      send()
      this.#send(update, origin)
    }
    send()
  }

  #send(update: Uint8Array, origin: unknown): void {
    for (const peer of this.#peers.keys()) if (peer !== origin) peer.sync(update)
  }

  #relay({ added, updated, removed }: AwarenessChange, origin: unknown): void {
    if (this.#peers.size === 0) return
    const update = encodeAwarenessUpdate(this.#awareness, [...added, ...updated, ...removed])
    for (const peer of this.#peers.keys()) if (peer !== origin) peer.awareness(update)
  }
}

function missing(doc: Y.Doc, stateVector: Uint8Array | undefined): Uint8Array {
  try {
    return Y.encodeStateAsUpdate(doc, stateVector)
  } catch {
    throw new RequestError('badParams', 'stateVector is no Yjs state vector.')
  }
}

/** `undefined` for what is no awareness update: nothing hangs on it, so it is let drop. */
function clientsIn(update: Uint8Array): readonly number[] | undefined {
  if (update.length > limits.awarenessBytes) return undefined
  try {
    const decoder = decoding.createDecoder(update)
    const clients: number[] = []
    const count = decoding.readVarUint(decoder)
    for (let i = 0; i < count; i++) {
      clients.push(decoding.readVarUint(decoder))
      decoding.readVarUint(decoder)
      JSON.parse(decoding.readVarString(decoder))
    }
    return clients
  } catch {
    return undefined
  }
}
