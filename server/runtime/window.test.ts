import { afterEach, expect, test } from 'vitest'
import { createFakeModel } from '../../bench/fake-model/fake-model.ts'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'
import { countTextTokens } from './tokenizer.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const window = { contextWindow: 9000, maxOutputTokens: 1000 }
const isSummary = ({ body }: Pick<FakeRequest, 'body'>) => JSON.stringify(body).includes('<conversation>')
const summaries = (world: World) => world.model.requests.filter(({ body }) => isSummary({ body: body ?? {} }))
const turnsOf = (world: World) =>
  world.model.requests.filter(({ body, kind }) => kind !== 'models' && !isSummary({ body: body ?? {} }))
const noise = (seed: number, chars: number) =>
  Array.from(
    { length: Math.ceil(chars / 8) },
    (_, index) => `w${(seed * 7919 + index * 104_729) % 99_991} `,
  ).join('')
const sizes = (thread: ThreadRuntime) => thread.state().compactions?.map(({ turns }) => turns) ?? []

/** `summary`: what the model answers when it is asked for one. */
async function worldWith(summary: (request: FakeRequest) => readonly Step[], options: object = {}) {
  const world = await createWorld(
    { 'big.txt': noise(9, 24_000) },
    { window, countText: countTextTokens, ...options },
  )
  worlds.push(world)
  world.model.script = (request) =>
    isSummary(request) ? summary(request) : [{ type: 'text', text: `Heard ${request.userText.slice(0, 20)}` }]
  return world
}

async function fill(world: World, thread: ThreadRuntime, chars = 3000) {
  for (let turn = 1; sizes(thread).length === 0 && !thread.state().compacting; turn++) {
    expect((await world.ask(thread, `part ${turn}: ${noise(turn, chars)}`)).status).toBe('completed')
    // Counting goes on beside the turns.
    await thread.requests.windowUse()
    expect(turn).toBeLessThan(30)
  }
}

/** What a request says, of the whole conversation. */
const inputOf = (world: World) => JSON.stringify(turnsOf(world).at(-1)?.body?.input)
const pinFirst = async (thread: ThreadRuntime) => {
  const item = thread.state().turns[0]?.items.find(({ type }) => type === 'userMessage')
  if (item) await thread.compactor.pin(item.id, true)
}

test('[RWINDOW-1] over ten summaries of a history many times the window no request is refused, and pins survive', {
  timeout: 60_000,
}, async () => {
  let written = 0
  const world = await worldWith(() => [
    { type: 'text', text: `Summary ${++written}. ${noise(written, 400)}` },
  ])
  const thread = await world.newThread()
  await world.ask(thread, 'The magic word is xylophone.')
  await pinFirst(thread)
  for (let turn = 1; sizes(thread).length < 10; turn++) {
    const { status, failure } = await world.ask(thread, `part ${turn}: ${noise(turn, 4000)}`)
    expect([status, failure]).toEqual(['completed', undefined])
    await until(() => thread.state().compacting?.status !== 'running')
    expect(turn).toBeLessThan(150)
  }
  expect(sizes(thread).at(-1)).toBe(thread.state().turns.length - 2)
  await world.ask(thread, 'last')
  expect(inputOf(world)).toContain('The magic word is xylophone.')
  expect(inputOf(world)).toContain('Summary 10.')
  expect(world.model.refused).toBe(0)
  expect(turnsOf(world).length).toBe(thread.state().turns.length)
})

test('[RWINDOW-2] a prompt that alone is larger than the window is not sent, and told what to do about', async () => {
  const world = await worldWith(() => [])
  const thread = await world.newThread()
  const turn = await world.ask(thread, noise(1, 60_000))
  expect(turn).toMatchObject({ status: 'failed', failure: { code: 'contextOverflow', retriable: false } })
  expect(turn.failure?.detail).toMatch(/about \d+ tokens; the model has room for 8000\. Shorten it/)
  expect(turnsOf(world)).toEqual([])
  expect((await world.ask(thread, 'short')).status).toBe('completed')
})

