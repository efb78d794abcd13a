import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Auth } from '../relay/auth.ts'
import { joinPage } from './join-page.ts'
import type { ShareLinks } from './share-links.ts'

/** A token and what JSON puts around it. */
const bodyBytes = 1024
const bodySchema = z.object({ token: z.string().max(200) })

export type Join = (request: IncomingMessage, response: ServerResponse, pathname: string) => Promise<boolean>

/** How guests come in: the page a link leads to, and the exchange it asks for. Host is checked by now. */
export function createJoin(deps: { readonly auth: Auth; readonly links: ShareLinks }): Join {
  const { auth, links } = deps

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page of another site must not make a browser a guest here: its requests carry another Origin.
    if (request.headers.origin === undefined || !auth.originAllowed(request)) {
      return answer(response, 403, { problem: 'origin' })
    }
    if (request.headers['content-type'] !== 'application/json') return answer(response, 415, {})
    const body = bodySchema.safeParse(await readJson(request))
    if (!body.success) return answer(response, 400, { problem: 'unknown' })
    const found = await links.exchange(body.data.token)
    if ('problem' in found) return answer(response, 410, { problem: found.problem })
    const { threadId, workspaceId, expiresAt } = found.link
    response.setHeader('Set-Cookie', auth.guestCookie(found.cookie, expiresAt))
    answer(response, 200, { threadId, workspaceId })
  }

  return async (request, response, pathname) => {
    if (pathname === '/join' && request.method === 'GET') {
      const nonce = randomBytes(16).toString('base64')
      response.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
      )
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.end(joinPage(nonce))
      return true
    }
    if (pathname !== '/share/exchange' || request.method !== 'POST') return false
    await exchange(request, response)
    return true
  }
}

/** `undefined` for what is no JSON or too long. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > bodyBytes) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
