import { closeCodes } from '../../core/protocol/errors.ts'
import type { Dial, Timers } from './transport.ts'

/** Dials the relay of the page's own origin; the session's cookie travels with the upgrade. */
export function createWebSocketDial(page: Location): Dial {
  const url = new URL('/relay', page.href)
  url.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:'
  return (handlers) => {
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    let opened = false
    socket.onopen = () => {
      opened = true
      handlers.onOpen()
    }
    socket.onmessage = ({ data }) => {
      handlers.onFrame(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data))
    }
    socket.onclose = async ({ code }) => {
      handlers.onClose(opened ? code : await refusalCode(page))
    }
    return {
      send: (frame) => {
        if (socket.readyState === WebSocket.OPEN)
          socket.send(typeof frame === 'string' ? frame : exactBytes(frame))
      },
      bufferedBytes: () => socket.bufferedAmount,
      close: () => socket.close(),
    }
  }
}

/** A browser hides why an upgrade was refused, so the same door is asked once over HTTP. */
async function refusalCode(page: Location): Promise<number> {
  try {
    const { status } = await fetch(new URL('/relay', page.href), {
      cache: 'no-store',
      signal: AbortSignal.timeout(2000),
    })
    if (status === 410) return closeCodes.linkEnded
    if (status === 401) return closeCodes.unauthorized
    return status === 403 ? closeCodes.forbidden : 1006
  } catch {
    return 1006
  }
}

/** `send` takes no view of a shared buffer. */
function exactBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes)
}

/** Timers of the page. */
export const pageTimers: Timers = {
  after(ms, run) {
    const handle = setTimeout(run, ms)
    return () => clearTimeout(handle)
  },
}

/** Tells of moments at which a lost network may be back. Returns the disposer. */
export function onWake(listener: () => void): () => void {
  const onVisible = () => {
    if (document.visibilityState === 'visible') listener()
  }
  window.addEventListener('online', listener)
  document.addEventListener('visibilitychange', onVisible)
  // Of a page that was frozen.
  document.addEventListener('resume', listener)
  return () => {
    window.removeEventListener('online', listener)
    document.removeEventListener('visibilitychange', onVisible)
    document.removeEventListener('resume', listener)
  }
}