test('[RWINDOW-3] a summary is written beside a turn that goes on, and takes effect when that is over', async () => {
  const summary = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const world = await worldWith(() => [
    { type: 'hold', until: summary.promise },
    { type: 'text', text: 'They counted parts.' },
  ])
  const thread = await world.newThread()
  await fill(world, thread)
  expect(thread.state().compacting).toEqual({ status: 'running' })
  await world.model.waitFor((request) => isSummary(request))
  world.model.script = [
    {
      match: 'slow',
      steps: [
        { type: 'text', text: 'Going.' },
        { type: 'hold', until: answer.promise },
      ],
    },
  ]
  const before = thread.state().turns.length
  const turnId = await thread.start('slow', { openPaths: [] }, 0)
  await until(() => (thread.state().turns.at(-1)?.items.length ?? 0) > 1)
  summary.resolve()
  await until(() => thread.state().compacting?.status === 'ready')
  expect([sizes(thread), thread.state().turns.at(-1)?.id]).toEqual([[], turnId])
  answer.resolve()
  await until(() => sizes(thread).length === 1)
  expect(thread.state().compactions).toMatchObject([
    { summary: 'They counted parts.', modelId: 'fake/fake-fast' },
  ])
  expect(sizes(thread)).toEqual([before - 2])
  // The chain of responses begins anew once, and goes on from there.
  await world.ask(thread, 'next')
  expect(turnsOf(world).at(-1)?.body?.previous_response_id).toBeUndefined()
  expect(inputOf(world)).toContain('They counted parts.')
  expect(inputOf(world)).not.toContain('part 1:')
  await world.ask(thread, 'and on')
  expect(turnsOf(world).at(-1)?.body?.previous_response_id).toBeDefined()
})

test('[RWINDOW-4] a summary that fails or is stopped changes nothing but that it says so', async () => {
  const world = await worldWith(() => [
    { type: 'fault', fault: { type: 'status', status: 400, body: { error: { message: 'No.' } } } },
  ])
  const thread = await world.newThread()
  await fill(world, thread)
  await until(() => thread.state().compacting?.status === 'failed')
  const { compacting, ...rest } = thread.state()
  expect(compacting).toEqual({ status: 'failed', detail: 'No.' })
  await thread.compactor.stop()
  expect(thread.state()).toEqual(rest)
  const { promise, resolve } = Promise.withResolvers<void>()
  world.model.script = () => [
    { type: 'hold', until: promise },
    { type: 'text', text: 'Late.' },
  ]
  await thread.compactor.request()
  await until(() => summaries(world).length === 2)
  await thread.compactor.stop()
  resolve()
  expect(thread.state()).toEqual(rest)
  const again = await (await world.restart()).threads.get(thread.state().id)
  expect(again.state()).toEqual(rest)
})

test('[RWINDOW-5] undone, the whole history is sent again while it fits; a person has it summarised when they want', async () => {
  const world = await worldWith(() => [{ type: 'text', text: 'In short.' }])
  const thread = await world.newThread()
  await expect(thread.compactor.request()).rejects.toMatchObject({ code: 'conflict' })
  for (const text of ['first', 'second', 'third', 'fourth']) await world.ask(thread, text)
  await thread.compactor.request()
  await until(() => sizes(thread).length === 1)
  const [compaction] = thread.state().compactions ?? []
  if (!compaction) throw new Error('no summary')
  expect(compaction).toMatchObject({ turns: 2, summary: 'In short.' })
  await world.ask(thread, 'fifth')
  expect(inputOf(world)).toContain('In short.')
  await thread.compactor.undo(compaction.id)
  await expect(thread.compactor.undo(compaction.id)).rejects.toMatchObject({ code: 'conflict' })
  await world.ask(thread, 'sixth')
  expect(inputOf(world)).toContain('first')
  expect(inputOf(world)).not.toContain('In short.')
  const folded = await (await world.restart()).threads.get(thread.state().id)
  const known = ({ compactions, uncompacted, pins }: ThreadState) => ({ compactions, uncompacted, pins })
  expect(known(folded.state())).toEqual(known(thread.state()))
})

test('[RWINDOW-6] what a provider counts is what is gone by: the use of the window agrees with it, and what it refuses is sent again in less', async () => {
  // Everything is twice as long for this model as is thought.
  const half = (text: string) => Math.ceil(countTextTokens(text) / 2)
  const world = await worldWith(() => [], { countText: half })
  const thread = await world.newThread()
  const big = `part: ${noise(3, 2000)}`
  for (let turn = 1; turn < 5; turn++) expect((await world.ask(thread, big)).status).toBe('completed')
  const { window: size, reserve } = await thread.requests.windowUse()
  expect([size, reserve]).toEqual([9000, 1000])
  const error = async () => {
    const { window: _, reserve: __, ...parts } = await thread.requests.windowUse()
    const used = Object.values(parts).reduce((sum, tokens) => sum + tokens, 0)
    const reported = thread.state().contextTokens
    return Math.abs(used - reported) / reported
  }
  // What was reported is learned beside the turns.
  await expect.poll(error, { timeout: 15_000 }).toBeLessThan(0.08)
  expect(world.model.refused).toBe(0)
  const fresh = await world.newThread()
  await fresh.start('Look.', { activePath: 'big.txt', openPaths: [] }, 0)
  await until(() => fresh.state().turns.at(-1)?.settledAt !== undefined)
  expect(fresh.state().turns).toMatchObject([{ status: 'completed' }])
  expect(world.model.refused).toBeGreaterThan(0)
  expect(inputOf(world)).toContain('characters are left out here')
})

