import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../core/lib/clock.ts'
import { type Actor, owner } from '../access/actor.ts'
import type { ShareLinks } from '../access/share-links.ts'
import type { Store } from '../store/store.ts'

/** 400 days is the most browsers keep. */
const cookieSeconds = 400 * 24 * 3600

export interface Auth {
  /** Printed at the start; exchanged for a cookie. Valid until the server stops. */
  readonly token: string
  hostAllowed(request: IncomingMessage): boolean
  /** For upgrades: a page of this server, or no page at all but a bearer token. */
  originAllowed(request: IncomingMessage): boolean
  /** Who asks; `undefined`: nobody known. Who has the key is its owner, even if they came by a link too. */
  authenticate(request: IncomingMessage): Promise<Actor | undefined>
  /** The request has the key of the metrics, which opens nothing else. */
  readsMetrics(request: IncomingMessage): boolean
  /** The request comes from a guest whose link works no more. */
  linkEnded(request: IncomingMessage): boolean
  /** The `Set-Cookie` value for a right token. */
  exchange(token: string): Promise<string | undefined>
  /** The `Set-Cookie` value for a guest, valid as long as their link. */
  guestCookie(cookie: string, expiresAt: number | undefined): string
}

export interface AuthOptions {
  readonly store: Store
  readonly links: Pick<ShareLinks, 'guest'>
  readonly clock: Clock
  readonly hosts: () => readonly string[]
  readonly secure: boolean
  /** Cookies are shared by all ports of a host: servers side by side must not take each other's. */
  readonly cookieName: () => string
  /** Of whoever collects the metrics. */
  readonly metricsKey?: string | undefined
}

/** Access of who runs the server, by a token in a link and then a cookie of which only the hash is kept; and of guests. */
export function createAuth(options: AuthOptions): Auth {
  const { store, links, clock, hosts, cookieName, metricsKey } = options
  const guestCookieName = () => `${cookieName()}_guest`
  const token = randomBytes(32).toString('base64url')
  const known = new Set<string>()

  async function knows(cookie: string): Promise<boolean> {
    const key = `cookie:${sha256(cookie)}`
    if (known.has(key)) return true
    const found = (await store.getValue(key)) !== undefined
    if (found) known.add(key)
    return found
  }

  function bears(request: IncomingMessage, key: string): boolean {
    const given = request.headers.authorization
    return given?.startsWith('Bearer ') === true && same(given.slice(7), key)
  }

  function guestOf(request: IncomingMessage): ReturnType<ShareLinks['guest']> | undefined {
    const cookie = readCookie(request.headers.cookie, guestCookieName())
    return cookie === undefined ? undefined : links.guest(cookie)
  }

  function setCookie(name: string, value: string, seconds: number): string {
    const secure = options.secure ? '; Secure' : ''
    return `${name}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}${secure}`
  }

  return {
    token,
    hostAllowed: (request) => hosts().includes((request.headers.host ?? '').toLowerCase()),
    originAllowed(request) {
      const { origin } = request.headers
      if (origin === undefined) return bears(request, token)
      return hosts().some((host) => origin === `http://${host}` || origin === `https://${host}`)
    },
    async authenticate(request) {
      if (bears(request, token)) return owner
      const cookie = readCookie(request.headers.cookie, cookieName())
      if (cookie !== undefined && (await knows(cookie))) return owner
      const found = guestOf(request)
      return found && 'actor' in found ? found.actor : undefined
    },
    readsMetrics: (request) => metricsKey !== undefined && bears(request, metricsKey),
    linkEnded(request) {
      const found = guestOf(request)
      return found !== undefined && 'problem' in found && found.problem !== 'unknown'
    },
    guestCookie(cookie, expiresAt) {
      const left = expiresAt === undefined ? cookieSeconds : Math.ceil((expiresAt - clock.now()) / 1000)
      return setCookie(guestCookieName(), cookie, left)
    },
    async exchange(given) {
      if (!same(given, token)) return undefined
      const cookie = randomBytes(32).toString('base64url')
      await store.setValue(`cookie:${sha256(cookie)}`, '1')
      return setCookie(cookieName(), cookie, cookieSeconds)
    },
  }
}

function readCookie(header: string | undefined, wanted: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === wanted && value) return value
  }
  return undefined
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function same(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)))
}
