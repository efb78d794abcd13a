import { lookup } from 'node:dns/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connectTarget } from '../../core/protocol/host.ts'
import type { Network } from './runner.ts'

export interface EgressOptions {
  /** All addresses of a name. */
  readonly resolve: (host: string) => Promise<readonly string[]>
  /** Whether an address may be reached at all; by the internet's alone, but for tests. */
  readonly mayReach: (address: string) => boolean
}

export interface EgressDoor {
  /** A socket in the file system: whoever reaches it reaches what is allowed, and nothing else. */
  readonly path: string
  close(): Promise<void>
}

/** Where a command finds its way out, inside. */
export const proxyPort = 3128
const proxy = `http://127.0.0.1:${proxyPort}`
/** As programs look for it: large and small, and Node only when told to. */
export const proxySettings = {
  HTTPS_PROXY: proxy,
  https_proxy: proxy,
  HTTP_PROXY: proxy,
  http_proxy: proxy,
  NO_PROXY: '127.0.0.1,localhost',
  no_proxy: '127.0.0.1,localhost',
  NODE_USE_ENV_PROXY: '1',
}

const connectMs = 20_000
const quietMs = 120_000
const mostTunnels = 64
const headBytes = 8192

/** Opens one command's way out: CONNECT to allowed hosts, by addresses that were looked at, each told of. */
export async function openEgress(
  { allows, onReach }: Network,
  { resolve, mayReach }: EgressOptions,
): Promise<EgressDoor> {
  // Short: the path of a socket has room for a hundred characters.
  const folder = await mkdtemp(join(tmpdir(), 'tandem-out-'))
  const path = join(folder, 's')
  const open = new Set<Socket | Duplex>()
  const under = new Set<Promise<void>>()
  const server = createServer({ maxHeaderSize: headBytes }, (request, response) => {
    request.resume()
    response.writeHead(405, { connection: 'close' })
    response.end('Only https is let through: this proxy answers CONNECT alone.\n')
  })
  server.on('connection', (socket) => track(socket))
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const tunnelling = tunnel(request.url ?? '', socket, head)
    under.add(tunnelling)
    void tunnelling.finally(() => under.delete(tunnelling))
  })

  function track(socket: Socket | Duplex): void {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }

  async function tunnel(authority: string, socket: Duplex, head: Buffer): Promise<void> {
    const target = connectTarget(authority)
    const host = target ? `${target.host}:${target.port}` : authority.slice(0, 300)
    const refuse = (status: string, why: string, verdict: 'refused' | 'failed' = 'refused') => {
      onReach({ host, verdict, why })
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n${why}\n`)
    }
    if (!target) return refuse('403 Forbidden', 'Hosts are reached by name and port, not by address.')
    if (!allows(host)) return refuse('403 Forbidden', `${host} is not among the hosts people have allowed.`)
    if (under.size > mostTunnels) return refuse('429 Too Many Requests', 'Too many connections at once.')
    try {
      const address = await addressOf(target.host)
      if (address === undefined)
        return refuse('403 Forbidden', `${target.host} leads into a network that is not the internet.`)
      // The address that was looked at, whatever the name leads to by now.
      const upstream = await connected(address, target.port)
      track(upstream)
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      if (head.length > 0) upstream.write(head)
      await piped(socket, upstream)
      const { bytesWritten: sent, bytesRead: received } = upstream
      onReach({ host, verdict: 'reached', address, sent, received })
    } catch (error) {
      refuse('502 Bad Gateway', error instanceof Error ? error.message : String(error), 'failed')
    }
  }

  /** One address that may be reached; none when any of the name's may not: a name of both is a trap. */
  async function addressOf(host: string): Promise<string | undefined> {
    const addresses = await resolve(host)
    return addresses.every(mayReach) ? addresses[0] : undefined
  }

  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(path, done)
  })
  return {
    path,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      // What was under way is told of before the command is over.
      await Promise.allSettled(under)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function allAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

function connected(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: connectMs, allowHalfOpen: true })
    socket.once('connect', () => {
      socket.removeListener('error', reject)
      socket.setTimeout(0)
      resolve(socket)
    })
    socket.once('timeout', () => socket.destroy(new Error('The host did not answer.')))
    socket.once('error', reject)
  })
}

/** Resolves when both ways are over. */
async function piped(inside: Duplex, outside: Socket): Promise<void> {
  outside.setTimeout(quietMs, () => outside.destroy())
  await Promise.allSettled([pipeline(inside, outside), pipeline(outside, inside)])
}