test('[RWINDOW-20] a model that makes sealed summaries is asked for one, with what it was sent, and gets it back as it came', async () => {
  const sealing = { id: 'sealing', ...window, tools: 'custom' as const, sealsSummaries: true }
  const model = await createFakeModel({ contextWindow: window.contextWindow })
  const others = [{ id: 'own', api: 'responses' as const, baseUrl: model.url, models: [sealing] }]
  const world = await createWorld({}, { countText: countTextTokens, others })
  worlds.push(world)
  const isAsked = (history: readonly unknown[]) =>
    JSON.stringify(history.at(-1)).includes('compaction_trigger')
  model.script = ({ history }) =>
    isAsked(history)
      ? [
          { type: 'reasoning', text: 'Hm.', encrypted: 'no' },
          { type: 'compaction', encrypted: 'c3VtbWFyeQ' },
        ]
      : [{ type: 'text', text: 'Heard.' }]
  const thread = await world.newThread('own/sealing')
  for (const text of ['first', 'second', 'third', 'fourth']) await world.ask(thread, text)
  await pinFirst(thread)
  await thread.compactor.request()
  await until(() => sizes(thread).length === 1)
  expect(thread.state().compactions).toMatchObject([
    { turns: 2, modelId: 'own/sealing', summary: expect.stringContaining('- first') },
  ])
  const trigger = model.requests.at(-1)?.body
  expect(JSON.stringify(trigger?.input)).toMatch(/first.*second.*compaction_trigger/)
  expect(JSON.stringify(trigger?.input)).not.toContain('third')
  await world.ask(thread, 'fifth')
  const input = JSON.stringify(model.requests.at(-1)?.body?.input)
  expect(model.requests.at(-1)?.body?.previous_response_id).toBeUndefined()
  expect(input).toMatch(/^\[{[^}]*"type":"compaction"[^}]*"encrypted_content":"c3VtbWFyeQ"/)
  expect(input).toContain('first')
  expect(input).not.toContain('second')
  await thread.compactor.request()
  await until(() => sizes(thread).length === 2)
  expect(JSON.stringify(model.requests.at(-1)?.body?.input)).toMatch(/c3VtbWFyeQ.*third.*compaction_trigger/)
  await model.close()
})

test('[RWINDOW-20] where none is made, or it does not fit into one request, the summary is put into words', async () => {
  const sealing = { id: 'sealing', ...window, tools: 'custom' as const, sealsSummaries: true }
  const model = await createFakeModel({ contextWindow: window.contextWindow })
  const others = [{ id: 'own', api: 'responses' as const, baseUrl: model.url, models: [sealing] }]
  const world = await createWorld({}, { countText: countTextTokens, others })
  worlds.push(world)
  model.script = (request) => [{ type: 'text', text: isSummary(request) ? 'In words.' : 'Heard.' }]
  const thread = await world.newThread('own/sealing')
  for (const text of ['first', 'second', 'third', 'fourth']) await world.ask(thread, text)
  await thread.compactor.request()
  await until(() => sizes(thread).length === 1)
  expect(thread.state().compactions).toMatchObject([{ summary: 'In words.' }])
  expect(thread.state().compactions?.[0]?.sealed).toBeUndefined()
  const triggers = () =>
    model.requests.filter(({ body }) => JSON.stringify(body).includes('compaction_trigger')).length
  expect(triggers()).toBe(1)
  // A history of a model with more room.
  const long = await world.newThread()
  for (const text of [noise(1, 18_000), noise(2, 18_000), 'third', 'fourth']) await world.ask(long, text)
  await long.configure({ modelId: 'own/sealing', mode: undefined })
  await long.compactor.request()
  await until(() => sizes(long).length === 1)
  expect(long.state().compactions).toMatchObject([{ turns: 2, summary: 'In words.' }])
  expect([triggers(), model.refused]).toEqual([1, 0])
  await model.close()
})
