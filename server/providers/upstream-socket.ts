import type { IncomingHttpHeaders } from 'node:http'
import { WebSocket } from 'ws'
import type { Timers } from '../timers.ts'
import type { ConnectionLoss } from './network-failures.ts'
import { unreachable } from './network-failures.ts'

const frameBytes = 64 * 1024 * 1024
const bodyChars = 16 * 1024

export interface SocketHandlers {
  onOpen(): void
  /** The headers of the handshake's answer. */
  onHead?(headers: IncomingHttpHeaders): void
  /** One text frame, called from the socket's read. */
  onMessage(text: string): void
  /** Once: it never opened, or is gone. Not called after `terminate`. */
  onLoss(loss: ConnectionLoss): void
}

/** A WebSocket to a model's backend: no compression, pinged, and dropped without a farewell. */
export class UpstreamSocket {
  readonly #ws: WebSocket
  readonly #handlers: SocketHandlers
  #cancelTimer: () => void
  #over = false
  #heard = true

  constructor(options: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly connectMs: number
    readonly pingEveryMs: number
    readonly timers: Timers
    readonly handlers: SocketHandlers
  }) {
    const { url, headers, connectMs, pingEveryMs, timers, handlers } = options
    this.#handlers = handlers
    this.#ws = new WebSocket(url, {
      headers,
      perMessageDeflate: false,
      maxPayload: frameBytes,
      followRedirects: false,
    })
    this.#cancelTimer = timers.after(connectMs, () => {
      const detail = `${new URL(url).host} did not accept a connection within ${connectMs / 1000} s.`
      this.#lose({ type: 'connectTimeout', detail })
    })
    let opened = false
    this.#ws.on('upgrade', (response) => handlers.onHead?.(response.headers))
    this.#ws.on('open', () => {
      opened = true
      this.#cancelTimer()
      this.#cancelTimer = timers.every(pingEveryMs, () => this.#ping())
      handlers.onOpen()
    })
    this.#ws.on('message', (data, isBinary) => {
      this.#heard = true
      if (this.#over) return
      if (isBinary) this.#lose({ type: 'garbled', detail: 'The backend sent a binary frame.' })
      else handlers.onMessage(data.toString())
    })
    this.#ws.on('pong', () => {
      this.#heard = true
    })
    this.#ws.on('unexpected-response', (_request, response) => {
      const { statusCode: status = 0, headers: answer } = response
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        if (body.length < bodyChars) body += text
      })
      const refused = (): void => this.#lose({ type: 'refused', status, headers: answer, body })
      response.on('end', refused)
      response.on('error', refused)
    })
    this.#ws.on('error', (error) => {
      if (!opened) this.#lose(unreachable(error, url))
      else if ('code' in error && String(error.code).startsWith('WS_ERR_')) {
        this.#lose({ type: 'garbled', detail: error.message })
      } else this.#lose({ type: 'lost', detail: `The connection was cut (${error.message}).` })
    })
    this.#ws.on('close', (code, reason) => {
      const said = reason.length > 0 ? `: ${reason.toString()}` : ''
      this.#lose({ type: 'lost', detail: `The connection was closed (${code}${said}).` })
    })
  }

  send(text: string): void {
    this.#ws.send(text)
  }

  /** Drops the TCP connection at once: the only way to cancel that every backend understands. */
  terminate(): void {
    this.#over = true
    this.#cancelTimer()
    this.#ws.terminate()
  }

  #ping(): void {
    if (!this.#heard) {
      this.#lose({ type: 'lost', detail: 'The backend no longer answers on this connection.' })
      return
    }
    this.#heard = false
    this.#ws.ping()
  }

  #lose(loss: ConnectionLoss): void {
    if (this.#over) return
    this.terminate()
    this.#handlers.onLoss(loss)
  }
}
