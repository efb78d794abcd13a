import { afterEach, expect, test } from 'vitest'
import type { Turn } from '../../core/protocol/turn.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function chatWorld(): Promise<World> {
  const world = await createWorld({}, { speech: { api: 'chat', tools: 'function' } })
  worlds.push(world)
  return world
}
const last = (thread: ThreadRuntime): Turn | undefined => thread.state().turns.at(-1)
const asked = (world: World) => world.model.requests.filter(({ kind }) => kind === 'chat')
const left = (requests: number, resetSeconds: number) => ({
  'x-ratelimit-limit-requests': '10',
  'x-ratelimit-remaining-requests': String(requests),
  'x-ratelimit-reset-requests': `${resetSeconds}s`,
})

test('[RADMIT-21] what a provider says is left is told with the pool, and where the time of its answer went', async () => {
  const world = await createWorld({})
  worlds.push(world)
  const fast = { id: 'fast', contextWindow: 100_000, maxOutputTokens: 20_000 }
  const cerebras = await createWorld(
    {},
    {
      others: [{ id: 'c', api: 'chat', baseUrl: world.model.cerebrasUrl, tools: 'function', models: [fast] }],
    },
  )
  worlds.push(cerebras)
  const thread = await cerebras.newThread('c/fast')
  expect(await thread.requests.limits([])).toEqual({
    pool: { modelId: 'c/fast', bounds: [], running: 0, waiting: 0 },
    others: [],
  })
  expect((await cerebras.ask(thread, 'hello')).status).toBe('completed')
  const { pool } = await thread.requests.limits(['fake/fake-fast'])
  expect(pool).toMatchObject({
    bounds: [
      { from: 'provider', what: 'requests', limit: 14_400, left: 14_399, windowMs: 24 * 3_600_000 },
      { from: 'provider', what: 'tokens', limit: 60_000, left: 59_000, windowMs: 60_000 },
    ],
    running: 0,
    waiting: 0,
    timing: { queueMs: expect.any(Number), promptMs: expect.any(Number) },
  })
  const resets = pool.bounds.map(({ resetAt = 0 }) => Math.round((resetAt - Date.now()) / 1000))
  expect(resets[0]).toBeGreaterThan(33_000)
  expect(resets[1]).toBeLessThanOrEqual(12)
})

test('[RADMIT-22] a request its provider would refuse is not sent: the turn waits until the reset, then it is', async () => {
  const world = await chatWorld()
  world.model.headers = left(0, 1)
  const [first, second] = [await world.newThread(), await world.newThread()]
  expect((await world.ask(first, 'one')).status).toBe('completed')
  const startedAt = performance.now()
  await second.start('two', { openPaths: [] }, 0)
  await until(() => last(second)?.waiting !== undefined)
  expect(last(second)?.waiting).toMatchObject({ position: 1 })
  expect(Math.abs((last(second)?.waiting?.readyAt ?? 0) - Date.now() - 1000)).toBeLessThan(500)
  expect(asked(world)).toHaveLength(1)
  await until(() => last(second)?.settledAt !== undefined)
  expect(last(second)).toMatchObject({ status: 'completed' })
  expect(performance.now() - startedAt).toBeGreaterThan(700)
  expect(asked(world)).toHaveLength(2)
})

test('[RADMIT-22] what a refusal tells is known for the calls after it', async () => {
  const world = await chatWorld()
  const headers = left(0, 3600)
  world.model.script = () => [{ type: 'fault', fault: { type: 'status', status: 429, body: {}, headers } }]
  const thread = await world.newThread()
  expect(await world.ask(thread, 'one')).toMatchObject({ status: 'failed', failure: { code: 'rateLimited' } })
  const turnId = await thread.start('two', { openPaths: [] }, 0)
  await until(() => last(thread)?.waiting !== undefined)
  expect(asked(world)).toHaveLength(1)
  thread.control.interrupt(turnId)
  await until(() => last(thread)?.settledAt !== undefined)
  expect((await thread.requests.limits([])).pool.waiting).toBe(0)
})

