import { afterEach, expect, test } from 'vitest'
import type { Script } from '../../bench/fake-model/script.ts'
import { queueIdSchema } from '../../core/protocol/queue.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const context = { openPaths: [] }
const idOf = (n: number) => queueIdSchema.parse(`que_${n}`)
const slow = Array.from({ length: 400 }, (_, n) => `word${n}`).join(' ')
const script: Script = [
  { match: 'short', steps: [[{ type: 'text', text: slow.slice(0, 240), tokensPerSecond: 100 }]] },
  { match: 'slow', steps: [[{ type: 'text', text: slow, tokensPerSecond: 100 }]] },
]

async function make(): Promise<{ world: World; thread: ThreadRuntime }> {
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  world.model.script = script
  return { world, thread: await world.newThread() }
}

const add = (thread: ThreadRuntime, n: number, text: string) =>
  thread.queue.change({ type: 'add', prompt: { id: idOf(n), text, context } })
const promptsOf = (thread: ThreadRuntime) =>
  thread.state().turns.map(({ items, status }) => {
    const said = items.find((item) => item.type === 'userMessage')
    return `${said?.type === 'userMessage' ? said.text : ''} ${status}`
  })
const textsOf = (thread: ThreadRuntime) => (thread.state().queue ?? []).map(({ text }) => text)
const lastOf = (thread: ThreadRuntime) => thread.state().turns.at(-1)

test('[RUNQ-1] queued prompts begin one after the other, in their order, when the turn before is completed', async () => {
  const { thread } = await make()
  await thread.start('short', context, 0)
  await add(thread, 1, 'first')
  await add(thread, 2, 'second')
  await add(thread, 3, 'third')
  await thread.queue.change({ type: 'move', id: idOf(3), to: 0 })
  expect(promptsOf(thread)).toEqual(['short running'])
  await until(() => thread.state().turns.length === 4 && lastOf(thread)?.settledAt !== undefined)
  const order = ['short', 'third', 'first', 'second']
  expect(promptsOf(thread)).toEqual(order.map((text) => `${text} completed`))
  expect(textsOf(thread)).toEqual([])
})

test('[RUNQ-1] without a turn before it a prompt begins at once', async () => {
  const { thread } = await make()
  await add(thread, 1, 'first')
  await until(() => lastOf(thread)?.settledAt !== undefined)
  expect([promptsOf(thread), textsOf(thread)]).toEqual([['first completed'], []])
})

test('[RUNQ-1] also when turns are over before their prompts are durable', async () => {
  const memory = createMemoryStore()
  const store: Store = {
    ...memory,
    async appendEvents(topic, rows) {
      await until(() => !isRunning())
      await memory.appendEvents(topic, rows)
    },
  }
  let isRunning = () => false
  const world = await createWorld({ 'a.txt': 'one\n' }, { store })
  worlds.push(world)
  const thread = await world.newThread()
  isRunning = () => lastOf(thread)?.status === 'running'
  await Promise.all([add(thread, 1, 'first'), add(thread, 2, 'second'), add(thread, 3, 'third')])
  await until(() => thread.state().turns.length === 3 && lastOf(thread)?.settledAt !== undefined)
  expect(promptsOf(thread)).toEqual(['first completed', 'second completed', 'third completed'])
})

test('[RUNQ-5] what is edited, moved or removed while its turn is made ready does not run as it was', async () => {
  const { world, thread } = await make()
  const { models } = world
  const choose = models.choose.bind(models)
  const change = {
    first: () => thread.queue.change({ type: 'edit', id: idOf(1), text: 'first, edited' }),
    second: () => thread.queue.change({ type: 'remove', id: idOf(2) }),
    third: () => thread.queue.change({ type: 'move', id: idOf(4), to: 0 }),
  }
  const steps = [change.first, change.second, change.third]
  models.choose = async (id) => {
    await steps.shift()?.()
    return choose(id)
  }
  for (const [n, text] of ['first', 'second', 'third', 'fourth'].entries()) await add(thread, n + 1, text)
  await until(() => thread.state().queue === undefined && lastOf(thread)?.settledAt !== undefined)
  expect(promptsOf(thread)).toEqual(['first, edited completed', 'fourth completed', 'third completed'])
})

