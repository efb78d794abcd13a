// A model server far away: TLS in front of the model, and a way to it on which every byte takes half a round trip.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Traffic } from './distance.ts'

interface Setup {
  readonly modelPort: number
  readonly rttMs: number
  readonly cert: string
  readonly key: string
}

const [setup] = (await once(process, 'message')) as [Setup]
const { modelPort, rttMs, cert, key } = setup
const traffic = { connections: 0, bytesUp: 0, bytesDown: 0 }

const far = createTlsServer({ cert, key }, (socket) => join(socket, connect(modelPort, '127.0.0.1')))
far.listen(0, '127.0.0.1')
await once(far, 'listening')

const near = createServer((socket) => {
  traffic.connections += 1
  // The caller's own handshake was with this machine; over the distance it would have taken a round trip.
  const openAt = performance.now() + rttMs
  const beyond = connect((far.address() as AddressInfo).port, '127.0.0.1')
  carry(socket, beyond, openAt, (bytes) => {
    traffic.bytesUp += bytes
  })
  carry(beyond, socket, openAt, (bytes) => {
    traffic.bytesDown += bytes
  })
})
near.listen(0, '127.0.0.1')
await once(near, 'listening')

process.on('message', ({ id }: { readonly id: number }) => {
  process.send?.({ id, answer: { ...traffic } satisfies Traffic })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ port: (near.address() as AddressInfo).port })

function join(one: Socket, other: Socket): void {
  one.setNoDelay(true)
  other.setNoDelay(true)
  one.pipe(other)
  other.pipe(one)
  for (const [socket, opposite] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on('error', () => opposite.destroy())
    socket.on('close', () => opposite.destroy())
  }
}

/** Hands on what comes, in order, half a round trip later. */
function carry(from: Socket, to: Socket, openAt: number, count: (bytes: number) => void): void {
  from.setNoDelay(true)
  const waiting: { readonly at: number; readonly what: Buffer | 'end' }[] = []
  let timer: NodeJS.Timeout | undefined
  const deliver = (): void => {
    timer = undefined
    const now = performance.now()
    while (waiting[0] !== undefined && waiting[0].at <= now) {
      const what = waiting.shift()?.what
      if (what === 'end') to.end()
      else if (what !== undefined && to.writable) to.write(what)
    }
    schedule(now)
  }
  const schedule = (now: number): void => {
    const next = waiting[0]
    if (next === undefined || timer !== undefined) return
    timer = setTimeout(deliver, Math.max(0, next.at - now))
  }
  const take = (what: Buffer | 'end'): void => {
    const now = performance.now()
    if (rttMs === 0) {
      if (what === 'end') to.end()
      else if (to.writable) to.write(what)
      return
    }
    waiting.push({ at: Math.max(now, openAt) + rttMs / 2, what })
    schedule(now)
  }
  from.on('data', (chunk) => {
    count(chunk.length)
    take(chunk)
  })
  from.on('end', () => take('end'))
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (from.errored) to.destroy()
  })
}
