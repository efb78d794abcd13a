import { ConnectionLost, type RelayClient } from '../../bench/lib/relay-client.ts'
import type { Connection } from '../../client/connection/connection.ts'
import { createDocumentReplica, type DocumentReplica } from '../../client/editor/document-replica.ts'
import type { UnsavedEditsStorage } from '../../client/editor/unsaved-edits.ts'
import { pageClock } from '../../client/store/page-clock.ts'
import { type DocumentFrame, parseDocumentFrame } from '../../core/document/frames.ts'
import { type Random, randomInt } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'

/** What a person typed, character by character. */
interface Typed {
  readonly path: string
  /** The server said that it is durable. */
  acknowledged: boolean
  /** The page that had it was closed before that. */
  mayBeLost: boolean
}

/** Every character anybody typed; each is typed once. */
export type TypedLedger = Map<string, Typed>

/** Somebody who has some documents open in a page of the product, without the page. */
export class ChaosPerson {
  readonly #random: Random
  readonly #typed: TypedLedger
  readonly #nextCharacter: () => string
  readonly #strays: number
  readonly #replicas = new Map<string, DocumentReplica>()
  readonly #unacknowledged = new Map<string, string[]>()
  #client: RelayClient | undefined
  #onAcknowledged: () => void = () => undefined

  constructor(options: {
    readonly random: Random
    readonly typed: TypedLedger
    readonly nextCharacter: () => string
    /** How often it types anywhere, and not in notes. */
    readonly strays?: number
  }) {
    this.#random = options.random
    this.#typed = options.typed
    this.#nextCharacter = options.nextCharacter
    this.#strays = options.strays ?? 0.15
  }

  set onAcknowledged(listener: () => void) {
    this.#onAcknowledged = listener
  }

  /** Connects the page anew and joins the documents it had open. */
  async connect(client: RelayClient, paths: readonly string[]): Promise<void> {
    this.leave()
    this.#client = client
    client.onBinary((bytes) => {
      const frame = parseDocumentFrame(new Uint8Array(bytes))
      if (frame === undefined || this.#client !== client) return
      // The answer that names the handle came before, but may not have been taken in yet.
      setImmediate(() => this.#receive(frame))
    })
    for (const path of paths) {
      const replica = this.#replicas.get(path) ?? this.#create(client.workspaceId, path)
      await replica.join()
    }
  }

  leave(): void {
    this.#client = undefined
    for (const replica of this.#replicas.values()) replica.leave()
  }

  /** Closes the page: what was not acknowledged may be lost now. */
  forget(): void {
    this.leave()
    for (const replica of this.#replicas.values()) replica.dispose()
    this.#replicas.clear()
    for (const path of this.#unacknowledged.keys()) this.#giveUp(path)
  }

  text(path: string): string | undefined {
    const replica = this.#replicas.get(path)
    return replica?.status.phase === 'text' ? replica.text.toString() : undefined
  }

  get isSaved(): boolean {
    return [...this.#replicas.values()].every(({ status }) => status.phase === 'text' && status.kept === 0)
  }

  /** Types some characters at one place of one of the documents. */
  type(): void {
    const open = [...this.#replicas.values()].filter(({ status }) => status.phase === 'text')
    const replica = open[randomInt(this.#random, open.length)]
    if (replica === undefined) return
    const { text, path } = replica
    // Never behind the last line end: a patch there would end that line.
    let at = randomInt(this.#random, Math.max(1, text.length))
    // Mostly in lines the model does not rewrite, for it leaves alone what has been typed in.
    if (this.#random.next() >= this.#strays) {
      const never = this.#strays === 0
      const whole = text.toString()
      const behind = whole.indexOf('note', at)
      const note = behind < 0 && never ? whole.lastIndexOf('note') : behind
      // Who never strays leaves the word whole, for the next time.
      if (note >= 0) at = note + (never ? 0 : randomInt(this.#random, 3))
    }
    const waiting = this.#unacknowledged.get(path) ?? []
    this.#unacknowledged.set(path, waiting)
    for (let i = 1 + randomInt(this.#random, 4); i > 0; i--) {
      const character = this.#nextCharacter()
      this.#typed.set(character, { path, acknowledged: false, mayBeLost: false })
      waiting.push(character)
      text.insert(at++, character)
    }
  }

  #giveUp(path: string): void {
    for (const character of this.#unacknowledged.get(path)?.splice(0) ?? []) {
      const typed = this.#typed.get(character)
      if (typed) typed.mayBeLost = true
    }
  }

  #receive(frame: DocumentFrame): void {
    for (const replica of this.#replicas.values()) if (replica.handle === frame.handle) replica.receive(frame)
  }

  #create(workspaceId: WorkspaceId, path: string): DocumentReplica {
    const connection: Connection = {
      request: async (method, params) => {
        try {
          if (this.#client === undefined) throw new ConnectionLost()
          return await this.#client.request(method, params)
        } catch (error) {
          throw error instanceof ConnectionLost ? new RequestError('busy', error.message) : error
        }
      },
      sendBinary: (bytes) => this.#client?.sendBinary(bytes),
      onBinary: () => () => undefined,
      onEvent: () => () => undefined,
      onLagging: () => () => undefined,
      onStatus: () => () => undefined,
      bufferedBytes: () => 0,
      close: () => undefined,
    }
    const schedule = (flush: () => void) => {
      const timer = setTimeout(flush, 16)
      return () => clearTimeout(timer)
    }
    const replica = createDocumentReplica({
      connection,
      clock: pageClock,
      schedule,
      scheduleOthers: schedule,
      scheduleUnseen: schedule,
      unsaved: forgetful,
      workspaceId,
      path,
    })
    replica.onStatus(({ kept, phase }) => {
      if (kept > 0 || phase !== 'text') return
      const waiting = this.#unacknowledged.get(path)?.splice(0) ?? []
      for (const character of waiting) {
        const typed = this.#typed.get(character)
        if (typed) typed.acknowledged = true
      }
      if (waiting.length > 0) this.#onAcknowledged()
    })
    replica.onReplaced(() => this.#giveUp(path))
    this.#replicas.set(path, replica)
    return replica
  }
}

/** A page that dies takes along what the server did not acknowledge: that is what is asked after here. */
const forgetful: UnsavedEditsStorage = {
  textChars: 0,
  paths: () => [],
  read: () => undefined,
  write: () => undefined,
  remove: () => undefined,
}
