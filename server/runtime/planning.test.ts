import { afterEach, expect, test } from 'vitest'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const path = 'a.txt'
const patch = `*** Begin Patch\n*** Update File: ${path}\n@@\n-one\n+two\n*** End Patch\n`
const modelsOf = (world: World) =>
  world.model.requests.flatMap(({ body }) =>
    body && body.generate !== false && body.model ? [body.model] : [],
  )

async function planned(plan: readonly Step[] = [{ type: 'text', text: 'Change the word.' }]) {
  const world = await createWorld({ [path]: 'one\n' }, { tiers: { deep: ['fake/fake-slow'] } })
  worlds.push(world)
  const plans = [plan]
  world.model.script = ({ body, round }: FakeRequest): readonly Step[] => {
    if (body.model === 'fake-slow') return plans.shift() ?? [{ type: 'text', text: 'Change the word.' }]
    return round > 0
      ? [{ type: 'text', text: 'Done.' }]
      : [{ type: 'customCall', name: 'apply_patch', text: patch }]
  }
  const thread = await world.newThread()
  await thread.configure({ deep: { checks: false, plans: true } })
  return { world, thread }
}
const last = (thread: ThreadRuntime) => thread.state().turns.at(-1)
const settled = (thread: ThreadRuntime) => until(() => last(thread)?.settledAt !== undefined)

test("[RTIER-20] the deep model plans and the thread's own writes by it, each over its own connection, turn for turn", async () => {
  const { world, thread } = await planned()
  const turn = await world.ask(thread, 'change it')
  expect(turn).toMatchObject({
    status: 'completed',
    modelId: 'fake/fake-fast',
    plan: { modelId: 'fake/fake-slow', requests: 1 },
  })
  expect(modelsOf(world)).toEqual(['fake-slow', 'fake-fast', 'fake-fast'])
  await until(() => world.read(path) === 'two\n')
  await world.ask(thread, 'and again')
  // Both go on from what they know.
  const again = world.model.requests.slice(3).filter(({ body }) => body?.generate !== false)
  expect(again.map(({ body }) => typeof body?.previous_response_id)).toEqual(again.map(() => 'string'))
})

test('[RTIER-20] edits in place have no plan, nor has a thread whose model the planner is, nor one that plans only', async () => {
  const { world, thread } = await planned()
  const inline: PromptContext = {
    openPaths: [],
    activePath: path,
    inline: [{ startLine: 1, endLine: 1, text: 'one' }],
  }
  await thread.start('two', inline, 0)
  await settled(thread)
  await thread.configure({ modelId: 'tier:deep' })
  await world.ask(thread, 'hello')
  await thread.configure({ modelId: 'fake/fake-fast', mode: 'plan' })
  await world.ask(thread, 'hello')
  expect(thread.state().turns.map(({ plan }) => plan)).toEqual([undefined, undefined, undefined])
})

test('[RTIER-21] a turn stopped in its plan goes on with planning, one stopped behind it with writing', async () => {
  const hold = Promise.withResolvers<void>()
  const { world, thread } = await planned([
    { type: 'text', text: 'First' },
    { type: 'hold', until: hold.promise },
  ])
  const turnId = await thread.start('change it', { openPaths: [] }, 0)
  await until(() => last(thread)?.items.some(({ type }) => type === 'agentMessage') === true)
  await thread.control.halt(turnId)
  hold.resolve()
  await thread.resume(turnId, 0)
  await settled(thread)
  expect(modelsOf(world)).toEqual(['fake-slow', 'fake-slow', 'fake-fast', 'fake-fast'])
  expect(last(thread)).toMatchObject({ status: 'completed', plan: { requests: 2 } })
})
