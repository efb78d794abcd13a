import { request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { seededRandom } from '../core/lib/random.ts'
import { RequestError } from '../core/protocol/errors.ts'
import { threadIdSchema, workspaceIdSchema } from '../core/protocol/ids.ts'
import { owner } from './access/actor.ts'
import { createJoin } from './access/join.ts'
import { ShareLinks } from './access/share-links.ts'
import { createHttp } from './http.ts'
import { type Auth, createAuth } from './relay/auth.ts'
import { createMemoryStore } from './store/memory-store.ts'
import type { Store } from './store/store.ts'

const cookieName = () => 'tandem'
const clock = { now: () => Date.now(), monotonic: () => performance.now() }

const authParts = async (store: Store) => ({ store, clock, links: await linksOf(store) })

async function linksOf(store: Store): Promise<ShareLinks> {
  const links = new ShareLinks({ store, clock, random: seededRandom(1) })
  await links.start()
  return links
}
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** `weaken` switches one defence off, to show that the test sees it. */
async function serve(weaken: (auth: Auth) => Partial<Auth> = () => ({}), { measured = false } = {}) {
  let port = 0
  const pages: IncomingMessage[] = []
  const accepted: IncomingMessage[] = []
  const store = createMemoryStore()
  const links = await linksOf(store)
  const auth = createAuth({
    store,
    links,
    clock,
    hosts: () => [`127.0.0.1:${port}`],
    secure: false,
    cookieName,
    metricsKey: 'the key of the metrics',
  })
  const server = createHttp({
    auth: { ...auth, ...weaken(auth) },
    ready: () => true,
    preview: (request, response) => {
      if (!request.url?.startsWith('/preview/known/')) return false
      response.end('preview')
      return true
    },
    ...(measured && { metrics: { contentType: 'text/plain', text: async () => 'tandem_turns_total 1\n' } }),
    artefacts: async (_, response, pathname) => {
      if (!pathname.startsWith('/artefacts/')) return false
      response.end('what a job made')
      return true
    },
    page: async (request, response) => {
      pages.push(request)
      response.end('page')
    },
    join: createJoin({ auth: { ...auth, ...weaken(auth) }, links }),
    accept: (request, socket) => {
      accepted.push(request)
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    },
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
    new Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port, path, method, headers, agent: false },
        (response) => {
          let body = ''
          response.on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          )
        },
      )
      request.on('error', reject)
      request.end(body)
    })
  const upgrade = (target: string, headers: Record<string, string> = {}) =>
    new Promise<string>((resolve) => {
      const all = { Host: `127.0.0.1:${port}`, Upgrade: 'websocket', Connection: 'Upgrade', ...headers }
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
      )
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('error', () => resolve(answer))
      socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''))
    })
  const signIn = async () => {
    const { headers } = await get(`/?token=${auth.token}`)
    return String(headers['set-cookie']?.[0]).split(';', 1)[0] ?? ''
  }
  const origin = () => `http://127.0.0.1:${port}`
  return { auth, links, get, upgrade, signIn, origin, pages, accepted }
}

