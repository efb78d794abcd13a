import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Store } from '../store/store.ts'

/** 400 days is the most browsers keep. */
const cookieSeconds = 400 * 24 * 3600

export interface Auth {
  /** Printed at the start; exchanged for a cookie. Valid until the server stops. */
  readonly token: string
  hostAllowed(request: IncomingMessage): boolean
  /** For upgrades: a page of this server, or no page at all but a bearer token. */
  originAllowed(request: IncomingMessage): boolean
  authenticate(request: IncomingMessage): Promise<boolean>
  /** The `Set-Cookie` value for a right token. */
  exchange(token: string): Promise<string | undefined>
}

export interface AuthOptions {
  readonly store: Store
  readonly hosts: () => readonly string[]
  readonly secure: boolean
  /** Cookies are shared by all ports of a host: servers side by side must not take each other's. */
  readonly cookieName: () => string
}

/** Access of one person on their own machine: a token in a link, then a cookie of which only the hash is kept. */
export function createAuth(options: AuthOptions): Auth {
  const { store, hosts, cookieName } = options
  const token = randomBytes(32).toString('base64url')
  const known = new Set<string>()

  async function knows(cookie: string): Promise<boolean> {
    const key = `cookie:${sha256(cookie)}`
    if (known.has(key)) return true
    const found = (await store.getValue(key)) !== undefined
    if (found) known.add(key)
    return found
  }

  function bearer(request: IncomingMessage): boolean {
    const given = request.headers.authorization
    return given?.startsWith('Bearer ') === true && same(given.slice(7), token)
  }

  return {
    token,
    hostAllowed: (request) => hosts().includes((request.headers.host ?? '').toLowerCase()),
    originAllowed(request) {
      const { origin } = request.headers
      if (origin === undefined) return bearer(request)
      return hosts().some((host) => origin === `http://${host}` || origin === `https://${host}`)
    },
    async authenticate(request) {
      if (bearer(request)) return true
      const cookie = readCookie(request.headers.cookie, cookieName())
      return cookie !== undefined && (await knows(cookie))
    },
    async exchange(given) {
      if (!same(given, token)) return undefined
      const cookie = randomBytes(32).toString('base64url')
      await store.setValue(`cookie:${sha256(cookie)}`, '1')
      const secure = options.secure ? '; Secure' : ''
      return `${cookieName()}=${cookie}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${cookieSeconds}${secure}`
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
