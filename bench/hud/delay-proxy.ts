import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a port on which bytes can be made to take longer, each direction by itself. */
export interface DelayProxy {
  readonly port: number
  /** Where it leads. */
  targetPort: number
  /** Milliseconds each byte takes there and back. */
  upMs: number
  downMs: number
  /** Milliseconds before a new connection carries anything. */
  openMs: number
  /** How long the next bytes up, the next down with text, and a new connection until its answer really took. */
  readonly held: { up: number; down: number; open: number }
  /** Called as the next bytes go up. */
  onUp: (() => void) | undefined
  /** Ends all connections. */
  cut(): void
  close(): void
}

export async function createDelayProxy(targetPort = 0): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(proxy.targetPort, '127.0.0.1')
    const acceptedAt = performance.now()
    const openAt = acceptedAt + proxy.openMs
    let isNew = true
    sockets.add(near)
    near.on('close', () => sockets.delete(near))
    carry(near, far, {
      delayMs: () => proxy.upMs,
      openAt,
      onCarried: (_chunk, ms) => {
        proxy.held.up ||= ms
      },
    })
    carry(far, near, {
      delayMs: () => proxy.downMs,
      openAt,
      onCarried: (chunk, ms) => {
        if (isNew) proxy.held.open ||= performance.now() - acceptedAt
        isNew = false
        if (chunk.includes('"item/delta"')) proxy.held.down ||= ms
      },
    })
    near.on('data', () => {
      const { onUp } = proxy
      proxy.onUp = undefined
      onUp?.()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: DelayProxy = {
    port: (server.address() as AddressInfo).port,
    targetPort,
    upMs: 0,
    downMs: 0,
    openMs: 0,
    held: { up: 0, down: 0, open: 0 },
    onUp: undefined,
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      proxy.cut()
      server.close()
    },
  }
  return proxy
}

interface Way {
  readonly delayMs: () => number
  readonly openAt: number
  readonly onCarried: (chunk: Buffer, ms: number) => void
}

function carry(from: Socket, to: Socket, { delayMs, openAt, onCarried }: Way): void {
  from.setNoDelay(true)
  /** What came later must not arrive before, also when the delay has become shorter. */
  let lastAt = openAt
  from.on('data', (chunk) => {
    const now = performance.now()
    const at = Math.max(lastAt, now + delayMs())
    const pass = () => {
      if (to.writable) to.write(chunk)
      onCarried(chunk, performance.now() - now)
    }
    if (at <= now) return pass()
    lastAt = at
    setTimeout(pass, at - now)
  })
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}
