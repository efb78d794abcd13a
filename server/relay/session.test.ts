import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeCodes, RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type Method, methods } from '../../core/protocol/methods.ts'
import { owner } from '../access/actor.ts'
import { FakeTransport } from '../testing/fake-transport.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { createRouter, type Handlers } from './router.ts'
import { Session } from './session.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

function connect() {
  const transport = new FakeTransport()
  const timers = new ManualTimers()
  const called: string[] = []
  const bugs: unknown[] = []
  const refuse = (method: string) => () => {
    called.push(method)
    throw new RequestError('notFound', 'nothing here')
  }
  const handlers = Object.fromEntries(
    Object.keys(methods).map((name) => [name, refuse(name)]),
  ) as unknown as Handlers
  const handle = createRouter(
    {
      ...handlers,
      'session/ping': () => ({ at: 1, clock: 1 }),
      'session/open': (_params, { session }) => {
        session.opened = true
        return {
          protocol: 1,
          epoch: 'e',
          sessionId: 's',
          workspaces: [],
          models: [],
          defaultModelId: 'm',
          tiers: [],
          deep: { checks: false, plans: false },
          speculation: 'connection' as const,
        }
      },
      'thread/warm': () => {
        throw new Error('a bug with a secret')
      },
    },
    async () => undefined,
    (error) => bugs.push(error),
  )
  const session = new Session({
    id: 'ses_1',
    actor: owner,
    transport,
    handle,
    clock: timers.clock,
    timers,
    onBinary: () => undefined,
  })
  const open = async () => {
    transport.receive({ id: 1, method: 'session/open', params: { protocol: 1 } })
    await settled()
    transport.take()
  }
  return { transport, timers, session, called, bugs, open }
}

test('[SESSION-1] nothing is answered before session/open, and a socket that stays silent is closed', async () => {
  const { transport, timers } = connect()
  transport.receive({ id: 7, method: 'session/ping', params: {} })
  await settled()
  expect(transport.take()).toMatchObject([{ id: 7, error: { code: 'notOpened' } }])
  timers.advance(limits.handshakeMs)
  expect(transport.closed?.code).toBe(closeCodes.badFrame)
})

test('[SESSION-2] a request is answered by its id; unknown methods and wrong parameters have their errors', async () => {
  const { transport, open, called } = connect()
  await open()
  transport.receive({ id: 2, method: 'session/ping', params: {} })
  transport.receive({ id: 3, method: 'constructor', params: {} })
  transport.receive({ id: 4, method: 'file/list', params: { workspaceId: 'x', path: 1 } })
  await settled()
  const answers = transport.take() as { id: number }[]
  expect(answers.toSorted((a, b) => a.id - b.id)).toMatchObject([
    { id: 2, result: { at: 1, clock: 1 } },
    { id: 3, error: { code: 'unknownMethod', retriable: false } },
    { id: 4, error: { code: 'badParams' } },
  ])
  expect(called).toEqual([])
})

test('[SESSION-3] a bug is logged and answered without its words', async () => {
  const { transport, open, bugs } = connect()
  await open()
  transport.receive({ id: 2, method: 'thread/warm', params: { threadId: 'thr_1' } })
  await settled()
  const [answer] = transport.take()
  expect(answer).toMatchObject({ id: 2, error: { code: 'internal' } })
  expect(JSON.stringify(answer)).not.toContain('secret')
  expect(bugs).toHaveLength(1)
})

test('[SESSION-4] malformed frames are answered, and after a few the socket is closed', async () => {
  const { transport, open } = connect()
  await open()
  for (const bad of ['', '{', '[]', 'null', '{"id":-1}']) transport.receive(bad)
  await settled()
  const answers = transport.take()
  expect(answers).toHaveLength(5)
  for (const answer of answers) expect(answer).toMatchObject({ error: { code: 'badFrame' } })
  expect(transport.closed?.code).toBe(closeCodes.badFrame)
})

test('[SESSION-5] no frame, however made, reaches a handler unchecked or goes unanswered', async () => {
  const names = fc.oneof(fc.constantFrom(...(Object.keys(methods) as Method[])), fc.string())
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), names, fc.jsonValue(), async (id, method, params) => {
      const { transport, open, bugs, called } = connect()
      await open()
      transport.receive({ id, method, params })
      await settled()
      const answers = transport.take() as { id: number }[]
      expect(answers).toHaveLength(1)
      if (method.length <= 64) expect(answers[0]?.id).toBe(id)
      if (called.length > 0) expect(methods[called[0] as Method].params.safeParse(params).success).toBe(true)
      expect(bugs.length === 0 || method === 'thread/warm').toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('[SESSION-6] a frame over the limit is refused unread', async () => {
  const { transport, open } = connect()
  await open()
  transport.receive({ id: 2, method: 'session/ping', params: { pad: 'x'.repeat(limits.clientFrameBytes) } })
  await settled()
  expect(transport.take()).toMatchObject([{ error: { code: 'badFrame' } }])
})

test('[SESSION-8] what arrives on a socket that is being closed is not read', async () => {
  const { transport, open, session, called } = connect()
  await open()
  session.close('badFrame', 'enough')
  transport.receive({ id: 2, method: 'file/list', params: { workspaceId: 'wsp_1', path: '' } })
  await settled()
  expect([called, transport.take()]).toEqual([[], []])
})

test('[SESSION-10] a session that asks on without reading its answers is closed', async () => {
  const { transport, open } = connect()
  await open()
  transport.buffered = limits.unreadBytes
  transport.receive({ id: 2, method: 'session/ping', params: {} })
  expect(transport.closed).toBeUndefined()
  transport.buffered += 1
  transport.receive({ id: 3, method: 'session/ping', params: {} })
  expect(transport.closed?.code).toBe(closeCodes.lagging)
})
