import { afterEach, expect, test } from 'vitest'
import { steerIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** End Patch\n'

/** A turn whose first response waits for the test before it ends with an edit. */
async function running() {
  const world = await createWorld({ 'a.txt': 'one\ntwo\n', 'b.txt': 'bee\n' })
  worlds.push(world)
  const { promise, resolve } = Promise.withResolvers<void>()
  world.model.script = ({ round, userText }) => {
    if (userText !== 'go') return [{ type: 'text', text: `About ${userText}.` }]
    if (round > 0) return [{ type: 'text', text: 'Done.' }]
    return [
      { type: 'text', text: 'First.' },
      { type: 'hold', until: promise },
      { type: 'customCall', name: 'apply_patch', text: patch },
    ]
  }
  const thread = await world.newThread()
  const turnId = await thread.start('go', { openPaths: [] }, 0)
  await until(() => (turnOf(thread)?.items.length ?? 0) > 1)
  return { world, thread, turnId, finish: resolve }
}

const turnOf = (thread: ThreadRuntime) => thread.state().turns.at(-1)
const isSettled = (thread: ThreadRuntime) => turnOf(thread)?.settledAt !== undefined
const steerOf = (n: number, activePath?: string) => ({
  id: steerIdSchema.parse(`ste_${n}`),
  text: `words ${n}`,
  context: { openPaths: [], ...(activePath !== undefined && { activePath }) },
})
const statesOf = (thread: ThreadRuntime) =>
  (turnOf(thread)?.items ?? []).flatMap((item) => (item.type === 'userMessage' ? [item.state] : []))

test('[STEER-1] added words reach the model behind the result of its call, as an addition to what it has', async () => {
  const { world, thread, turnId, finish } = await running()
  await thread.control.steer(turnId, steerOf(1))
  expect([turnOf(thread)?.status, statesOf(thread)]).toEqual(['running', [undefined, 'accepted']])
  finish()
  await until(() => isSettled(thread))
  expect([turnOf(thread)?.status, statesOf(thread)]).toEqual(['completed', [undefined, 'applied']])
  const body = world.model.requests.at(-1)?.body
  expect(body?.previous_response_id).toBeDefined()
  expect(body?.input).toMatchObject([
    { type: 'custom_tool_call_output' },
    { role: 'user', content: [{ text: 'words 1' }] },
  ])
})

test('[STEER-7] files that go along are shown as they are when the request leaves, the same one once', async () => {
  const { world, thread, turnId, finish } = await running()
  await thread.control.steer(turnId, steerOf(1, 'a.txt'))
  await thread.control.steer(turnId, steerOf(2, 'a.txt'))
  finish()
  await until(() => isSettled(thread))
  const shown = (turnOf(thread)?.items ?? []).flatMap((item) => (item.type === 'context' ? [item.text] : []))
  expect(shown).toEqual(['Text of a.txt now:\n```\nONE\ntwo\n```'])
  expect(world.read('a.txt')).toBe('ONE\ntwo\n')
})

test('[STEER-20] a model that can be steered has the words while it responds, and its answer goes on from them', async () => {
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  world.model.script = ({ userText }) =>
    userText === 'go'
      ? [
          { type: 'text', text: 'First.' },
          { type: 'hold', until: new Promise(() => {}) },
        ]
      : [{ type: 'text', text: 'As you say.' }]
  const thread = await world.newThread('fake/gpt-6-fast')
  const turnId = await thread.start('go', { openPaths: [] }, 0)
  await until(() => (turnOf(thread)?.items.length ?? 0) > 1)
  await thread.control.steer(turnId, steerOf(1, 'a.txt'))
  await until(() => isSettled(thread))
  expect([turnOf(thread)?.status, statesOf(thread)]).toEqual(['completed', [undefined, 'applied']])
  expect(world.model.requests.filter(({ body }) => body.type === 'response.create')).toHaveLength(1)
  expect(JSON.stringify(world.model.steers)).toMatch(/Text of a.txt now.*words 1/)
  const texts = turnOf(thread)?.items.map((item) => ('text' in item ? item.text.slice(0, 11) : item.type))
  expect(texts).toEqual(['go', 'First.', 'Text of a.t', 'words 1', 'As you say.'])
  await world.ask(thread, 'and now')
  const { body } = world.model.requests.at(-1) ?? {}
  expect(body?.previous_response_id).toBeDefined()
  expect(JSON.stringify(body?.input)).not.toContain('words 1')
})

test('[STEER-3] the same words sent again are there once, also when the turn is over', async () => {
  const { thread, turnId, finish } = await running()
  await Promise.all([thread.control.steer(turnId, steerOf(1)), thread.control.steer(turnId, steerOf(1))])
  finish()
  await until(() => isSettled(thread))
  await thread.control.steer(turnId, steerOf(1))
  expect(statesOf(thread)).toEqual([undefined, 'applied'])
  await expect(thread.control.steer(turnId, steerOf(2))).rejects.toMatchObject({ code: 'conflict' })
})

test('[STEER-4] after a restart words that waited are returned', async () => {
  const { world, thread, turnId } = await running()
  await thread.control.steer(turnId, steerOf(1))
  const after = await world.restart()
  worlds.push(after)
  worlds.splice(worlds.indexOf(world), 1)
  const again = await after.threads.get(thread.state().id)
  expect([turnOf(again)?.status, statesOf(again)]).toEqual(['interrupted', [undefined, 'returned']])
  await world.threads.close()
})

test('[STEER-5] a redirect takes the words that wait along, and shows a file once', async () => {
  const { world, thread, turnId } = await running()
  await thread.control.steer(turnId, steerOf(1, 'b.txt'))
  await thread.control.redirect(
    turnId,
    { text: 'rather so', context: { openPaths: [], activePath: 'b.txt' } },
    0,
  )
  await until(() => isSettled(thread))
  expect(statesOf(thread)).toEqual([undefined, 'applied', undefined])
  const shown = (turnOf(thread)?.items ?? []).filter((item) => item.type === 'context')
  expect(shown.length).toBe(1)
  expect(JSON.stringify(world.model.requests.at(-1)?.body)).toMatch(/words 1.*rather so/)
})

test('[STEER-1] no more wait than may', async () => {
  const { thread, turnId } = await running()
  for (let n = 0; n < limits.waitingSteers; n++) await thread.control.steer(turnId, steerOf(n))
  await expect(thread.control.steer(turnId, steerOf(99))).rejects.toMatchObject({ code: 'tooLarge' })
  await thread.control.steer(turnId, steerOf(0))
})