test('[RADMIT-23] a turn that waits is answered by another model when a person wants that, and says so', async () => {
  const world = await chatWorld()
  world.model.headers = left(0, 3600)
  const thread = await world.newThread()
  await world.ask(thread, 'one')
  const turnId = await thread.start('two', { openPaths: [] }, 0)
  await until(() => last(thread)?.waiting !== undefined)
  await thread.control.switchModel(turnId, 'fake/fake-slow')
  await until(() => last(thread)?.settledAt !== undefined)
  expect(last(thread)).toMatchObject({
    status: 'completed',
    modelId: 'fake/fake-slow',
    movedOn: [{ from: 'fake/fake-fast', to: 'fake/fake-slow', failure: { code: 'notWaitedFor' } }],
  })
  expect(last(thread)?.waiting).toBeUndefined()
  expect(asked(world).map(({ body }) => body?.model)).toEqual(['fake-fast', 'fake-slow'])
  expect(thread.state().modelId).toBe('fake/fake-fast')
  expect((await thread.requests.limits([])).pool.waiting).toBe(0)
})

test('[RADMIT-23] a turn that is answered already stays with its model; another attempt that waits does not', async () => {
  const world = await chatWorld()
  const release = Promise.withResolvers<void>()
  world.model.script = () => [
    { type: 'text', text: 'Well,' },
    { type: 'hold', until: release.promise },
  ]
  const thread = await world.newThread()
  const turnId = await thread.start('one', { openPaths: [] }, 0)
  await until(() => (last(thread)?.items.length ?? 0) > 1)
  await thread.control.switchModel(turnId, 'fake/fake-slow')
  expect(last(thread)).toMatchObject({ status: 'running', modelId: 'fake/fake-fast' })
  release.resolve()
  await until(() => last(thread)?.settledAt !== undefined)
  world.model.script = ({ body }) =>
    body.model === 'fake-slow'
      ? [{ type: 'text', text: 'Here.' }]
      : [
          {
            type: 'fault',
            fault: { type: 'status', status: 503, body: {}, headers: { 'retry-after': '15' } },
          },
        ]
  const next = await thread.start('two', { openPaths: [] }, 0)
  await until(() => last(thread)?.status === 'retrying')
  await thread.control.switchModel(next, 'fake/fake-slow')
  await until(() => last(thread)?.settledAt !== undefined)
  expect(last(thread)).toMatchObject({ status: 'completed', modelId: 'fake/fake-slow' })
  expect(last(thread)?.failure).toBeUndefined()
})

test('[RADMIT-24] a summary waits in the pool of its model as background work, and leaves it when it is stopped', async () => {
  const world = await createWorld({}, { limits: { 'fake/fake-fast': { concurrent: 1 } } })
  worlds.push(world)
  const [busy, thread] = [await world.newThread(), await world.newThread()]
  for (const text of ['one', 'two', 'three', 'four']) await world.ask(thread, text)
  const release = Promise.withResolvers<void>()
  world.model.script = ({ userText }) =>
    userText === 'long'
      ? [{ type: 'hold', until: release.promise }]
      : [{ type: 'text', text: 'In short: parts.' }]
  const turnId = await busy.start('long', { openPaths: [] }, 0)
  const sent = () => world.model.requests.filter(({ kind }) => kind === 'responses-websocket').length
  await until(() => sent() === 5)
  await thread.compactor.request()
  await until(() => thread.state().compacting?.status === 'running')
  await expect.poll(async () => (await thread.requests.limits([])).pool.waiting, { timeout: 15_000 }).toBe(1)
  expect(sent()).toBe(5)
  await thread.compactor.stop()
  expect((await thread.requests.limits([])).pool).toMatchObject({ running: 1, waiting: 0 })
  await thread.compactor.request()
  busy.control.interrupt(turnId)
  await until(() => thread.state().compactions !== undefined)
  expect(thread.state().compactions).toMatchObject([{ summary: 'In short: parts.' }])
  expect((await thread.requests.limits([])).pool).toMatchObject({ running: 0, waiting: 0 })
  release.resolve()
})