test('[HTTP-1] the token in the link is exchanged for a cookie and leaves the address', async () => {
  const { auth, get } = await serve()
  const { status, headers } = await get(`/?token=${auth.token}&w=wsp_1`)
  expect(status).toBe(303)
  expect(headers.location).toBe('/?w=wsp_1')
  expect(headers['set-cookie']?.[0]).toMatch(/^tandem=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\//)
})

test('[HTTP-2] without the key nothing but health, static files and previews answers; a wrong token says what to do', async () => {
  const { get, pages } = await serve()
  expect((await get('/healthz')).status).toBe(200)
  expect((await get('/preview/known/index.html')).status).toBe(200)
  for (const path of [
    '/',
    '/?x=1',
    '/_next/data/x.json',
    '/preview/guessed/index.html',
    '/artefacts/job_1/out.log',
    '/anything',
    '/_next/image?url=x',
  ]) {
    const { status, body } = await get(path)
    expect([path, status, body]).toEqual([path, 401, '{"error":"unauthorized"}\n'])
  }
  const page = await get('/', { Accept: 'text/html' })
  expect([page.status, page.body.includes('npm start')]).toEqual([401, true])
  expect((await get('/?token=wrong')).status).toBe(401)
  expect(pages).toHaveLength(0)
  // The control: with the check off the page is reached.
  const open = await serve(() => ({ authenticate: async () => owner }))
  expect((await open.get('/')).body).toBe('page')
})

test('[HTTP-2] of static files nothing but reading is open', async () => {
  const { get, pages } = await serve()
  const path = '/_next/static/chunks/a.js'
  expect((await get(path)).headers['x-content-type-options']).toBe('nosniff')
  expect((await get(path, { 'Next-Action': 'x' }, 'POST')).status).toBe(401)
  expect((await get('/_next/static/../../')).status).toBe(401)
  expect(pages.map(({ url, method }) => [method, url])).toEqual([['GET', path]])
})

test('[HTTP-3] a foreign Host is refused before anything else, cookie or not', async () => {
  const { get, signIn, pages } = await serve()
  const cookie = await signIn()
  for (const host of ['evil.test', 'localhost.evil.test', '127.0.0.1:1']) {
    expect((await get('/', { Host: host, Cookie: cookie })).status).toBe(421)
    expect((await get('/healthz', { Host: host })).status).toBe(421)
  }
  expect(pages).toHaveLength(0)
  const open = await serve(() => ({ hostAllowed: () => true }))
  expect((await open.get('/', { Host: 'evil.test', Cookie: await open.signIn() })).body).toBe('page')
})

test('[HTTP-4] an upgrade needs the right Origin and the key, before a single frame', async () => {
  const { upgrade, signIn, origin, accepted, auth } = await serve()
  const cookie = await signIn()
  for (const bad of ['http://evil.test', 'null', 'http://127.0.0.1:1', `${origin()}.evil.test`]) {
    expect(await upgrade('/relay', { Origin: bad, Cookie: cookie })).toContain('403')
  }
  expect(await upgrade('/relay', { Cookie: cookie })).toContain('403')
  expect(await upgrade('/relay', { Origin: origin() })).toContain('401')
  expect(await upgrade('/relay', { Origin: origin(), Cookie: 'tandem=guess' })).toContain('401')
  expect(
    await upgrade('/relay', { Host: 'evil.test', Origin: 'http://evil.test', Cookie: cookie }),
  ).toContain('421')
  expect(accepted).toHaveLength(0)
  expect(await upgrade('/relay', { Origin: origin(), Cookie: cookie })).toContain('101')
  expect(await upgrade('/relay', { Authorization: `Bearer ${auth.token}` })).toContain('101')
  const open = await serve(() => ({ originAllowed: () => true }))
  expect(await open.upgrade('/relay', { Origin: 'http://evil.test', Cookie: await open.signIn() })).toContain(
    '101',
  )
})

test('[HTTP-5] no upgrade but the relay’s is taken, and none reaches the page server', async () => {
  const { upgrade, signIn, origin, accepted, pages } = await serve()
  const headers = { Origin: origin(), Cookie: await signIn() }
  for (const target of [
    '/',
    '/_next/webpack-hmr',
    'http://169.254.169.254/',
    '//evil.test/relay',
    '/relay/../x',
  ]) {
    expect(await upgrade(target, headers)).not.toContain('101')
  }
  expect(accepted).toHaveLength(0)
  expect(pages).toHaveLength(0)
})

test('[HTTP-6] every page carries the policy that keeps foreign content out, with a fresh nonce', async () => {
  const { get, signIn, pages } = await serve()
  const headers = { Cookie: await signIn(), 'Content-Security-Policy': "script-src 'nonce-mine'" }
  const first = await get('/', headers)
  const second = await get('/', headers)
  const policy = String(first.headers['content-security-policy'])
  for (const part of [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ]) {
    expect(policy).toContain(part)
  }
  expect(policy).not.toContain('mine')
  expect(policy).not.toBe(second.headers['content-security-policy'])
  expect(pages[0]?.headers['content-security-policy']).toBe(policy)
  expect(first.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  })
})

