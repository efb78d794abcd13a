import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createStaticFiles } from './static-files.ts'

let folder: string
let server: Server

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-static-'))
  const root = join(folder, 'static')
  mkdirSync(join(root, 'chunks'), { recursive: true })
  writeFileSync(join(root, 'chunks', 'page.js'), 'the page')
  writeFileSync(join(root, 'chunks', 'page.js.gz'), gzipSync('the page'))
  writeFileSync(join(root, 'chunks', 'font.woff2'), 'a font')
  writeFileSync(join(folder, 'secret.js'), 'a secret')
  const files = createStaticFiles(root)
  server = createServer((request, response) => {
    if (!files(request, response)) response.end(`not here: ${request.url}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function get(path: string, headers: Record<string, string> = {}) {
  const { port } = server.address() as AddressInfo
  return new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, async (response) => {
      const body = Buffer.concat(await response.toArray())
      resolve({ headers: response.headers, body })
    })
    sent.on('error', reject).end()
  })
}

test('[HTTP-11] what the browser runs comes as the build compressed it, and may be kept for ever', async () => {
  const { headers, body } = await get('/_next/static/chunks/page.js', { 'accept-encoding': 'gzip, br' })
  expect(headers['content-encoding']).toBe('gzip')
  expect(headers['content-type']).toMatch(/^text\/javascript/)
  expect(headers['cache-control']).toBe('public,max-age=31536000,immutable')
  expect(headers.vary).toBe('Accept-Encoding')
  expect(gunzipSync(body).toString()).toBe('the page')
  const plain = await get('/_next/static/chunks/page.js?v=1')
  expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, 'the page'])
  expect((await get('/_next/static/chunks/font.woff2')).body.toString()).toBe('a font')
})

test('[HTTP-11] a server that began before the pages were built has them once they are', async () => {
  renameSync(join(folder, 'static'), join(folder, 'later'))
  expect((await get('/_next/static/chunks/page.js')).body.toString()).toMatch(/^not here/)
  renameSync(join(folder, 'later'), join(folder, 'static'))
  expect((await get('/_next/static/chunks/page.js')).body.toString()).toBe('the page')
})

test('[HTTP-11] what the build has not, and all that lies outside, is left to the page server as it was asked for', async () => {
  for (const path of ['/_next/static/none.js', '/_next/static/', '/', '/_next/static/../secret.js']) {
    expect((await get(path)).body.toString()).toBe(`not here: ${path}`)
  }
  for (const path of ['%2e%2e/secret.js', '..%2fsecret.js', 'chunks/..%2f..%2fsecret.js']) {
    expect((await get(`/_next/static/${path}`)).body.toString()).toBe(`not here: /_next/static/${path}`)
  }
})
