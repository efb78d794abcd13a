import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createFakeModel, type FakeModel } from '../../bench/fake-model/fake-model.ts'
import type { Step } from '../../bench/fake-model/script.ts'
import { limits } from '../../core/protocol/limits.ts'
import { readConfig } from '../config.ts'
import type { Providers } from '../providers/providers.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { ModelCatalogue } from './model-catalogue.ts'
import { ModelHealth } from './model-health.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const spare = 'spare/model'

/** A tier whose first model is the world's fake one and whose second has a backend of its own. */
async function tierWorld(options: { live?: readonly string[] } = {}): Promise<World & { second: FakeModel }> {
  const second = await createFakeModel()
  second.script = () => [{ type: 'text', text: 'The second speaks.' }]
  const live = options.live ?? ['fake/fake-fast', spare]
  const other = { id: 'spare', api: 'responses', baseUrl: second.url } as const
  const gone = { id: 'gone', api: 'chat', baseUrl: await closedPort() } as const
  const world = await createWorld({}, { tiers: { live }, others: [other, gone] })
  closing.push(world.close, second.close)
  return { ...world, second }
}

async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'string' || !address) throw new Error('no port')
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${address.port}/v1`
}

const fault = (value: Extract<Step, { type: 'fault' }>['fault']): Step => ({ type: 'fault', fault: value })

test('[RTIER-1] the next model of a tier answers when the first is down, overloaded or silent, in time, and the turn says so', async () => {
  const world = await tierWorld({ live: ['gone/model', 'fake/fake-fast', spare] })
  const faults: { step: Step; code: string }[] = [
    { step: fault({ type: 'status', status: 503, body: {} }), code: 'overloaded' },
    { step: fault({ type: 'cut' }), code: 'cut' },
    { step: fault({ type: 'stall' }), code: 'timedOut' },
  ]
  for (const { step, code } of faults) {
    world.models.health.answered('fake/fake-fast')
    world.models.health.answered('gone/model')
    world.model.script = () => [step]
    const thread = await world.newThread('tier:live')
    const startedAt = performance.now()
    const turn = await world.ask(thread, 'hello')
    expect(performance.now() - startedAt).toBeLessThan(limits.failoverMs + 400)
    expect(turn).toMatchObject({
      status: 'completed',
      modelId: spare,
      movedOn: [
        { from: 'gone/model', to: 'fake/fake-fast', failure: { code: 'noBackend' } },
        { from: 'fake/fake-fast', to: spare, failure: { code } },
      ],
    })
    expect(turn.items.at(-1)).toMatchObject({ type: 'agentMessage', text: 'The second speaks.' })
  }
  expect(world.bugs).toEqual([])
})

test('[RTIER-2] a model that keeps failing costs later turns nothing, until it is tried again and works', async () => {
  let now = 0
  const health = new ModelHealth({ monotonic: () => now })
  const offered = ['a/m', 'b/m']
  const find = (id: string) => (offered.includes(id) ? { description: { id } } : undefined)
  const providers = { find, models: async () => [] } as unknown as Providers
  const models = new ModelCatalogue({ providers, health, tiers: { live: ['a/m', 'b/m'] } })
  const failure = { code: 'timedOut', detail: 'silent', retriable: true } as const
  for (let times = 0; times < limits.breakerFailures; times++) {
    expect((await models.choose('tier:live')).model.id).toBe('a/m')
    health.begun('a/m')
    health.failed('a/m', failure)
  }
  expect(await models.choose('tier:live')).toMatchObject({
    model: { id: 'b/m' },
    fallbacks: [],
    passedOver: [{ modelId: 'a/m', failure }],
  })
  expect((await models.tiers())[0]).toEqual({
    name: 'live',
    modelIds: ['a/m', 'b/m'],
    current: 'b/m',
    configured: true,
  })
  now += limits.breakerBaseMs
  expect((await models.choose('tier:live')).model.id).toBe('a/m')
  health.begun('a/m')
  // While one tries, the others do not wait for the outcome.
  expect((await models.choose('tier:live')).model.id).toBe('b/m')
  health.answered('a/m')
  expect((await models.choose('tier:live')).model.id).toBe('a/m')
})

test('[RTIER-2] when nothing is known to work the first is asked all the same', async () => {
  const world = await tierWorld()
  const failure = { code: 'overloaded', detail: '', retriable: true, retryAfterMs: 30_000 } as const
  for (const id of ['fake/fake-fast', spare]) world.models.health.failed(id, failure)
  world.model.script = () => [{ type: 'text', text: 'Here.' }]
  expect(await world.ask(await world.newThread('tier:live'), 'hello')).toMatchObject({
    status: 'completed',
    modelId: 'fake/fake-fast',
  })
  expect(world.models.health.problem('fake/fake-fast')).toBeUndefined()
})

test('[RTIER-24] a refused key concerns all models of its provider: the turn and later ones go on with another provider', async () => {
  const world = await tierWorld({ live: ['fake/fake-fast', 'fake/fake-slow', spare] })
  world.model.script = () => [fault({ type: 'status', status: 401, body: {} })]
  const thread = await world.newThread('tier:live')
  const first = await world.ask(thread, 'hello')
  expect(first).toMatchObject({ status: 'completed', modelId: spare })
  expect(first.movedOn).toMatchObject([{ from: 'fake/fake-fast', to: spare, failure: { code: 'wrongKey' } }])
  const asked = world.model.requests.length
  const second = await world.ask(thread, 'again')
  expect(second).toMatchObject({ status: 'completed', modelId: spare })
  expect(second.movedOn?.map(({ from }) => from)).toEqual(['fake/fake-fast', 'fake/fake-slow'])
  expect(world.model.requests.length).toBe(asked)
})

test('[RTIER-24] where the tier has no other provider its next model is asked: a key may be refused for one only', async () => {
  const world = await tierWorld({ live: ['fake/fake-fast', 'fake/fake-slow'] })
  world.model.script = ({ body }) =>
    body.model === 'fake-fast'
      ? [fault({ type: 'status', status: 403, body: {} })]
      : [{ type: 'text', text: 'The other speaks.' }]
  const turn = await world.ask(await world.newThread('tier:live'), 'hello')
  expect(turn).toMatchObject({ status: 'completed', modelId: 'fake/fake-slow' })
  expect(world.models.health.problem('fake/fake-slow')).toBeUndefined()
})

test('[RTIER-24] a backend that is not there is left alone after as many failures of any of its models, until one answers', () => {
  let now = 0
  const health = new ModelHealth({ monotonic: () => now })
  const failure = { code: 'noBackend', detail: 'Nobody there.', retriable: true } as const
  for (let times = 0; times < limits.breakerFailures; times++) {
    expect(health.problem('a/other')).toBeUndefined()
    health.begun(`a/m${times}`)
    health.failed(`a/m${times}`, failure)
  }
  expect(health.problem('a/other')).toEqual(failure)
  expect(health.problem('b/m')).toBeUndefined()
  now += limits.breakerBaseMs
  expect(health.problem('a/other')).toBeUndefined()
  health.begun('a/other')
  // One tries, the others wait for what comes of it; a stop tells nothing.
  expect(health.problem('a/m0')).toEqual(failure)
  health.abandoned('a/other')
  health.begun('a/m0')
  health.failed('a/m0', { code: 'overloaded', detail: '', retriable: true })
  expect(health.problem('a/other')).toBeUndefined()
})

test('[RTIER-3] the head of an answer is a sign of life: who thinks for long is not left', async () => {
  const world = await tierWorld()
  world.model.script = () => [
    { type: 'begin' },
    { type: 'pause', ms: limits.failoverMs + 200 },
    { type: 'text', text: 'At last.' },
  ]
  const turn = await world.ask(await world.newThread('tier:live'), 'hello')
  expect(turn).toMatchObject({ status: 'completed', modelId: 'fake/fake-fast' })
  expect(turn.movedOn).toBeUndefined()
})

test('[RTIER-4] tiers come from the environment over the file; one that is not set is the default', async () => {
  const env = { TANDEM_TIER_LIVE: 'a/fast, b/fast', TANDEM_TIER_DEEP: 'a/deep' }
  expect(readConfig([], env).tiers).toEqual({ live: ['a/fast', 'b/fast'], deep: ['a/deep'] })
  expect(() => readConfig([], { TANDEM_TIER_DEEP: 'tier:live' })).toThrow(
    /TANDEM_TIER_DEEP: expected provider/,
  )
  const world = await tierWorld()
  const tiers = await world.models.tiers()
  expect(tiers.map(({ name, current }) => [name, current])).toEqual([
    ['live', 'fake/fake-fast'],
    ['deep', 'fake/fake-fast'],
    ['background', 'fake/fake-fast'],
    ['helper', 'fake/fake-fast'],
  ])
  // What a tier names is among the models, listed by its backend or not.
  expect((await world.models.list()).map(({ id }) => id)).toContain(spare)
  const find = (id: string) => (id === 'd/default' ? { description: { id } } : undefined)
  const defaultModelId = async () => 'd/default'
  const providers = { find, models: async () => [], defaultModelId } as unknown as Providers
  const health = new ModelHealth({ monotonic: () => 0 })
  expect(await new ModelCatalogue({ providers, health }).defaultModelId()).toBe('d/default')
  expect((await new ModelCatalogue({ providers, health }).choose('tier:deep')).model.id).toBe('d/default')
  const configured = new ModelCatalogue({ providers, health, tiers: { live: ['x/y'] } })
  expect(await configured.defaultModelId()).toBe('tier:live')
  await expect(configured.choose('tier:live')).rejects.toThrow(/No configured provider offers a model/)
})

test('[RTIER-5] a model chosen by its name is asked whatever is known of it, and no other in its place', async () => {
  const world = await tierWorld()
  const failure = { code: 'overloaded', detail: '', retriable: true, retryAfterMs: 30_000 } as const
  world.models.health.failed('fake/fake-fast', failure)
  world.model.script = () => [fault({ type: 'status', status: 401, body: {} })]
  const turn = await world.ask(await world.newThread('fake/fake-fast'), 'hello')
  expect(turn).toMatchObject({ status: 'failed', failure: { code: 'wrongKey' }, modelId: 'fake/fake-fast' })
  expect(world.second.requests.filter(({ kind }) => kind !== 'models')).toEqual([])
})

test('[RTIER-6] a stop while a model is silent ends the turn, and says nothing about the model', async () => {
  const world = await tierWorld()
  world.model.script = () => [fault({ type: 'stall' })]
  const thread = await world.newThread('tier:live')
  const turnId = await thread.start('hello', { openPaths: [] }, 0)
  thread.control.interrupt(turnId)
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
  expect(thread.state().turns.at(-1)).toMatchObject({ status: 'interrupted', modelId: 'fake/fake-fast' })
  expect(thread.state().turns.at(-1)?.movedOn).toBeUndefined()
  // The next one begins with it.
  world.model.script = () => [{ type: 'text', text: 'Here.' }]
  expect(await world.ask(thread, 'again')).toMatchObject({ status: 'completed', modelId: 'fake/fake-fast' })
})
