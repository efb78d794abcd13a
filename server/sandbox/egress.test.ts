import { mkdtempSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { matchesHost } from '../../core/protocol/host.ts'
import type { Reached } from '../../core/protocol/reached.ts'
import { systemTimers } from '../timers.ts'
import { createBwrapRunner } from './bwrap-runner.ts'
import { type EgressDoor, type EgressOptions, openEgress } from './egress.ts'
import { isPublicAddress } from './public-address.ts'
import { ran } from './runner.contract.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A service of this machine, which only a test permits: names lead to it as they would to the internet. */
async function service(answer = 'hello from there'): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const loopback: EgressOptions = {
  resolve: async () => ['127.0.0.1'],
  mayReach: (address) => address === '127.0.0.1',
}

async function door(allowed: readonly string[], options = loopback) {
  const rows: Reached[] = []
  const allows = (host: string) => allowed.some((pattern) => matchesHost(pattern, host))
  const opened = await openEgress({ allows, onReach: (row) => rows.push(row) }, options)
  closing.push(() => opened.close())
  return { opened, rows }
}

/** Says this to the door, and answers all that comes back. */
function said({ path }: EgressDoor, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = ''
    const socket = connect(path, () => socket.write(text))
    socket.on('data', (bytes) => {
      got += bytes
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(got))
  })
}
const wanted = (host: string) => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

test('[EGRESS-2] C07 a connection to an allowed host and port passes; every other host, port, address and request is refused and told of', async () => {
  const port = await service()
  const { opened, rows } = await door([`allowed.test:${port}`])
  expect(await said(opened, wanted(`allowed.test:${port}`))).toMatch(/^HTTP\/1\.1 200 .*hello from there$/s)
  const refused = [
    `other.test:${port}`,
    'allowed.test:443',
    `127.0.0.1:${port}`,
    `allowed.test.evil.test:${port}`,
  ]
  for (const host of refused) expect(await said(opened, wanted(host))).toMatch(/^HTTP\/1\.1 403/)
  const plain = `GET http://allowed.test:${port}/ HTTP/1.1\r\nHost: allowed.test\r\nConnection: close\r\n\r\n`
  expect(await said(opened, plain)).toMatch(/^HTTP\/1\.1 405/)
  expect(rows).toMatchObject([
    { host: `allowed.test:${port}`, verdict: 'reached', address: '127.0.0.1', received: 16 },
    ...refused.map((host) => ({ host, verdict: 'refused' })),
  ])
})

test('[EGRESS-3] C07 a name that leads into this machine’s networks is refused, and what is connected to is what was looked at', async () => {
  const port = await service()
  const host = `rebound.test:${port}`
  // As a name server answers that changes its mind: first an address that may be reached, then another.
  const answers = [['127.0.0.1'], ['127.0.0.9']]
  const resolve = async () => answers.shift() ?? []
  const { opened, rows } = await door([host], { ...loopback, resolve })
  expect(await said(opened, wanted(host))).toContain('hello from there')
  expect(await said(opened, wanted(host))).toMatch(/^HTTP\/1\.1 403/)
  expect(rows.map(({ verdict }) => verdict)).toEqual(['reached', 'refused'])
  const real = await door([host], { resolve: async () => ['127.0.0.1'], mayReach: isPublicAddress })
  expect(await said(real.opened, wanted(host))).toContain('not the internet')
  const both = await door([host], {
    resolve: async () => ['127.0.0.1', '10.0.0.1'],
    mayReach: loopback.mayReach,
  })
  expect(await said(both.opened, wanted(host))).toMatch(/^HTTP\/1\.1 403/)
})

test('[EGRESS-3] of addresses only those of the internet may be reached', () => {
  for (const address of ['1.1.1.1', '93.184.216.34', '2606:4700::1111'])
    expect([address, isPublicAddress(address)]).toEqual([address, true])
  const inner =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:1.1.1.1 ::ffff:127.0.0.1 64:ff9b::a00:1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 2002:7f00:1:: name'
  for (const address of inner.split(' '))
    expect([address, isPublicAddress(address)]).toEqual([address, false])
})

const folder = () => mkdtempSync(join(tmpdir(), 'tandem-egress-'))

test('[EGRESS-4] in the sandbox a program reaches an allowed host through the server, and nothing by any other way', async () => {
  const port = await service()
  const runner = createBwrapRunner({
    timers: systemTimers,
    ownFolder: folder(),
    hidden: [],
    egress: loopback,
  })
  const rows: Reached[] = []
  const through = (host: string) =>
    `exec 3<>/dev/tcp/127.0.0.1/3128 && printf 'CONNECT ${host} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3 && cat <&3`
  const command = `echo $HTTPS_PROXY; (${through(`allowed.test:${port}`)}); (${through(`other.test:${port}`)})
    (echo > /dev/tcp/127.0.0.1/${port}) && echo direct; exit 3`
  const network = {
    allows: (host: string) => host === `allowed.test:${port}`,
    onReach: (row: Reached) => rows.push(row),
  }
  const { stdout, exit } = await ran(runner, { command, folder: folder(), network })
  expect(exit).toBe(3)
  expect(stdout).toContain('http://127.0.0.1:3128')
  expect(stdout).toContain('hello from there')
  expect(stdout).toContain('HTTP/1.1 403')
  expect(stdout).not.toContain('direct')
  expect(rows.map(({ host, verdict }) => [host, verdict])).toEqual([
    [`allowed.test:${port}`, 'reached'],
    [`other.test:${port}`, 'refused'],
  ])
  // Where nobody has allowed a host there is no way out at all.
  const closed = await ran(runner, { command, folder: folder() })
  expect(closed.stdout).not.toMatch(/hello|HTTP\/1\.1|3128/)
})