test('[HTTP-7] no answer lets another origin read it', async () => {
  const { get, signIn } = await serve()
  const cookie = await signIn()
  for (const foreign of ['http://evil.test', 'null', 'http://localhost.evil.test']) {
    const { headers } = await get('/', { Cookie: cookie, Origin: foreign })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
})

test('[HTTP-8] of a cookie only the hash is kept, and it outlives the server', async () => {
  const store = createMemoryStore()
  const kept: string[] = []
  const spied = {
    ...store,
    setValue(key: string, value: string) {
      kept.push(key, value)
      return store.setValue(key, value)
    },
  }
  const before = createAuth({ ...(await authParts(spied)), hosts: () => [], secure: false, cookieName })
  const cookie = String(await before.exchange(before.token)).split(';', 1)[0] ?? ''
  expect(kept.join()).not.toContain(cookie.slice('tandem='.length))
  const after = createAuth({ ...(await authParts(store)), hosts: () => [], secure: false, cookieName })
  const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage
  expect(await after.authenticate(request({ cookie }))).toEqual(owner)
  expect(await after.authenticate(request({ authorization: `Bearer ${before.token}` }))).toBeUndefined()
})

test('[HTTP-9] a link of an earlier start opens the page in a browser that has the key, and never leads elsewhere', async () => {
  const { get, signIn } = await serve()
  const Cookie = await signIn()
  const kept = await get('/?token=of-yesterday&w=wsp_1', { Cookie })
  expect([kept.status, kept.headers.location, kept.headers['set-cookie']]).toEqual([
    303,
    '/?w=wsp_1',
    undefined,
  ])
  for (const path of [
    '//evil.test/?token=x',
    '/.//evil.test/?token=x',
    '/\\evil.test/?token=x',
    '/a/..//evil.test?token=x',
  ]) {
    const { status, headers } = await get(path, { Cookie })
    expect([path, status, headers.location]).toEqual([path, 400, undefined])
  }
})

test('[HTTP-10] servers side by side on one host keep their keys apart', async () => {
  const request = (cookie: string) => ({ headers: { cookie } }) as unknown as IncomingMessage
  const start = async (name: string) =>
    createAuth({
      ...(await authParts(createMemoryStore())),
      hosts: () => [],
      secure: false,
      cookieName: () => name,
    })
  const one = await start('tandem_3000')
  const other = await start('tandem_3001')
  const cookies = [await one.exchange(one.token), await other.exchange(other.token)]
  // A browser sends all cookies of the host to both, and keeps one of each name.
  const jar = Object.values(
    Object.fromEntries(cookies.map((cookie) => [cookie?.split('=', 1)[0], cookie?.split(';', 1)[0]])),
  )
  expect([
    await one.authenticate(request(jar.join('; '))),
    await other.authenticate(request(jar.join('; '))),
  ]).toEqual([owner, owner])
})

/** A guest's way in, by a link to a thread. */
async function shareWith(options: { weaken?: (auth: Auth) => Partial<Auth>; measured?: boolean } = {}) {
  const served = await serve(options.weaken, options)
  const { link, token } = await served.links.create({
    threadId: threadIdSchema.parse('thr_1'),
    workspaceId: workspaceIdSchema.parse('wsp_1'),
    role: 'view',
    sharedBy: 'Ada',
    expiresInMs: undefined,
  })
  const json = { 'Content-Type': 'application/json' }
  const exchange = (body: string, headers: Record<string, string> = { ...json, Origin: served.origin() }) =>
    served.get('/share/exchange', headers, 'POST', body)
  return { ...served, link, token, json, exchange }
}

test('[HTTP-12] whoever cannot be let in because the disk takes nothing is told so, and what to do; a mistake is one still', async () => {
  const refused = async () => {
    throw new RequestError('storageFailed', 'The change could not be stored: database or disk is full.')
  }
  const full = await serve(() => ({ exchange: refused }))
  const told = await full.get('/?token=any')
  expect(told.status).toBe(503)
  expect(told.body).toContain('most likely the disk is full')
  expect(told.body).toContain('磁盘已满')
  expect(told.body).not.toContain('npm start')
  const broken = await serve(() => ({
    exchange: async () => {
      throw new Error('a mistake')
    },
  }))
  expect(await broken.get('/?token=any')).toMatchObject({ status: 500, body: 'Internal error\n' })
})

test('[SHARE-8] a link’s page needs no key; its token is exchanged for a cookie that opens the page and the relay, nothing else', async () => {
  const { get, upgrade, exchange, token, origin, pages, accepted } = await shareWith()
  const page = await get('/join')
  expect([page.status, page.headers['referrer-policy']]).toEqual([200, 'no-referrer'])
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'nonce-[^']+'/)
  const { status, headers, body } = await exchange(JSON.stringify({ token }))
  expect([status, JSON.parse(body)]).toEqual([200, { threadId: 'thr_1', workspaceId: 'wsp_1' }])
  const set = String(headers['set-cookie']?.[0])
  expect(set).toMatch(/^tandem_guest=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\//)
  const Cookie = set.split(';', 1)[0] ?? ''
  expect((await get('/?w=wsp_1&t=thr_1', { Cookie })).body).toBe('page')
  expect(await upgrade('/relay', { Cookie, Origin: origin() })).toContain('101')
  for (const path of ['/settings', '/_next/data/x.json', '/api/x', '/relay']) {
    expect([path, (await get(path, { Cookie })).status]).toEqual([path, 404])
  }
  expect([pages.length, accepted.length]).toEqual([1, 1])
})

test('[SHARE-9] the exchange takes nothing from other sites, no other form and no wrong token', async () => {
  const { exchange, token, json, origin } = await shareWith()
  const right = JSON.stringify({ token })
  const statuses = [
    await exchange(right, { ...json, Origin: 'http://evil.test' }),
    await exchange(right, { ...json, Origin: 'null' }),
    await exchange(right, json),
    await exchange(right, { 'Content-Type': 'text/plain', Origin: origin() }),
    await exchange('{'),
    await exchange(JSON.stringify({ token: 'x'.repeat(5000) })),
    await exchange(JSON.stringify({ token: 'wrong' })),
  ]
  expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403, 415, 400, 400, 410])
  expect(statuses.every(({ headers }) => headers['set-cookie'] === undefined)).toBe(true)
  // The control: where every origin is allowed, another site's request gets the cookie.
  const open = await shareWith({ weaken: () => ({ originAllowed: () => true }) })
  const taken = await open.exchange(JSON.stringify({ token: open.token }), {
    ...json,
    Origin: 'http://evil.test',
  })
  expect(taken.status).toBe(200)
})

