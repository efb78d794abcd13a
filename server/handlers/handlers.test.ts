import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { textOf } from '../../core/document/document-text.ts'
import { encodeDocumentFrame, parseDocumentFrame } from '../../core/document/frames.ts'
import { closeCodes } from '../../core/protocol/errors.ts'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import { type GuestRole, shareIdSchema } from '../../core/protocol/share.ts'
import { protocolVersion } from '../../core/protocol/version.ts'
import { noDeepWork } from '../../core/state/checks.ts'
import { type Actor, owner } from '../access/actor.ts'
import { Hub } from '../relay/hub.ts'
import type { Session } from '../relay/session.ts'
import type { ModelCatalogue } from '../runtime/model-catalogue.ts'
import type { Threads } from '../runtime/threads.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { DocumentsWorld, workspaceId } from '../testing/documents-world.ts'
import { FakeTransport } from '../testing/fake-transport.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { createTestSession } from '../testing/test-session.ts'
import { DocumentHandlers } from './document-handlers.ts'
import { createSessionHandlers } from './session-handlers.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

function connect(handlers?: DocumentHandlers, actor: Actor = owner) {
  const transport = new FakeTransport()
  const onBinary = (from: Session, bytes: Uint8Array) => handlers?.receive(from, bytes)
  const session = createTestSession({ actor, transport, onBinary })
  const frames = () => transport.sentBinary.splice(0).map((bytes) => parseDocumentFrame(bytes)?.type)
  return { transport, session, frames, context: { session, receivedAt: 0 } }
}

async function withDocument() {
  const world = await DocumentsWorld.create({ 'a.txt': 'one' })
  const bugs: unknown[] = []
  const handlers = new DocumentHandlers(world.documents, (error) => bugs.push(error))
  const inUse = async () => {
    const opened = await world.open('a.txt')
    return 'isInUse' in opened && opened.isInUse
  }
  return { world, handlers, bugs, inUse, params: { workspaceId, path: 'a.txt' } }
}

test('[SESSION-7] a socket that closes while a document opens leaves none open', async () => {
  const { world, handlers, inUse, params } = await withDocument()
  const stays = connect(handlers)
  await handlers['document/open'](params, stays.context)
  expect(await inUse()).toBe(true)
  stays.session.close('shuttingDown', 'test')
  expect(await inUse()).toBe(false)
  const goes = connect(handlers)
  const opening = handlers['document/open'](params, goes.context)
  goes.session.close('shuttingDown', 'test')
  await expect(opening).rejects.toMatchObject({ code: 'busy' })
  expect(await inUse()).toBe(false)
  await world.destroy()
})

test('[SESSION-7] a socket that closes while it subscribes leaves no subscription', async () => {
  const timers = new ManualTimers()
  const hub = new Hub({ store: createMemoryStore(), clock: timers.clock, timers, epoch: 'e' })
  const topic = `thread:${threadIdSchema.parse('thr_1')}`
  const state = () => ({ id: workspaceId, threads: [] })
  hub.open(topic, 0, { state, running: () => [] })
  const handlers = createSessionHandlers({
    hub,
    clock: timers.clock,
    threads: { get: async () => undefined } as unknown as Threads,
    models: {
      list: async () => [],
      defaultModelId: async () => 'm',
      tiers: async () => [],
    } as unknown as ModelCatalogue,
    workspaces: [],
    sandbox: 'bwrap',
    storeRefuses: () => false,
    pullRequests: false,
    deep: noDeepWork,
    speculation: 'connection',
  })
  const { session, context } = connect()
  session.opened = false
  await handlers['session/open']({ protocol: protocolVersion }, context)
  await handlers['topic/subscribe']({ topic }, context)
  expect(hub.release(topic)).toBe(false)
  session.close('shuttingDown', 'test')
  const late = connect()
  const subscribing = handlers['topic/subscribe']({ topic }, late.context)
  late.session.close('shuttingDown', 'test')
  await expect(subscribing).rejects.toMatchObject({ code: 'busy' })
  expect(hub.release(topic)).toBe(true)
})

