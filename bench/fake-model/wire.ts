import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** How frames reach the client, and the ways in which that can go wrong. */
export interface Wire {
  /** One frame; `event` names it in SSE. */
  send(json: string, event?: string): void
  /** Ends a batch of frames that may have been held for one write. */
  flush(): void
  status(status: number, body: unknown, headers: Readonly<Record<string, string>>): void
  /** Half of a frame and the end. */
  truncate(json: string): void
  /** From now on frames arrive in pieces, split inside characters. */
  split(): void
  /** The next frame goes twice. */
  duplicate(): void
  /** The last frame was sent. */
  finish(): void
  reset(): void
  end(): void
}

export interface SseOptions {
  readonly response: ServerResponse
  readonly headers: Readonly<Record<string, string>>
  /** Event names before the data, as Responses has and chat completions has not. */
  readonly named: boolean
}

export function sseWire({ response, headers, named }: SseOptions): Wire {
  let splitting = false
  let repeat = false
  const socket = response.socket
  function write(text: string): void {
    if (!response.headersSent) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        ...headers,
      })
      socket?.setNoDelay(true)
    }
    // The socket and not the response is corked: each frame stays a chunk of its own, in one packet.
    if (!splitting) socket?.cork()
    if (!splitting) response.write(text)
    else for (const piece of pieces(Buffer.from(text))) response.write(piece)
  }
  return {
    send(json, event) {
      const frame = named && event !== undefined ? `event: ${event}\ndata: ${json}\n\n` : `data: ${json}\n\n`
      write(frame)
      if (repeat) write(frame)
      repeat = false
    },
    flush() {
      while (socket && socket.writableCorked > 0) socket.uncork()
    },
    status(status, body, extra) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      response.writeHead(status, { 'content-type': 'application/json', ...headers, ...extra })
      response.end(text)
    },
    truncate(json) {
      write(`data: ${json.slice(0, json.length / 2)}`)
      response.end()
    },
    split() {
      splitting = true
    },
    duplicate() {
      repeat = true
    },
    finish() {
      if (!named) write('data: [DONE]\n\n')
      response.end()
    },
    reset() {
      this.flush()
      if (socket) afterWrites(socket, () => socket.resetAndDestroy())
    },
    end() {
      // FIN where chunked encoding would still expect more: the client sees an aborted body.
      this.flush()
      if (socket) afterWrites(socket, () => socket.end())
    },
  }
}

export function socketWire(options: { readonly ws: WebSocket; readonly socket: Socket }): Wire {
  const { ws, socket } = options
  let splitting = false
  let repeat = false
  function write(json: string): void {
    if (!splitting) {
      socket.cork()
      ws.send(json)
      return
    }
    const parts = pieces(Buffer.from(json))
    parts.forEach((part, index) => {
      ws.send(part, { binary: false, fin: index === parts.length - 1 })
    })
  }
  return {
    send(json) {
      write(json)
      if (repeat) write(json)
      repeat = false
    },
    flush() {
      while (socket.writableCorked > 0) socket.uncork()
    },
    status(status, body, headers) {
      const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : body
      ws.send(JSON.stringify({ type: 'error', status, error, headers }))
    },
    truncate(json) {
      ws.send(json.slice(0, json.length / 2))
      ws.close(1011)
    },
    split() {
      splitting = true
    },
    duplicate() {
      repeat = true
    },
    finish() {},
    reset() {
      this.flush()
      afterWrites(socket, () => socket.resetAndDestroy())
    },
    end() {
      this.flush()
      ws.close(1000)
    },
  }
}

/** Uneven pieces that fall inside multi-byte characters sooner or later. */
function pieces(bytes: Buffer): Buffer[] {
  const list: Buffer[] = []
  for (let from = 0, size = 1; from < bytes.length; from += size, size = (size % 7) + 1) {
    list.push(bytes.subarray(from, from + size))
  }
  return list
}

/** A reset throws away what the kernel has not sent: wait until the process has handed everything over. */
function afterWrites(socket: Socket, then: () => void): void {
  if (socket.writableLength === 0) setImmediate(then)
  else socket.once('drain', then)
}
