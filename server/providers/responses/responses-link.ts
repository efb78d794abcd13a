import type { ModelRequest, Sent } from '../../../core/engine/model-stream.ts'
import type { Clock } from '../../../core/lib/clock.ts'
import { Exchange } from '../exchange.ts'
import { type ConnectionLoss, unreachable } from '../network-failures.ts'
import type { Timeouts } from '../timeouts.ts'
import { UpstreamSocket } from '../upstream-socket.ts'
import { RequestWriter } from './request-body.ts'
import { ResponseChain } from './response-chain.ts'
import { failureOfConnection } from './response-failures.ts'
import { type ResponseEnd, ResponseReader } from './response-reader.ts'

/** Backends end a connection after 60 minutes; ours is replaced before, between two requests. */
const rotateMs = 55 * 60_000
/** A warm-up that takes longer than this is in the way of the request it was for. */
const warmUpMs = 1500

/** Takes the frames of one response; responses of one connection come in the order of their requests. */
interface Receiver {
  /** Returns what is left to do once the response has ended and the connection is free. */
  onFrame(text: string): (() => void) | undefined
  onLoss(loss: ConnectionLoss): void
}

export interface LinkOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: Timeouts
  readonly clock: Clock
}

/** One kept-open WebSocket to a Responses backend, and what the backend remembers on it. */
export class ResponsesLink {
  readonly #options: LinkOptions
  readonly #writer = new RequestWriter()
  readonly #chain = new ResponseChain()
  #socket: UpstreamSocket | undefined
  #connecting: Promise<ConnectionLoss | undefined> | undefined
  #settleConnecting: ((loss: ConnectionLoss | undefined) => void) | undefined
  #isOpen = false
  #openedAt = 0
  #receivers: Receiver[] = []
  #warmedAt: number | undefined
  #running: Exchange | undefined
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** A request is running. */
  get busy(): boolean {
    return this.#running !== undefined
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Resolves to what prevented it; `undefined` when the socket is open. */
  connect(): Promise<ConnectionLoss | undefined> {
    if (this.#isOpen) return Promise.resolve(undefined)
    this.#connecting ??= new Promise((resolve) => {
      this.#settleConnecting = resolve
      try {
        this.#dial()
      } catch (error) {
        this.#reset(unreachable(error, this.#options.url))
      }
    })
    return this.#connecting
  }

