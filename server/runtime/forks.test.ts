import { afterEach, expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { turnIdSchema } from '../../core/protocol/ids.ts'
import { threadToMarkdown } from '../../core/state/export-thread.ts'
import { hunksToReview } from '../../core/state/review.ts'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** End Patch\n'

async function make() {
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  world.model.script = [
    {
      match: 'change',
      steps: [
        [{ type: 'customCall', name: 'apply_patch', text: patch }],
        [{ type: 'text', text: 'Changed.' }],
      ],
    },
  ]
  const thread = await world.newThread()
  await world.ask(thread, 'hello kangaroo')
  await world.ask(thread, 'change it')
  await world.ask(thread, 'and then')
  const [first, second] = thread.state().turns
  if (!first || !second) throw new Error('turns')
  return { world, thread, first, second }
}

async function fork(world: World, from: Awaited<ReturnType<typeof make>>) {
  const { id } = from.thread.state()
  return world.threads.get(await world.threads.fork(id, from.second.id, 'Fork of it'))
}

test('[RFORK-1] a fork has the turns up to the named one and goes on by itself', async () => {
  const made = await make()
  const { world, thread, second } = made
  const before = thread.state()
  const forked = await fork(world, made)
  const { title, origin, turns } = forked.state()
  expect([title, origin]).toEqual([
    'Fork of it',
    { threadId: before.id, turnId: second.id, title: before.title },
  ])
  expect(turns.map(({ items }) => items.map(({ type }) => type))).toEqual(
    before.turns.slice(0, 2).map(({ items }) => items.map(({ type }) => type)),
  )
  const ids = new Set(before.turns.map(({ id }) => id))
  expect(turns.filter(({ id }) => ids.has(id))).toEqual([])
  for (const turn of turns)
    for (const item of turn.items) expect(item.id.startsWith(`${turn.id}.`)).toBe(true)
  await world.ask(forked, 'go on')
  const sent = JSON.stringify(world.model.requests.at(-1)?.body)
  expect(sent).toContain('Changed.')
  expect(sent).not.toContain('and then')
  expect(thread.state()).toEqual(before)
})

test('[RFORK-1] so has a fork from turns that left the conversation, as a replay shows them', async () => {
  const made = await make()
  const { world, thread, first, second } = made
  await thread.rewind(first.id, 'both')
  await world.ask(thread, 'something else')
  await world.stored()
  const { turns } = (await fork(world, made)).state()
  expect(turns.map(({ items }) => items.map(({ type }) => type))).toEqual(
    [first, second].map(({ items }) => items.map(({ type }) => type)),
  )
  expect(thread.state().turns).toHaveLength(1)
})

test('[RFORK-2] only turns of the thread that have settled can be forked from', async () => {
  const { world, thread } = await make()
  const { id } = thread.state()
  const held = Promise.withResolvers<void>()
  world.model.script = [{ match: 'wait', steps: [{ type: 'hold', until: held.promise } as Step] }]
  const running = await thread.start('wait', { openPaths: [] }, 0)
  await expect(world.threads.fork(id, running, 't')).rejects.toMatchObject({ code: 'conflict' })
  const unknown = turnIdSchema.parse('trn_none')
  await expect(world.threads.fork(id, unknown, 't')).rejects.toMatchObject({ code: 'notFound' })
  held.resolve()
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
})

test('[RFORK-3] its log is its own: it is there after a restart, found, listed and exported', async () => {
  const made = await make()
  const { world } = made
  const { id } = (await fork(world, made)).state()
  await world.stored()
  await world.threads.close()
  const after = await world.restart()
  const again = await after.threads.get(id)
  expect(again.state()).toEqual((await world.threads.get(id)).state())
  const hits = await after.threads.search(world.workspace.id, 'Kangaroo')
  expect(hits.map(({ threadId, turnId }) => [threadId, turnId])).toContainEqual([
    id,
    again.state().turns[0]?.id,
  ])
  expect(threadToMarkdown(again.state(), 'today')).toContain('# Fork of it')
  await after.threads.close()
})

test('[RFORK-4] what a fork took over is judged and undone in its origin alone', async () => {
  const made = await make()
  const { world, thread, second } = made
  const forked = await fork(world, made)
  expect(hunksToReview(forked.state())).toEqual([])
  const copied = forked.state().turns[1]
  if (!copied) throw new Error('the turn')
  await expect(forked.reverts.revert(copied.id, 'undo')).rejects.toMatchObject({ code: 'conflict' })
  await expect(forked.rewind(copied.id, 'files')).rejects.toMatchObject({ code: 'conflict' })
  await forked.rewind(copied.id, 'both')
  expect([forked.state().turns.length, world.read('a.txt')]).toEqual([1, 'ONE\n'])
  await thread.reverts.revert(second.id, 'undo')
  expect(world.read('a.txt')).toBe('one\n')
})
