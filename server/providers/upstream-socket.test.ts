import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { ManualTimers } from '../testing/manual-timers.ts'
import { systemTimers, type Timers } from '../timers.ts'
import type { ConnectionLoss } from './network-failures.ts'
import { defaultTimeouts } from './timeouts.ts'
import { UpstreamSocket } from './upstream-socket.ts'

describe('the socket to a backend', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  async function serve(options: { autoPong: boolean; onPing?: () => void }): Promise<string> {
    const http = createServer()
    const sockets = new WebSocketServer({ server: http, autoPong: options.autoPong })
    sockets.on('connection', (socket) => socket.on('ping', () => options.onPing?.()))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      for (const socket of sockets.clients) socket.terminate()
      http.close()
    })
    return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`
  }

  function dial(url: string, pingEveryMs: number, timers: Timers = systemTimers) {
    const opened = Promise.withResolvers<void>()
    const lost = Promise.withResolvers<ConnectionLoss>()
    const socket = new UpstreamSocket({
      url,
      headers: {},
      connectMs: 2000,
      pingEveryMs,
      timers,
      handlers: { onOpen: opened.resolve, onMessage() {}, onLoss: lost.resolve },
    })
    closing.push(() => socket.terminate())
    return { opened: opened.promise, lost: lost.promise }
  }

  it('[PROV-21] notices a peer that no longer answers pings', async () => {
    const timers = new ManualTimers()
    const pinged = Promise.withResolvers<void>()
    const { opened, lost } = dial(await serve({ autoPong: false, onPing: pinged.resolve }), 15, timers)
    await opened
    timers.advance(15)
    await pinged.promise
    timers.advance(15)
    expect(await lost).toMatchObject({ type: 'lost' })
  })

  it('[UPLINK-20] gives up a connection that does not come about in time', async () => {
    const timers = new ManualTimers()
    const silent = createTcpServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closing.push(() => silent.close())
    const { lost } = dial(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}`, 15, timers)
    timers.advance(2000)
    expect(await lost).toMatchObject({ type: 'connectTimeout' })
  })

  it('[PROV-21] gives a backend that is gone no more than 10 seconds', () => {
    // Pinged, and given until the next ping.
    expect(2 * defaultTimeouts.pingEveryMs).toBeLessThanOrEqual(10_000)
  })

  it('[PROV-21] keeps a silent peer that answers pings', async () => {
    const kept = Promise.withResolvers<'kept'>()
    let pings = 0
    const onPing = () => {
      // A peer that did not answer would be given up long before.
      if (++pings === 4) kept.resolve('kept')
    }
    const { opened, lost } = dial(await serve({ autoPong: true, onPing }), 400)
    await opened
    expect(await Promise.race([lost, kept.promise])).toBe('kept')
  })

  it('[PROV-5] tells a name that does not resolve and a port nobody listens on apart', async () => {
    const refused = dial('ws://127.0.0.1:9', 1000)
    expect(await refused.lost).toMatchObject({ type: 'unreachable', code: 'ECONNREFUSED' })
    const unknown = dial('ws://no-such-host.invalid', 1000)
    expect(await unknown.lost).toMatchObject({
      type: 'unreachable',
      detail: expect.stringContaining('no-such-host.invalid'),
    })
  })
})