  #dial(): void {
    const { url, headers, timeouts, clock } = this.#options
    this.#socket = new UpstreamSocket({
      url,
      headers,
      connectMs: timeouts.connectMs,
      pingEveryMs: timeouts.pingEveryMs,
      handlers: {
        onOpen: () => {
          this.#isOpen = true
          this.#openedAt = clock.monotonic()
          this.#connecting = undefined
          this.#settleConnecting?.(undefined)
        },
        onMessage: (text) => {
          const receiver = this.#receivers[0]
          const finish = receiver?.onFrame(text)
          if (!finish) return
          if (this.#receivers[0] === receiver) this.#receivers.shift()
          finish()
        },
        onLoss: (loss) => this.#reset(loss),
      },
    })
  }

  /** Connects and lets the server prepare the request's instructions, tools and input. */
  async warm(request: ModelRequest): Promise<ConnectionLoss | undefined> {
    this.#rotate()
    const loss = await this.connect()
    if (loss || this.#closed || this.busy || this.#warmedAt !== undefined) return loss
    const stablePart = this.#writer.stablePart(request)
    if (this.#chain.continuation(request, stablePart)) return undefined
    // Nobody listens to a warm-up: it reads into an exchange that is over.
    const exchange = new Exchange({
      signal: AbortSignal.abort(),
      timeouts: this.#options.timeouts,
      onEvent() {},
    })
    const reader = new ResponseReader({ exchange, now: () => this.#options.clock.now() })
    this.#warmedAt = this.#options.clock.monotonic()
    this.#receivers.push({
      onFrame: (text) => {
        const { id: known } = reader
        const end = reader.push(text)
        // Requests of one connection run in order, so the id can be built on before the warm-up is done.
        const { id, output } = reader
        if (id !== known && id !== undefined)
          this.#chain.remember({ id, stablePart, input: request.input, output })
        if (!end) return undefined
        return () => {
          this.#warmedAt = undefined
          if (end.type === 'failed') this.#chain.forget()
        }
      },
      onLoss: () => {},
    })
    this.#socket?.send(this.#writer.frame(request, { input: request.input, generate: false }))
    return undefined
  }

  /**
   * Runs a request to its end. Resolves to the reason when the socket could not be opened at all; then nothing
   * was sent, and the exchange is still open.
   */
  async run(request: ModelRequest, exchange: Exchange): Promise<ConnectionLoss | undefined> {
    this.#running = exchange
    // Until something is sent there is nothing to cut: the connection being opened serves the next request.
    exchange.attach(() => this.#release(exchange))
    this.#rotate()
    const { clock } = this.#options
    let sent: Sent = { connection: 'reused', connectMs: 0 }
    for (let attempt = 0; attempt < 2; attempt++) {
      const startedAt = clock.monotonic()
      const wasOpen = this.#isOpen
      const loss = wasOpen ? undefined : await this.connect()
      if (!wasOpen) sent = { connection: 'opened', connectMs: clock.monotonic() - startedAt }
      if (!exchange.isOpen) return undefined
      if (loss) {
        this.#release(exchange)
        return loss
      }
      const replay = await this.#send(request, exchange, { sent, isLast: attempt === 1 })
      if (!replay || !exchange.isOpen) return undefined
      if (replay === 'onNewSocket') this.#drop()
    }
    return undefined
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  /** Sends and reads one answer; resolves to where the request should be sent once more, if it should. */
  #send(
    request: ModelRequest,
    exchange: Exchange,
    options: { readonly sent: Sent; readonly isLast: boolean },
  ): Promise<'onSameSocket' | 'onNewSocket' | undefined> {
    const { clock } = this.#options
    const now = (): number => clock.now()
    const reader = new ResponseReader({ exchange, now })
    const stablePart = this.#writer.stablePart(request)
    const known = this.#chain.continuation(request, stablePart)
    return new Promise((resolve) => {
      let heard = false
      const end = (result: ResponseEnd): void => {
        const { isOpen } = exchange
        if (result.type === 'completed' && result.id !== '') {
          this.#chain.remember({ id: result.id, stablePart, input: request.input, output: reader.output })
        } else this.#chain.forget()
        if (isOpen && result.type === 'failed' && !options.isLast && reader.output.length === 0) {
          if (result.code === 'previous_response_not_found') return resolve('onSameSocket')
          if (result.code === 'websocket_connection_limit_reached') return resolve('onNewSocket')
        }
        // What else is on a connection that sent nonsense cannot be trusted.
        if (result.type === 'failed' && result.failure.code === 'malformed') this.#drop()
        this.#release(exchange)
        if (result.type === 'completed') exchange.complete()
        else exchange.fail(result.failure)
        resolve(undefined)
      }
      exchange.attach(() => {
        this.#release(exchange)
        this.#cut()
      })
      this.#receivers.push({
        onFrame: (text) => {
          heard = true
          const result = reader.push(text)
          return result && (() => end(result))
        },
        onLoss: (loss) => {
          // An idle connection that died unnoticed: nothing was lost with it.
          if (options.sent.connection !== 'opened' && !heard && !options.isLast) return resolve('onNewSocket')
          this.#release(exchange)
          exchange.fail(failureOfConnection(loss, now()))
          resolve(undefined)
        },
      })
      const frame = known
        ? { input: known.input, previousResponseId: known.id, generate: true }
        : { input: request.input, generate: true }
      this.#socket?.send(this.#writer.frame(request, frame))
      exchange.sent(options.sent)
    })
  }

  #release(exchange: Exchange): void {
    if (this.#running === exchange) this.#running = undefined
  }

  /** Aborted or timed out: drops the socket at once, and opens the next one since a redirect is likely to follow. */
  #cut(): void {
    this.#drop()
    setImmediate(() => {
      if (!this.#closed) void this.connect()
    })
  }

  /** Replaces a connection that is near its end, or that still works on a warm-up. */
  #rotate(): void {
    const now = this.#options.clock.monotonic()
    const old = this.#isOpen && now - this.#openedAt > rotateMs
    if (old || (this.#warmedAt !== undefined && now - this.#warmedAt > warmUpMs)) this.#drop()
  }

  #drop(): void {
    this.#socket?.terminate()
    this.#reset({ type: 'lost', detail: 'The connection was given up.' })
  }

  #reset(loss: ConnectionLoss): void {
    const receivers = this.#receivers
    this.#receivers = []
    this.#socket = undefined
    this.#connecting = undefined
    this.#settleConnecting?.(loss)
    this.#isOpen = false
    this.#warmedAt = undefined
    this.#chain.forget()
    for (const receiver of receivers) receiver.onLoss(loss)
  }
}
