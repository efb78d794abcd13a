import { afterEach, expect, test } from 'vitest'
import type { FakeModel } from '../../bench/fake-model/fake-model.ts'
import { owner } from '../access/actor.ts'
import { People } from '../relay/people.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import { createTestSession } from '../testing/test-session.ts'
import { createWorld, type World } from '../testing/world.ts'
import { createThreadHandlers } from './thread-handlers.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function make(speculation: 'off' | 'connection' | 'prefill', isShared = false) {
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  world.model.script = [{ match: /./, steps: [{ type: 'text', text: 'Fine.' }] }]
  const thread = await world.newThread()
  await world.ask(thread, 'first')
  const handlers = createThreadHandlers({
    threads: world.threads,
    models: world.models,
    people: new People(() => undefined),
    isShared: () => isShared,
    speculation,
  })
  // What the backend remembers goes with its connection.
  world.model.dropConnections()
  await new Promise((resolve) => setTimeout(resolve, 20))
  const session = createTestSession({ actor: owner })
  const { id: threadId } = thread.state()
  const warm = () => handlers['thread/warm']({ threadId }, { session, receivedAt: 0 })
  return { world, thread, warm }
}
const warmUps = (model: FakeModel) => model.requests.filter(({ body }) => body.generate === false)

async function nextPrompt(world: World, thread: ThreadRuntime) {
  await warmUps(world.model).at(-1)?.over
  await new Promise((resolve) => setTimeout(resolve, 20))
  await world.ask(thread, 'second')
  return world.model.requests.at(-1)?.body
}

test('[SPECUL-1] by default instructions and tools are sent ahead, and nothing of the conversation', async () => {
  const { world, thread, warm } = await make('connection')
  await warm()
  const { body } = await world.model.waitFor((request) => request.body.generate === false)
  expect(body.input).toEqual([])
  expect(body.instructions).toBeTruthy()
  expect(await nextPrompt(world, thread)).toMatchObject({ previous_response_id: expect.any(String) })
})

test('[SPECUL-2] with prefill the conversation so far is sent ahead, and the prompt then goes up alone', async () => {
  const { world, thread, warm } = await make('prefill')
  await Promise.all([warm(), warm()])
  const { body } = await world.model.waitFor((request) => request.body.generate === false)
  expect(JSON.stringify(body.input)).toMatch(/first.*Fine/)
  const next = await nextPrompt(world, thread)
  expect(JSON.stringify(next?.input)).toMatch(/second/)
  expect(JSON.stringify(next?.input)).not.toMatch(/first/)
  expect(warmUps(world.model)).toHaveLength(1)
})

test('[SPECUL-3] of a thread that is shared nothing but instructions and tools is sent ahead', async () => {
  const { world, warm } = await make('prefill', true)
  await warm()
  const { body } = await world.model.waitFor((request) => request.body.generate === false)
  expect(body.input).toEqual([])
})

test('[SPECUL-3] switched off nothing is sent ahead', async () => {
  const { world, thread, warm } = await make('off')
  await warm()
  await nextPrompt(world, thread)
  expect(warmUps(world.model)).toEqual([])
})