test('[RUNQ-2] stop pauses the queue; told to, it goes on', async () => {
  const { thread } = await make()
  const turnId = await thread.start('slow', context, 0)
  await add(thread, 1, 'next')
  await add(thread, 2, 'after that')
  await until(() => (lastOf(thread)?.items.length ?? 0) > 1)
  thread.control.interrupt(turnId)
  await until(() => lastOf(thread)?.settledAt !== undefined)
  await thread.queue.change({ type: 'edit', id: idOf(1), text: 'next, edited' })
  expect([textsOf(thread), thread.state().queuePaused]).toEqual([['next, edited', 'after that'], true])
  expect(thread.state().turns.length).toBe(1)
  await thread.queue.resume()
  await until(() => thread.state().turns.length === 3 && lastOf(thread)?.settledAt !== undefined)
  expect(promptsOf(thread)).toEqual(['slow interrupted', 'next, edited completed', 'after that completed'])
})

test('[RUNQ-3] after a restart the queue is as it was, and what ran does not run again', async () => {
  const { world, thread } = await make()
  await thread.start('slow', context, 0)
  await add(thread, 1, 'next')
  await add(thread, 1, 'next')
  const { id } = thread.state()
  await world.stored()
  world.die()
  const after = await world.restart()
  worlds.push(after)
  worlds.splice(worlds.indexOf(world), 1)
  const again = await after.threads.get(id)
  expect([textsOf(again), again.state().queuePaused]).toEqual([['next'], true])
  await again.queue.resume()
  await until(() => lastOf(again)?.status === 'completed')
  expect(promptsOf(again)).toEqual(['slow interrupted', 'next completed'])
})

test('[RUNQ-4] a prompt that cannot begin stays first, with the reason', async () => {
  const { world, thread } = await make()
  const { models } = world
  const choose = models.choose.bind(models)
  models.choose = async () => {
    throw new Error('The model is gone.')
  }
  await add(thread, 1, 'next')
  await until(() => thread.state().queuePaused === true)
  expect(thread.state().queue?.[0]).toMatchObject({ text: 'next', problem: 'The model is gone.' })
  models.choose = choose
  await thread.queue.resume()
  await until(() => lastOf(thread)?.status === 'completed')
  expect(textsOf(thread)).toEqual([])
})

test('[RUNQ-6] a prompt sent while the queue is paused lets it go on after its own turn', async () => {
  const { thread } = await make()
  const turnId = await thread.start('slow', context, 0)
  await add(thread, 1, 'next')
  await until(() => (lastOf(thread)?.items.length ?? 0) > 1)
  thread.control.interrupt(turnId)
  await until(() => thread.state().queuePaused === true)
  await thread.start('short', context, 0)
  expect([textsOf(thread), thread.state().queuePaused]).toEqual([['next'], undefined])
  await until(() => thread.state().turns.length === 3 && lastOf(thread)?.settledAt !== undefined)
  expect(promptsOf(thread)).toEqual(['slow interrupted', 'short completed', 'next completed'])
})

test('[RUNQ-7] a prompt that is queued again after it has run does not run again', async () => {
  const { world, thread } = await make()
  await add(thread, 1, 'first')
  await until(() => lastOf(thread)?.settledAt !== undefined)
  await add(thread, 1, 'first')
  expect([promptsOf(thread), textsOf(thread)]).toEqual([['first completed'], []])
  await world.stored()
  const after = await world.restart()
  worlds.push(after)
  worlds.splice(worlds.indexOf(world), 1)
  const again = await after.threads.get(thread.state().id)
  await add(again, 1, 'first')
  expect([promptsOf(again), textsOf(again)]).toEqual([['first completed'], []])
  await world.threads.close()
})
