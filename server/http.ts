import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { RequestError } from '../core/protocol/errors.ts'
import type { Actor } from './access/actor.ts'
import type { Join } from './access/join.ts'
import type { ArtefactFiles } from './jobs/artefact-files.ts'
import type { Auth } from './relay/auth.ts'
import { signInPage } from './sign-in-page.ts'
import type { StaticFiles } from './static-files.ts'

interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

export interface HttpDeps {
  readonly auth: Auth
  readonly ready: () => boolean
  /** Answers requests under `/preview/`; the capability in the path is their key. */
  readonly preview: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Answers requests under `/artefacts/`, for who may see all. */
  readonly artefacts: ArtefactFiles
  /** Answers what belongs to coming in by a shared link. */
  readonly join: Join
  /** What `/metrics` says; without it there is no such page. */
  readonly metrics?: Metrics | undefined
  /** What the build left for the browser; without it the page server answers for that too. */
  readonly files?: StaticFiles | undefined
  readonly page: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly accept: (request: IncomingMessage, socket: Duplex, head: Buffer, actor: Actor) => void
  /** Development only: the page server's own sockets (hot reload). In production it never sees an upgrade. */
  readonly devUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/**
 * The one port. Order matters: Host first, then what is public, then the key, then the page. An upgrade is looked
 * at here alone: Host, Origin and key are checked before a single frame is read.
 */
export function createHttp(deps: HttpDeps): Server {
  const { auth } = deps
  const server = createServer({ headersTimeout: 5000, requestTimeout: 30_000, keepAliveTimeout: 30_000 })

  server.on('request', (request, response) => {
    respond(request, response).catch((error) => {
      if (response.headersSent) response.destroy()
      else if (error instanceof RequestError && error.code === 'storageFailed')
        send(response, 503, 'text/html; charset=utf-8', signInPage('diskRefuses'))
      else send(response, 500, 'text/plain; charset=utf-8', 'Internal error\n')
    })
  })

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!auth.hostAllowed(request)) {
      return send(
        response,
        421,
        'text/plain; charset=utf-8',
        'This server does not answer for that host name.\n',
      )
    }
    const url = parseTarget(request.url)
    if (!url) return send(response, 400, 'text/plain; charset=utf-8', 'Bad request\n')
    if (url.pathname === '/healthz') return send(response, 200, 'text/plain; charset=utf-8', 'ok\n')
    if (url.pathname === '/readyz') {
      return send(
        response,
        deps.ready() ? 200 : 503,
        'text/plain; charset=utf-8',
        deps.ready() ? 'ready\n' : 'starting\n',
      )
    }
    if (url.pathname.startsWith('/preview/') && deps.preview(request, response)) return
    if (isStatic(url.pathname) && (request.method === 'GET' || request.method === 'HEAD')) {
      response.setHeader('X-Content-Type-Options', 'nosniff')
      return deps.files?.(request, response) ? undefined : deps.page(request, response)
    }
    for (const [name, value] of Object.entries(securityHeaders())) response.setHeader(name, value)
    if (await deps.join(request, response, url.pathname)) return
    const token = url.searchParams.get('token')
    if (token !== null) {
      const known = await auth.authenticate(request)
      const cookie = known?.kind === 'owner' ? undefined : await auth.exchange(token)
      // The link of an earlier start, in a browser that has the key, still opens the page.
      if (!cookie && !known) {
        return send(response, 401, 'text/html; charset=utf-8', signInPage('wrongToken'))
      }
      url.searchParams.delete('token')
      response.writeHead(303, {
        Location: url.pathname + url.search,
        ...(cookie !== undefined && { 'Set-Cookie': cookie }),
      })
      response.end()
      return
    }
    const metrics = url.pathname === '/metrics' ? deps.metrics : undefined
    if (metrics && auth.readsMetrics(request)) return sendMetrics(response, metrics)
    const actor = await auth.authenticate(request)
    if (!actor) {
      const ended = auth.linkEnded(request)
      if (request.headers.accept?.includes('text/html')) {
        return send(response, 401, 'text/html; charset=utf-8', signInPage(ended ? 'linkEnded' : 'noKey'))
      }
      if (ended) return send(response, 410, 'application/json', '{"error":"linkEnded"}\n')
      return send(response, 401, 'application/json', '{"error":"unauthorized"}\n')
    }
    if (actor.kind === 'guest' && (url.pathname !== '/' || request.method !== 'GET')) {
      return send(
        response,
        404,
        'text/plain; charset=utf-8',
        'This is not part of what was shared with you.\n',
      )
    }
    if (metrics) return sendMetrics(response, metrics)
    if (await deps.artefacts(request, response, url.pathname)) return
    const nonce = randomBytes(16).toString('base64')
    const policy = pagePolicy(nonce)
    // The page server reads the nonce for its own scripts from here; a browser's value must not get through.
    request.headers['content-security-policy'] = policy
    response.setHeader('Content-Security-Policy', policy)
    await deps.page(request, response)
  }

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    upgrade(request, socket, head).catch(() => socket.destroy())
  })

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!auth.hostAllowed(request)) return refuse(socket, '421 Misdirected Request')
    const url = parseTarget(request.url)
    if (deps.devUpgrade && url?.pathname.startsWith('/_next/')) return deps.devUpgrade(request, socket, head)
    if (url?.pathname !== '/relay') return refuse(socket, '404 Not Found')
    if (!auth.originAllowed(request)) return refuse(socket, '403 Forbidden')
    const actor = await auth.authenticate(request)
    if (!actor) return refuse(socket, auth.linkEnded(request) ? '410 Gone' : '401 Unauthorized')
    if (!deps.ready()) return refuse(socket, '503 Service Unavailable')
    deps.accept(request, socket, head, actor)
  }

  return server
}

/** Only origin-form targets (`/path`): an absolute one, however it is hidden, is somebody's proxy or redirect trick. */
function parseTarget(target: string | undefined): URL | undefined {
  if (!target?.startsWith('/') || !URL.canParse(target, here)) return undefined
  const url = new URL(target, here)
  return url.origin === here && !url.pathname.startsWith('//') ? url : undefined
}

const here = 'http://tandem.invalid'

function isStatic(pathname: string): boolean {
  return pathname.startsWith('/_next/static/') || pathname === '/icon.svg' || pathname === '/favicon.ico'
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
  response.writeHead(status, {
    ...securityHeaders(),
    'Content-Security-Policy': policy,
    'Content-Type': type,
  })
  response.end(body)
}

async function sendMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  send(response, 200, metrics.contentType, await metrics.text())
}

function securityHeaders(): Record<string, string> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  }
}

/** Everything from this server; inline styles because the editor writes them; frames only for the preview. */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
