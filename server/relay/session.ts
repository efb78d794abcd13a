import type { Clock } from '../../core/lib/clock.ts'
import { requestFrameSchema } from '../../core/protocol/envelope.ts'
import { closeCodes, errorCodes } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Actor } from '../access/actor.ts'
import type { Timers } from '../timers.ts'
import { Outbox } from './outbox.ts'
import type { Transport } from './transport.ts'

/** Requests of one session that may be under way at once. */
const concurrentRequests = 64
/** Malformed frames forgiven before the session is closed. */
const badFrames = 5

export interface RequestContext {
  readonly session: Session
  /** Monotonic milliseconds at which the request's frame arrived. */
  readonly receivedAt: number
}

/** Runs one request; resolves with the text of the response frame, never rejects. */
export type HandleRequest = (
  id: number,
  method: string,
  params: unknown,
  context: RequestContext,
) => Promise<string>

export interface SessionDeps {
  readonly id: string
  readonly actor: Actor
  readonly transport: Transport
  readonly handle: HandleRequest
  readonly clock: Clock
  readonly timers: Timers
  readonly onBinary: (session: Session, bytes: Uint8Array) => void
}

/** One connected browser, from handshake to close. */
export class Session {
  readonly id: string
  /** Who is behind it. */
  readonly actor: Actor
  readonly outbox: Outbox
  opened = false
  readonly #transport: Transport
  readonly #closers: (() => void)[] = []
  #running = 0
  #bad = 0
  /** Being closed: what still arrives is not read. */
  #closing = false
  #closed = false

  constructor(deps: SessionDeps) {
    this.id = deps.id
    this.actor = deps.actor
    this.#transport = deps.transport
    this.outbox = new Outbox(deps.transport, deps.timers)
    const stopWaiting = deps.timers.after(limits.handshakeMs, () => {
      if (!this.opened) this.close('badFrame', 'no session/open')
    })
    this.onClose(stopWaiting)
    deps.transport.onText((text) => {
      if (!this.#closing) this.#receive(text, deps)
    })
    deps.transport.onBinary((bytes) => {
      if (this.#closing) return
      if (this.opened) deps.onBinary(this, bytes)
      else this.#badFrame('binary frame before session/open')
    })
    deps.transport.onClose(() => {
      this.#closed = true
      this.outbox.close()
      for (const closer of this.#closers.splice(0)) closer()
    })
  }

  /** The socket is gone: nothing may be tied to this session any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** Runs when the socket is gone. */
  onClose(closer: () => void): void {
    if (this.#closed) closer()
    else this.#closers.push(closer)
  }

  close(reason: keyof typeof closeCodes, detail: string): void {
    this.#closing = true
    this.#transport.close(closeCodes[reason], detail)
  }

  /** Sends a document frame; a browser that cannot keep up reconnects and takes the state instead. */
  sendBinary(bytes: Uint8Array): void {
    if (!this.outbox.binary(bytes)) this.close('lagging', 'the browser takes no more')
  }

  #receive(text: string, { handle, clock }: SessionDeps): void {
    const receivedAt = clock.monotonic()
    if (this.#transport.bufferedBytes() > limits.unreadBytes) {
      return this.close('lagging', 'the browser does not read its answers')
    }
    if (text.length > limits.clientFrameBytes) return this.#badFrame('frame too large')
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return this.#badFrame('no JSON')
    }
    const frame = requestFrameSchema.safeParse(json)
    if (!frame.success) return this.#badFrame('no request frame')
    const { id, method, params } = frame.data
    if (this.#running >= concurrentRequests) {
      const { retriable } = errorCodes.overloaded
      const error = { code: 'overloaded', message: 'Too many requests at once; wait for answers.', retriable }
      this.outbox.response(JSON.stringify({ id, error }))
      return
    }
    this.#running++
    void handle(id, method, params, { session: this, receivedAt }).then((response) => {
      this.#running--
      if (!this.#closed) this.outbox.response(response)
    })
  }

  #badFrame(what: string): void {
    const error = { code: 'badFrame', message: `Not a frame of this protocol: ${what}.`, retriable: false }
    this.outbox.response(JSON.stringify({ id: 0, error }))
    if (++this.#bad >= badFrames) this.close('badFrame', what)
  }
}
