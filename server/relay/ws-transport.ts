import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { limits } from '../../core/protocol/limits.ts'
import type { Actor } from '../access/actor.ts'
import type { Timers } from '../timers.ts'
import type { Transport } from './transport.ts'

export interface SocketAcceptor {
  /** Completes the handshake of an upgrade that was already allowed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, actor: Actor): void
  close(): void
}

/** Accepts WebSockets: no compression (it collapses at token rates), bounded frames, dead peers found by ping. */
export function createSocketAcceptor(
  timers: Timers,
  onTransport: (transport: Transport, actor: Actor) => void,
): SocketAcceptor {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.clientBinaryBytes,
    clientTracking: true,
  })
  return {
    accept(request, socket, head, actor) {
      server.handleUpgrade(request, socket, head, (ws) => onTransport(toTransport(ws, socket, timers), actor))
    },
    close() {
      for (const ws of server.clients) ws.terminate()
      server.close()
    },
  }
}

/** The first byte of a message of text that is not cut into parts. */
const wholeText = 0x81

function toTransport(ws: WebSocket, socket: Duplex, timers: Timers): Transport {
  /** What the network had not taken when what is sent now began; `undefined`: nothing is being sent. */
  let before: number | undefined
  /** What is sent in one go is one write: that costs more than all that is in it. */
  const gather = () => {
    if (before !== undefined) return
    before = ws.bufferedAmount
    socket.cork()
    // Deltas leave with `soon`: one that follows what is sent now goes along.
    timers.soon(() =>
      timers.soon(() => {
        before = undefined
        socket.uncork()
      }),
    )
  }
  let alive = true
  const stopPinging = timers.every(limits.pingEveryMs, () => {
    if (!alive) ws.terminate()
    alive = false
    if (ws.readyState === ws.OPEN) ws.ping()
  })
  ws.on('pong', () => {
    alive = true
  })
  ws.on('close', stopPinging)
  // An error is always followed by close, which is where cleaning up happens.
  ws.on('error', () => undefined)
  return {
    sendText(text) {
      if (ws.readyState !== ws.OPEN) return
      gather()
      // Most is plain: as one string it costs the system's writing two fifths less than as a head and a body.
      if (Buffer.byteLength(text) === text.length) socket.write(headOf(text.length) + text, 'latin1')
      else ws.send(text)
    },
    sendBinary(bytes) {
      if (ws.readyState !== ws.OPEN) return
      gather()
      ws.send(bytes)
    },
    bufferedBytes: () => before ?? ws.bufferedAmount,
    close(code, reason) {
      ws.close(code, reason)
      // A peer that does not answer the close frame is cut.
      timers.after(500, () => ws.terminate())
    },
    onText(listener) {
      ws.on('message', (data, isBinary) => {
        alive = true
        if (!isBinary) listener(String(data))
      })
    },
    onBinary(listener) {
      ws.on('message', (data, isBinary) => {
        if (isBinary && data instanceof Buffer) listener(data)
      })
    },
    onClose(listener) {
      ws.on('close', listener)
    },
  }
}

/** What stands before a text of so many bytes: a whole message, unmasked, as servers send them. */
function headOf(bytes: number): string {
  if (bytes < 126) return String.fromCharCode(wholeText, bytes)
  const [high, low] = [(bytes >>> 8) & 0xff, bytes & 0xff]
  if (bytes < 0x1_0000) return String.fromCharCode(wholeText, 126, high, low)
  return String.fromCharCode(wholeText, 127, 0, 0, 0, 0, bytes >>> 24, (bytes >>> 16) & 0xff, high, low)
}
