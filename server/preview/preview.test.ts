import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorkspace } from '../workspace/create-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { livePage, liveStyle } from './live-page.ts'
import { createPreview, type Preview } from './preview.ts'

let folder: string
let workspace: Workspace
let preview: Preview
let server: Server
let base: string
const unsaved = new Map<string, string>()
const texts = new Map<string, string>()

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tandem-preview-')))
  const root = join(folder, 'site')
  await mkdir(join(root, 'docs'), { recursive: true })
  texts.clear()
  unsaved.clear()
  const write = async (path: string, text: string) => {
    texts.set(path, text)
    await writeFile(join(root, path), text)
  }
  await write('index.html', '<!doctype html><html><head><title>Home</title></head><body>saved</body></html>')
  await write('style.css', 'h1 { color: red }')
  await write('main.js', 'export const a = 1')
  await write('docs/index.html', '<h1>Docs</h1>')
  await write('notes', 'plain')
  await write('.env', 'KEY=secret')
  await writeFile(join(root, 'dot.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]))
  await writeFile(join(root, 'blob'), Buffer.from([0, 1, 2]))
  await writeFile(join(root, 'empty.png'), '')
  await writeFile(join(folder, 'secret.html'), 'secret')
  await symlink(join(folder, 'secret.html'), join(root, 'leak.html'))
  await mkdir(join(root, '.git'))
  await writeFile(join(root, '.git', 'config'), 'secret')
  workspace = await createWorkspace({ root, sample: false, trashFolder: join(folder, 'trash') })
  preview = createPreview({
    workspaces: (id) => (id === workspace.id ? workspace : undefined),
    readText: async (_, path) => unsaved.get(path) ?? texts.get(path),
  })
  server = createServer((incoming, response) => {
    if (!preview.handle(incoming, response)) response.writeHead(418).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = preview.open(workspace.id, 'ses_a')
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await workspace.close()
  await rm(folder, { recursive: true })
})

interface Got {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

/** Sends the path as it is: `fetch` would tidy it first. */
function get(path: string, { method = 'GET', headers = {} } = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({ status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('[PREVIEW-1] each session gets its own base of 256 bits, the same until it closes', async () => {
  expect(base).toMatch(/^\/preview\/[\w-]{43}\/$/)
  expect(preview.open(workspace.id, 'ses_a')).toBe(base)
  const other = preview.open(workspace.id, 'ses_b')
  expect(other).not.toBe(base)
  expect(() => preview.open('wsp_none', 'ses_a')).toThrow('no such workspace')
  preview.closeSession('ses_a')
  expect((await get(`${base}index.html`)).status).toBe(404)
  expect((await get(`${other}index.html`)).status).toBe(200)
  const guess = base.replace(/.\/$/, (end) => (end === 'A/' ? 'E/' : 'A/'))
  expect((await get(guess)).status).toBe(404)
  expect((await get('/elsewhere')).status).toBe(418)
})

test('[PREVIEW-2] text is served as people see it now, unsaved changes included', async () => {
  unsaved.set('index.html', '<!doctype html><title>New</title>unsaved')
  unsaved.set('style.css', 'h1 { color: teal }')
  expect((await get(base)).text).toContain('unsaved')
  expect((await get(`${base}style.css`)).text).toBe('h1 { color: teal }')
})

test('[PREVIEW-2] files have their types, folders their index, bytes stay as they are', async () => {
  const typeOf = async (path: string) => (await get(base + path)).headers['content-type']
  expect(await typeOf('')).toBe('text/html; charset=utf-8')
  expect(await typeOf('style.css?v=1')).toBe('text/css; charset=utf-8')
  expect(await typeOf('main.js')).toBe('text/javascript; charset=utf-8')
  expect(await typeOf('notes')).toBe('text/plain; charset=utf-8')
  expect(await typeOf('blob')).toBe('application/octet-stream')
  expect((await get(`${base}docs/`)).text).toContain('Docs')
  const image = await get(`${base}dot.png`)
  expect(image.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '6' })
  expect([...image.bytes]).toEqual([0x89, 0x50, 0x4e, 0x47, 0, 255])
  expect((await get(`${base}empty.png`)).bytes.length).toBe(0)
  const redirect = await get(`${base}docs`)
  expect([redirect.status, redirect.headers.location]).toEqual([302, `${base}docs/`])
  const head = await get(`${base}main.js`, { method: 'HEAD' })
  expect([head.status, head.headers['content-length'], head.bytes.length]).toEqual([200, '18', 0])
})

/** Every kind of answer the preview gives. */
const answers = [
  '',
  'docs',
  'docs/',
  'style.css',
  'dot.png',
  'blob',
  'missing.html',
  'missing/',
  '.env',
  '../x',
  '__tandem/live.js',
  '%',
]

test('[PREVIEW-3] A15: every answer is sandboxed on an opaque origin and bound to its own base', async () => {
  const urls = [
    ...answers.map((path) => base + path),
    '/preview/',
    '/preview/short/x',
    `/preview/${'A'.repeat(43)}/`,
  ]
  for (const url of urls) {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      const { headers, status } = await get(url, { method })
      const policy = String(headers['content-security-policy'])
      expect(policy.split(/[; ]/)[0], `${method} ${url} ${status}`).toBe('sandbox')
      expect(policy).not.toMatch(/allow-same-origin|allow-top-navigation|allow-popups|allow-forms| \*|'self'/)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'cross-origin',
        'access-control-allow-origin': '*',
      })
      expect(headers['set-cookie']).toBeUndefined()
      expect(headers['access-control-allow-credentials']).toBeUndefined()
    }
  }
})

test('[PREVIEW-3] A15: an answer that is not the preview’s is not sandboxed', async () => {
  expect((await get('/elsewhere')).headers['content-security-policy']).toBeUndefined()
})

test('[PREVIEW-3] A15: a page may load and call nothing but what is under its base', async () => {
  const { headers } = await get(base)
  const policy = String(headers['content-security-policy'])
  const { port } = server.address() as AddressInfo
  const own = `http://127.0.0.1:${port}${base}`
  for (const directive of ['default-src', 'connect-src', 'frame-src', 'base-uri']) {
    const sources = new RegExp(`${directive} ([^;]*)`).exec(policy)?.[1]?.split(' ') ?? []
    expect(sources).toContain(own)
    const others = sources.filter(
      (source) => source.includes('/') && !source.endsWith(`127.0.0.1:${port}${base}`),
    )
    expect(others).toEqual([])
  }
  expect(policy).toContain("form-action 'none'")
})

test('[PREVIEW-3] A15: a host that is none cannot add to the policy', async () => {
  const { headers } = await get(base, { headers: { host: "evil.test *; script-src 'self'" } })
  expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'")
})

test('[PREVIEW-4] A15: the capability is the key: cookies neither open nor are needed', async () => {
  const cookie = { headers: { cookie: 'tandem=owner' } }
  expect((await get(`/preview/${'A'.repeat(43)}/index.html`, cookie)).status).toBe(404)
  expect((await get(base)).status).toBe(200)
  expect((await get(base, cookie)).text).toBe((await get(base)).text)
})

test('[PREVIEW-5] nothing outside the workspace, protected or hidden is served', async () => {
  const paths = [
    '../secret.html',
    '%2e%2e/secret.html',
    '..%2fsecret.html',
    'docs/../../secret.html',
    '..\\secret.html',
    '..%5csecret.html',
    'leak.html',
    '.git/config',
    '.GIT/config',
    '%2egit/config',
    'GIT~1/config',
    '.env',
    'docs/.env',
    'index.html%00.png',
    '/etc/passwd',
    '%2fetc/passwd',
  ]
  for (const path of paths) {
    const { status, text } = await get(base + path)
    expect([403, 404], path).toContain(status)
    expect(text).not.toContain('secret\n')
    expect(text).not.toMatch(/^(secret|KEY=)/)
  }
  // Only the guard stands before them: the link does lead there, and the text would be read.
  expect(await readFile(join(workspace.root, 'leak.html'), 'utf8')).toBe('secret')
  expect(texts.get('.env')).toBe('KEY=secret')
})

test('[PREVIEW-6] a page that is missing names those that are there, and no markup of the asker', async () => {
  const { status, text } = await get(`${base}${encodeURIComponent('<img src=x>')}.html`)
  expect(status).toBe(404)
  expect(text).toContain('&lt;img src=x&gt;.html')
  expect(text).not.toContain('<img')
  expect(text).toContain(`<a href="${base}docs/index.html">docs/index.html</a>`)
  expect(text).toContain(`${base}__tandem/live.js`)
})

const script = '<script src="/b/__tandem/live.js"></script>'

const beginnings = [
  [
    '<!doctype html><html lang="en"><head><title>x</title>',
    '<!doctype html><html lang="en"><head>',
    '<title>x</title>',
  ],
  [
    '\n<!-- <head> -->\n<!DOCTYPE html>\n<head class="a">\n<link>',
    '\n<!-- <head> -->\n<!DOCTYPE html>\n<head class="a">',
    '\n<link>',
  ],
  ['<!doctype html><header>x</header>', '<!doctype html>', '<header>x</header>'],
  ['<h1>bare</h1>', '', '<h1>bare</h1>'],
  ['', '', ''],
  ['<!doctype html', '', '<!doctype html'],
]

test.each(beginnings)(
  '[PREVIEW-7] the live script comes before all others and behind the doctype: %j',
  (html, before, after) => {
    expect(livePage(html, '/b/')).toBe(`${before}${script}${after}`)
  },
)

test('[PREVIEW-8] a leading slash means the top of the workspace', () => {
  const html = `<head><link href="/a.css"><script src='/b.js'></script><img src=/c.png><a href="//other/x"><a href="https://x/">`
  expect(livePage(html, '/b/')).toBe(
    `<head>${script}<link href="/b/a.css"><script src='/b/b.js'></script><img src=/b/c.png><a href="//other/x"><a href="https://x/">`,
  )
  expect(liveStyle('@import "/x.css"; a{b:url(/y.png) url("//o/z") url(rel.png)}', '/b/')).toBe(
    '@import "/b/x.css"; a{b:url(/b/y.png) url("//o/z") url(rel.png)}',
  )
})
