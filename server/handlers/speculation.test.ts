import { afterEach, expect, test } from 'vitest'
import type { FakeModel } from '../../bench/fake-model/fake-model.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import { shareIdSchema } from '../../core/protocol/share.ts'
import type { Speculation } from '../../core/protocol/speculation.ts'
import { noDeepWork } from '../../core/state/checks.ts'
import { type Actor, owner } from '../access/actor.ts'
import { People } from '../relay/people.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import { createTestSession } from '../testing/test-session.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { createThreadHandlers } from './thread-handlers.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function make(
  server: Speculation,
  { isShared = false, prefillIsFree = false, actor = owner }: Options = {},
) {
  const world = await createWorld({ 'a.txt': 'one\n' }, { prefillIsFree })
  worlds.push(world)
  world.model.script = [{ match: /./, steps: [{ type: 'text', text: 'Fine.' }] }]
  const thread = await world.newThread()
  await world.ask(thread, 'first')
  const handlers = createThreadHandlers({
    threads: world.threads,
    models: world.models,
    people: new People(() => undefined),
    isShared: () => isShared,
    speculation: server,
    deep: noDeepWork,
    storeRefuses: () => false,
  })
  // What the backend remembers goes with its connection.
  world.model.dropConnections()
  await new Promise((resolve) => setTimeout(resolve, 20))
  const session = createTestSession({ actor })
  const { id: threadId } = thread.state()
  const asked = { session, receivedAt: 0 }
  const warm = (how?: Speculation, context?: PromptContext) =>
    handlers['thread/warm']({ threadId, how, context }, asked)
  const warmWorkspace = () => handlers['workspace/warm']({ workspaceId: world.workspace.id }, asked)
  return { world, thread, warm, warmWorkspace }
}

interface Options {
  readonly isShared?: boolean
  readonly prefillIsFree?: boolean
  readonly actor?: Actor
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
  const { world, warm } = await make('prefill', { isShared: true })
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

const inputOf = async (world: World) =>
  JSON.stringify((await world.model.waitFor((request) => request.body.generate === false)).body.input)

test('[SPECUL-10] a person can have less than the server allows, never more, but where the provider takes nothing for it', async () => {
  const cases: {
    server: Speculation
    wanted: Speculation
    free: boolean
    sent: 'nothing' | 'head' | 'all'
  }[] = [
    { server: 'prefill', wanted: 'off', free: false, sent: 'nothing' },
    { server: 'prefill', wanted: 'connection', free: false, sent: 'head' },
    { server: 'connection', wanted: 'prefill', free: false, sent: 'head' },
    { server: 'connection', wanted: 'prefill', free: true, sent: 'all' },
    { server: 'off', wanted: 'prefill', free: true, sent: 'nothing' },
  ]
  for (const { server, wanted, free, sent } of cases) {
    const { world, thread, warm } = await make(server, { prefillIsFree: free })
    await warm(wanted)
    if (sent === 'nothing') {
      await nextPrompt(world, thread)
      expect([server, wanted, warmUps(world.model)]).toEqual([server, wanted, []])
    } else
      expect([server, wanted, (await inputOf(world)).includes('first')]).toEqual([
        server,
        wanted,
        sent === 'all',
      ])
  }
})

test('[SPECUL-11] files that are attached are sent ahead as the prompt will send them, which then goes up alone', async () => {
  const { world, thread, warm } = await make('prefill')
  const context: PromptContext = { openPaths: [], mentions: [{ kind: 'file', path: 'a.txt' }] }
  await warm(undefined, context)
  expect(await inputOf(world)).toContain('Text of a.txt now')
  await warmUps(world.model).at(-1)?.over
  await new Promise((resolve) => setTimeout(resolve, 20))
  await thread.start('look at @a.txt', context, 0)
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
  const body = JSON.stringify(world.model.requests.at(-1)?.body.input)
  expect(body).toContain('look at @a.txt')
  expect(body).not.toContain('Text of a.txt now')
})

test('[SPECUL-11] a guest has nothing but instructions and tools sent ahead', async () => {
  const linkId = shareIdSchema.parse('shr_1')
  const { world, warm } = await make('prefill', {
    actor: {
      kind: 'guest',
      pass: {
        linkId,
        role: 'steer',
        threadId: 'thr_1' as never,
        workspaceId: 'wsp_1' as never,
        sharedBy: 'A',
      },
    },
  })
  await warm('prefill')
  expect(await inputOf(world)).toBe('[]')
})

test('[SPECUL-12] where no thread has begun a connection is made ready, and the first prompt finds it open', async () => {
  const { world, warmWorkspace } = await make('connection')
  await warmWorkspace()
  await until(() => world.model.openSockets > 0)
  await new Promise((resolve) => setTimeout(resolve, 30))
  const fresh = await world.newThread()
  const turn = await world.ask(fresh, 'hello')
  expect(turn.calls?.[0]?.connection).toBe('reused')
  const off = await make('off')
  const { socketsSeen } = off.world.model
  await off.warmWorkspace()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(off.world.model.socketsSeen).toBe(socketsSeen)
})