test('[SESSION-9] a document is reached only through the session that opened it', async () => {
  const { world, handlers, bugs, params } = await withDocument()
  const owner = connect(handlers)
  const stranger = connect(handlers)
  const opened = await handlers['document/open'](params, owner.context)
  if (opened.kind !== 'text') throw new Error('no text')
  await settled()
  expect(owner.frames()).toEqual(['sync'])
  const { handle } = opened
  const broken = { type: 'sync' as const, handle, number: 1, update: Uint8Array.of(9, 9, 9) }
  handlers.receive(stranger.session, encodeDocumentFrame(broken))
  await handlers['document/close']({ handle }, stranger.context)
  await settled()
  expect([stranger.transport.closed, owner.transport.closed]).toEqual([undefined, undefined])
  handlers.receive(owner.session, encodeDocumentFrame(broken))
  await settled()
  expect(owner.transport.closed?.code).toBe(closeCodes.badFrame)
  await expect(
    handlers['document/open']({ ...params, stateVector: 'nonsense' }, connect(handlers).context),
  ).rejects.toMatchObject({ code: 'badParams' })
  expect(bugs).toEqual([])
  await world.destroy()
})

test('[DISK-40] what another program wrote while nobody looked is told to who comes back, and to all where it met unsaved text', async () => {
  const world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n', 'b.txt': 'one\n', 'c.txt': 'one\n' })
  for (const path of ['a.txt', 'b.txt', 'c.txt']) {
    const browser = await world.join(path)
    await browser.type('flushed\n')
    await world.flush()
  }
  await (await world.join('a.txt')).type('typed\n')
  await (await world.join('c.txt')).type('typed\n')
  await world.write('a.txt', 'one\nTWO\nflushed\n')
  await world.write('b.txt', 'one\nFLUSHED\n')
  await rm(join(world.root, 'c.txt'))
  world.crash()
  await world.flush()
  const handlers = new DocumentHandlers(world.documents, () => undefined)
  const told = async (path: string, stateVector?: string) => {
    const params = { workspaceId, path, ...(stateVector !== undefined && { stateVector }) }
    const opened = await handlers['document/open'](params, connect(handlers).context)
    return opened.kind === 'text' && opened.merged && [opened.merged.line, opened.merged.deleted]
  }
  const vector = Buffer.from(Y.encodeStateVector(new Y.Doc())).toString('base64')
  expect([await told('a.txt'), await told('a.txt', vector)]).toEqual([
    [2, false],
    [2, false],
  ])
  expect([await told('b.txt'), await told('b.txt', vector)]).toEqual([undefined, [2, false]])
  expect(await told('c.txt')).toEqual([1, true])
  expect(world.merged).toEqual([])
  await world.destroy()
})

test('[DISK-45] what another program wrote while nobody looked is told after further restarts too, until somebody opens the file', async () => {
  const world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
  const browser = await world.join('a.txt')
  await browser.type('flushed\n')
  await world.flush()
  await browser.type('typed\n')
  await world.write('a.txt', 'one\nTWO\nflushed\n')
  world.crash()
  await world.flush()
  const open = async () => {
    const handlers = new DocumentHandlers(world.documents, () => undefined)
    const opened = await handlers['document/open']({ workspaceId, path: 'a.txt' }, connect(handlers).context)
    await settled()
    return opened.kind === 'text' ? opened.merged : undefined
  }
  for (let restart = 0; restart < 3; restart++) {
    world.crash()
    await world.flush()
  }
  const told = await open()
  expect(told).toMatchObject({ line: 2, deleted: false })
  // To whoever opens it until the next restart, as the same change.
  expect(await open()).toEqual(told)
  world.crash()
  expect(await open()).toBe(undefined)
  await world.destroy()
})

test('[SHARE-17] a guest types only where their link allows it: a frame that writes closes the session and changes nothing', async () => {
  const { world, handlers, params } = await withDocument()
  const write = async (role: GuestRole) => {
    const linkId = shareIdSchema.parse('shr_1')
    const pass = { linkId, role, threadId: threadIdSchema.parse('thr_1'), workspaceId, sharedBy: 'Ada' }
    const guest = connect(handlers, { kind: 'guest', pass })
    const opened = await handlers['document/open'](params, guest.context)
    if (opened.kind !== 'text') throw new Error('no text')
    const doc = new Y.Doc()
    textOf(doc).insert(0, `${role} `)
    const update = Y.encodeStateAsUpdate(doc)
    handlers.receive(
      guest.session,
      encodeDocumentFrame({ type: 'sync', handle: opened.handle, number: 1, update }),
    )
    await settled()
    const text = textOf((await world.open('a.txt')).doc).toString()
    return [opened.readOnly, guest.transport.closed?.code, text.includes(role)]
  }
  expect(await write('view')).toEqual([true, closeCodes.forbidden, false])
  expect(await write('steer')).toEqual([true, closeCodes.forbidden, false])
  expect(await write('edit')).toEqual([false, undefined, true])
  await world.destroy()
})
