import { expect, test } from 'vitest'
import { seededRandom } from '../../core/lib/random.ts'
import { closeCodes } from '../../core/protocol/errors.ts'
import { threadIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { FakeTransport } from '../testing/fake-transport.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { createTestSession } from '../testing/test-session.ts'
import { GuestSessions } from './guest-sessions.ts'
import { ShareLinks } from './share-links.ts'

const threadId = threadIdSchema.parse('thr_1')
const wanted = {
  threadId,
  workspaceId: workspaceIdSchema.parse('wsp_1'),
  role: 'steer' as const,
  sharedBy: 'Ada',
  expiresInMs: undefined,
}

async function open(store: Store = createMemoryStore(), timers = new ManualTimers()) {
  const links = new ShareLinks({ store, clock: timers.clock, random: seededRandom(Math.random() * 1e9) })
  await links.start()
  return { links, store, timers, guests: new GuestSessions({ clock: timers.clock, timers, links }) }
}

test('[SHARE-4] a link’s token is exchanged for a cookie that says by which link one came; of both only hashes are kept', async () => {
  const store = createMemoryStore()
  const { links } = await open(store)
  const { link, token } = await links.create(wanted)
  expect(token).toMatch(/^[\w-]{43}$/)
  const joined = await links.exchange(token)
  if ('problem' in joined) throw new Error(joined.problem)
  expect(joined.cookie).toMatch(/^[\w-]{43}$/)
  const kept = JSON.stringify(await store.readEvents('shares', 0))
  expect(kept).toContain(link.id)
  expect(kept).not.toContain(token)
  expect(kept).not.toContain(joined.cookie)
  const pass = { linkId: link.id, role: 'steer', threadId, workspaceId: 'wsp_1', sharedBy: 'Ada' }
  expect(links.guest(joined.cookie)).toEqual({ actor: { kind: 'guest', pass } })
  expect(links.guest(token)).toEqual({ problem: 'unknown' })
  expect(await links.exchange(`${token}x`)).toEqual({ problem: 'unknown' })
  expect(await links.exchange(joined.cookie)).toEqual({ problem: 'unknown' })
})

test('[SHARE-5] links, cookies and what was withdrawn are known after a restart', async () => {
  const { links, store } = await open()
  const one = await links.create(wanted)
  const two = await links.create({ ...wanted, role: 'view' })
  const joined = await links.exchange(one.token)
  await links.revoke(threadId, two.link.id)
  const after = (await open(store)).links
  expect(after.list(threadId).map(({ id }) => id)).toEqual([one.link.id])
  expect('cookie' in joined && 'actor' in after.guest(joined.cookie)).toBe(true)
  expect(await after.exchange(two.token)).toEqual({ problem: 'revoked' })
  await after.create(wanted)
  expect((await open(store)).links.list(threadId)).toHaveLength(2)
})

test('[SHARE-19] however often a link is opened, its log has one row for that, also after a restart; every cookie works', async () => {
  const { links, store } = await open()
  const { link, token } = await links.create(wanted)
  for (let times = 0; times < 50; times++) await links.exchange(token)
  const after = (await open(store)).links
  const again = await after.exchange(token)
  expect(
    (await store.readEvents('shares', 0)).filter(({ body }) => body.includes('share/joined')),
  ).toHaveLength(1)
  expect('cookie' in again && 'actor' in after.guest(again.cookie)).toBe(true)
  await after.revoke(threadId, link.id)
  expect(await after.exchange(token)).toEqual({ problem: 'revoked' })
})

test('[SHARE-6] a link that was withdrawn or has expired lets nobody in, by token or by cookie, and is listed no more', async () => {
  const { links, timers } = await open()
  const brief = await links.create({ ...wanted, expiresInMs: 1000 })
  const joined = await links.exchange(brief.token)
  if ('problem' in joined) throw new Error(joined.problem)
  timers.advance(999)
  expect('actor' in links.guest(joined.cookie)).toBe(true)
  timers.advance(1)
  expect(links.guest(joined.cookie)).toEqual({ problem: 'expired' })
  expect(await links.exchange(brief.token)).toEqual({ problem: 'expired' })
  expect(links.list(threadId)).toEqual([])
  await expect(links.revoke(threadIdSchema.parse('thr_2'), brief.link.id)).rejects.toMatchObject({
    code: 'notFound',
  })
  for (let i = 0; i < limits.shareLinks; i++) await links.create(wanted)
  await expect(links.create(wanted)).rejects.toMatchObject({ code: 'tooLarge' })
})

test('[SHARE-7] the sockets of a link close when it is withdrawn or expires, and one that opens meanwhile too', async () => {
  const { links, timers, guests } = await open()
  const connect = async (expiresInMs?: number) => {
    const { link, token } = await links.create({ ...wanted, expiresInMs })
    const joined = await links.exchange(token)
    if ('problem' in joined) throw new Error(joined.problem)
    const guest = links.guest(joined.cookie)
    if ('problem' in guest) throw new Error(guest.problem)
    const dial = () => {
      const transport = new FakeTransport()
      const session = createTestSession({ actor: guest.actor, transport, timers })
      guests.add(session)
      return transport
    }
    return { link, dial }
  }
  const long = await connect()
  const other = await connect()
  const brief = await connect(60_000)
  const sockets = [long.dial(), long.dial(), other.dial(), brief.dial()]
  expect(guests.count(long.link.id)).toBe(2)
  await links.revoke(threadId, long.link.id)
  guests.end(long.link.id)
  const ended = { code: closeCodes.linkEnded, reason: 'revoked' }
  expect(sockets.map(({ closed }) => closed)).toEqual([ended, ended, undefined, undefined])
  expect(guests.count(long.link.id)).toBe(0)
  expect(long.dial().closed).toEqual(ended)
  timers.advance(60_000)
  expect(sockets.map(({ closed }) => closed?.reason)).toEqual(['revoked', 'revoked', undefined, 'expired'])
})