test('[SHARE-10] after a link has ended its cookie opens nothing and the page says why', async () => {
  const { get, upgrade, exchange, token, origin, links, link } = await shareWith()
  const { headers } = await exchange(JSON.stringify({ token }))
  const Cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0] ?? ''
  await links.revoke(link.threadId, link.id)
  const page = await get('/', { Cookie, Accept: 'text/html' })
  expect([page.status, page.body.includes('withdrawn or has expired')]).toEqual([401, true])
  expect((await get('/relay', { Cookie })).status).toBe(410)
  expect(await upgrade('/relay', { Cookie, Origin: origin() })).toContain('410')
  expect(JSON.parse((await exchange(JSON.stringify({ token }))).body)).toEqual({ problem: 'revoked' })
})

test('[SHARE-11] who has the key stays the owner in a browser that also came by a link', async () => {
  const { auth, exchange, token, signIn } = await shareWith()
  const { headers } = await exchange(JSON.stringify({ token }))
  const guest = String(headers['set-cookie']?.[0]).split(';', 1)[0] ?? ''
  const request = (cookie: string) => ({ headers: { cookie } }) as unknown as IncomingMessage
  expect(await auth.authenticate(request(`${guest}; ${await signIn()}`))).toEqual(owner)
  expect(await auth.authenticate(request(guest))).toMatchObject({ kind: 'guest' })
})

test('[METRIC-3] metrics are shown to whoever has the key, to nobody else, and not at all by default', async () => {
  const { auth, exchange, token, json, origin, get } = await shareWith({ measured: true })
  const bearer = { authorization: `Bearer ${auth.token}` }
  expect(await get('/metrics', bearer)).toMatchObject({ status: 200, body: 'tandem_turns_total 1\n' })
  expect((await get('/metrics')).status).toBe(401)
  expect((await get('/metrics', { authorization: 'Bearer no' })).status).toBe(401)
  const { headers } = await exchange(JSON.stringify({ token }), { ...json, Origin: origin() })
  const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0] ?? ''
  expect((await get('/', { cookie })).status).toBe(200)
  expect((await get('/metrics', { cookie })).status).toBe(404)
  // The test sees a missing defence: with every caller taken for the owner the figures are out.
  const open = await serve(() => ({ authenticate: async () => owner }), { measured: true })
  expect((await open.get('/metrics')).status).toBe(200)
  const off = await serve()
  expect((await off.get('/metrics', { authorization: `Bearer ${off.auth.token}` })).body).toBe('page')
})

test('[RELAY-40] the key of the metrics opens them and nothing else', async () => {
  const { get, upgrade, pages } = await serve(undefined, { measured: true })
  const authorization = 'Bearer the key of the metrics'
  expect(await get('/metrics', { authorization })).toMatchObject({ status: 200 })
  expect((await get('/metrics', { authorization: `${authorization}s` })).status).toBe(401)
  expect((await get('/', { authorization })).status).toBe(401)
  expect((await get('/?token=the key of the metrics'.replaceAll(' ', '+'))).status).toBe(401)
  expect(await upgrade('/relay', { authorization })).toBe('HTTP/1.1 403 Forbidden')
  expect(pages).toEqual([])
  const off = await serve()
  expect((await off.get('/metrics', { authorization })).status).toBe(401)
})
