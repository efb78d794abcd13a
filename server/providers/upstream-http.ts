import http from 'node:http'
import https from 'node:https'
import type { Sent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { ConnectionLoss } from './network-failures.ts'
import { unreachable } from './network-failures.ts'
import { SseParser } from './sse.ts'

const bodyChars = 64 * 1024
const leaveMs = 2000
const freeMs = 10

/** Kept-alive connections to one backend. */
export class HttpPool {
  readonly #agent: http.Agent
  readonly #lib: typeof http | typeof https
  readonly #baseUrl: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #connectMs: number
  readonly #clock: Clock
  readonly #query: string
  /** Streams that have said all and are about to free their connection. */
  readonly #leaving = new Set<UpstreamStream>()

  /** `baseUrl` without a slash at its end; `headers` go with every request. */
  constructor(options: {
    readonly baseUrl: string
    readonly headers: Readonly<Record<string, string>>
    readonly connectMs: number
    readonly clock: Clock
    /** Goes with every address: `?api-version=2025-04-01`. */
    readonly query?: string | undefined
  }) {
    this.#query = options.query ?? ''
    this.#clock = options.clock
    this.#baseUrl = options.baseUrl
    this.#headers = options.headers
    this.#connectMs = options.connectMs
    this.#lib = options.baseUrl.startsWith('https:') ? https : http
    this.#agent = new this.#lib.Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: 32 })
  }

  /** Whether a connection is open and idle. */
  get hasIdle(): boolean {
    return Object.values(this.#agent.freeSockets).some((sockets) => (sockets?.length ?? 0) > 0)
  }

  /** Posts JSON text and reads the answer as server-sent events. Handlers are called from the socket's read. */
  stream(path: string, body: string, handlers: StreamHandlers): UpstreamStream {
    const stream = new UpstreamStream({ handlers, leaving: this.#leaving, clock: this.#clock })
    const headers = {
      ...this.#headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'text/event-stream',
    }
    const start = (mayRetry: boolean): void => {
      const request = this.#request('POST', path, headers)
      stream.follow(request, () => {
        // The server closed an idle connection just as we took it up: nothing was lost, so ask again.
        if (mayRetry && request.reusedSocket) start(false)
        return mayRetry && request.reusedSocket
      })
      request.end(body)
    }
    const begin = (): void => {
      if (stream.isOver) return
      try {
        start(true)
      } catch (error) {
        // A header that cannot be sent; told like any other loss, after the caller has its stream.
        queueMicrotask(() => stream.end(unreachable(error, this.#baseUrl)))
      }
    }
    const [leaving] = this.#leaving
    if (leaving && !this.hasIdle) leaving.whenFree(begin)
    else begin()
    return stream
  }

  /** A small JSON document; also the way to open a connection ahead of time. Rejects with a `ConnectionLoss`. */
  get(path: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = this.#request('GET', path, { ...this.#headers, accept: 'application/json' })
      const abort = (): void => void request.destroy(new Error('Aborted.'))
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, { once: true })
      const finish = (loss: ConnectionLoss | undefined, text = ''): void => {
        signal.removeEventListener('abort', abort)
        if (loss) reject(new LossError(loss))
        else resolve(text)
      }
      request.on('error', (error) => finish(lossOf(request, error)))
      request.on('response', (response) => {
        readAll(response, 8 * 1024 * 1024, (body) => {
          const { statusCode: status = 0, headers } = response
          if (status === 200) finish(undefined, body)
          else finish({ type: 'refused', status, headers, body })
        })
      })
      request.end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #request(method: string, path: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
    const url = `${this.#baseUrl}${path}${this.#query}`
    const request = this.#lib.request(url, { method, headers, agent: this.#agent })
    request.on('socket', (socket) => {
      if (!socket.connecting) return
      const timer = setTimeout(
        () => request.destroy(new ConnectTimeout(this.#connectMs, url)),
        this.#connectMs,
      )
      const clear = (): void => clearTimeout(timer)
      socket.once(this.#lib === https ? 'secureConnect' : 'connect', clear)
      socket.once('close', clear)
    })
    return request
  }
}

class ConnectTimeout extends Error {
  constructor(ms: number, url: string) {
    super(`${new URL(url).host} did not accept a connection within ${ms / 1000} s.`)
  }
}

/** The rejection of `HttpPool.get`. */
export class LossError extends Error {
  readonly loss: ConnectionLoss
  constructor(loss: ConnectionLoss) {
    super(loss.type === 'refused' ? `Status ${loss.status}` : loss.detail)
    this.loss = loss
  }
}

export interface StreamHandlers {
  /** The answer has begun, whatever it will be. */
  onHead(headers: http.IncomingHttpHeaders): void
  /** The whole request has left. */
  onSent(sent: Sent): void
  /** The data of one event. */
  onData(data: string): void
  /** The stream is over: as HTTP has it (`undefined`), or because of a loss. */
  onEnd(loss: ConnectionLoss | undefined): void
}

/** A running request. After `cut` or `onEnd`, no handler is called. */
export class UpstreamStream {
  readonly #handlers: StreamHandlers
  readonly #leaving: Set<UpstreamStream>
  readonly #clock: Clock
  #request: http.ClientRequest | undefined
  #ended = false
  #left: (() => void) | undefined

  constructor(options: {
    readonly handlers: StreamHandlers
    readonly leaving: Set<UpstreamStream>
    readonly clock: Clock
  }) {
    this.#handlers = options.handlers
    this.#leaving = options.leaving
    this.#clock = options.clock
  }

  get isOver(): boolean {
    return this.#ended
  }

  /** `retry` may start the request anew and says whether it did. */
  follow(request: http.ClientRequest, retry: () => boolean): void {
    this.#request = request
    let answered = false
    let sent = false
    let connectMs = 0
    const markSent = (): void => {
      const connection = request.reusedSocket ? 'reused' : 'opened'
      if (!sent && !this.#ended) this.#handlers.onSent({ connection, connectMs })
      sent = true
    }
    const startedAt = this.#clock.monotonic()
    request.on('socket', (socket) => {
      const secure = 'encrypted' in socket
      const opened = (): void => {
        connectMs = this.#clock.monotonic() - startedAt
      }
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', opened)
    })
    request.on('finish', markSent)
    request.on('error', (error) => {
      if (this.#ended || answered) return
      if (retry()) return
      this.end(
        sent && !request.reusedSocket ? { type: 'lost', detail: words(error) } : lossOf(request, error),
      )
    })
    request.on('response', (response) => {
      answered = true
      if (this.#ended) return
      markSent()
      this.#handlers.onHead(response.headers)
      if (!this.#ended) this.#read(response)
    })
  }

  /** Drops the connection at once. */
  cut(): void {
    if (this.#ended) return
    this.#over()
    this.#request?.destroy()
  }

  /** All that was wanted has come: the backend may end the stream, and so free the connection, but not keep it. */
  leave(): void {
    if (this.#ended) return
    this.#leaving.add(this)
    setTimeout(() => this.cut(), leaveMs).unref()
  }

  /**
   * For the request that follows at once: waits a moment for the end that is already on its way, which is sooner
   * than a new connection.
   */
  whenFree(then: () => void): void {
    let told = false
    const tell = (): void => {
      if (!told) then()
      told = true
    }
    // The connection is back in the pool only after its `end` was handled everywhere.
    this.#left = () => setImmediate(tell)
    setTimeout(tell, freeMs)
  }

  #read(response: http.IncomingMessage): void {
    const { statusCode: status = 0, headers } = response
    const type = headers['content-type'] ?? 'text/event-stream'
    if (status !== 200 || !/event-stream|text\/plain/.test(type)) {
      readAll(response, bodyChars, (body) => this.end({ type: 'refused', status, headers, body }))
      return
    }
    const parser = new SseParser((data) => {
      if (!this.#ended) this.#handlers.onData(data)
    })
    response.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk)
      } catch (error) {
        this.end({ type: 'garbled', detail: words(error) })
        response.destroy()
      }
    })
    response.on('end', () => this.end(undefined))
    response.on('error', (error) =>
      this.end({ type: 'lost', detail: `The connection was cut (${words(error)}).` }),
    )
    response.on('close', () => this.end({ type: 'lost', detail: 'The connection was cut.' }))
  }

  /** For the pool: the stream is over. */
  end(loss: ConnectionLoss | undefined): void {
    if (this.#ended) return
    this.#over()
    this.#handlers.onEnd(loss)
  }

  #over(): void {
    this.#ended = true
    this.#leaving.delete(this)
    this.#left?.()
  }
}

function lossOf(request: http.ClientRequest, error: Error): ConnectionLoss {
  if (error instanceof ConnectTimeout) return { type: 'connectTimeout', detail: error.message }
  const url = `${request.protocol}//${request.getHeader('host')}`
  if (request.reusedSocket) return { type: 'lost', detail: words(error) }
  return unreachable(error, url)
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function readAll(response: http.IncomingMessage, most: number, then: (body: string) => void): void {
  let body = ''
  let told = false
  const tell = (): void => {
    if (!told) then(body)
    told = true
  }
  response.setEncoding('utf8')
  response.on('data', (text: string) => {
    body += text
    if (body.length > most) response.destroy()
  })
  response.on('end', tell)
  response.on('error', tell)
  response.on('close', tell)
}
