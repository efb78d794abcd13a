import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { textOf } from '../../core/document/document-text.ts'
import { commandIdSchema } from '../../core/protocol/command.ts'
import { createBwrapRunner } from '../sandbox/bwrap-runner.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { systemTimers as timers } from '../timers.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const ownFolder = mkdtempSync(join(tmpdir(), 'tandem-sandbox-'))
const sandbox = (program?: string) =>
  createBwrapRunner({ timers, ownFolder, hidden: [], ...(program && { program }) })

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function opened(program?: string) {
  const world = await createWorld(
    { 'a.txt': 'on disk\n' },
    { runner: sandbox(program), store: createMemoryStore() },
  )
  worlds.push(world)
  return { world, thread: await world.newThread() }
}

const idOf = (name: string) => commandIdSchema.parse(`cmd_${name}`)
const commandOf = (thread: ThreadRuntime, name = 'a') =>
  thread.state().commands?.find(({ id }) => id === idOf(name))

async function run(thread: ThreadRuntime, text: string, name = 'a') {
  await thread.commands.run(idOf(name), text)
  await until(() => commandOf(thread, name)?.result !== undefined)
  return commandOf(thread, name)
}

test('[RUNNER-9] a command sees text that is not on the disk yet, and what it changes comes into the document', async () => {
  const { world, thread } = await opened()
  const file = await world.documents.open(world.workspace.id, 'a.txt')
  if (!file.ok) throw new Error('not opened')
  textOf(file.value.doc).insert(0, 'typed\n')
  const command = await run(thread, 'cat a.txt; sed -i s/disk/paper/ a.txt')
  expect(command).toMatchObject({ output: 'typed\non disk\n', result: { exit: 0, cut: 'none' } })
  await vi.waitFor(async () => {
    expect(await world.documents.readText(world.workspace.id, 'a.txt')).toBe('typed\non paper\n')
  }, 5000)
})

test('[RUNNER-9] the same command sent twice runs once', async () => {
  const { world, thread } = await opened()
  await Promise.all([run(thread, 'echo x >> made'), run(thread, 'echo x >> made')])
  await run(thread, 'echo x >> made')
  expect(world.read('made')).toBe('x\n')
})

test('[RUNNER-10] output is told while the command runs, and a stop ends it', async () => {
  const { thread } = await opened()
  await thread.commands.run(idOf('a'), 'echo begun; sleep 60; touch late')
  await until(() => commandOf(thread)?.output === 'begun\n')
  thread.commands.stop(idOf('a'))
  await until(() => commandOf(thread)?.result !== undefined)
  expect(commandOf(thread)?.result).toMatchObject({ cut: 'stopped' })
  expect(commandOf(thread)?.result?.exit).toBeUndefined()
})

test('[RUNNER-11] the model reads what was run with the next prompt, and only then', async () => {
  const { world, thread } = await opened()
  await run(thread, 'echo from the command')
  world.model.script = [{ match: 'go', steps: [[{ type: 'text', text: 'Yes.' }]] }]
  await world.ask(thread, 'go on')
  await world.ask(thread, 'go further')
  const notes = thread
    .state()
    .turns.map(({ items }) => items.map((item) => (item.type === 'context' ? item.text : '')).join(''))
  expect(notes[0]).toContain('from the command')
  expect(notes[1]).not.toContain('from the command')
})

test('[RUNNER-12] where there is no sandbox the command does not run, and its place says why and what to do', async () => {
  const { world, thread } = await opened('/no/bwrap')
  const command = await run(thread, 'touch ran')
  expect(command?.result?.problem).toMatch(/Install it \(apt install bubblewrap/)
  expect(command?.result?.gap).toBe('missing')
  expect(existsSync(join(world.workspace.root, 'ran'))).toBe(false)
})

test('[RUNNER-13] a command that ran when the server ended is told to have been lost', async () => {
  const { world, thread } = await opened()
  await thread.commands.run(idOf('a'), 'sleep 60')
  thread.commands.close()
  const copy = createMemoryStore()
  const topic = thread.topic
  const rows = await world.store.readEvents(topic, 0)
  expect(rows.some(({ body }) => body.includes('command/settled'))).toBe(false)
  await copy.appendEvents(topic, rows)
  const next = await world.restart(copy)
  const again = await next.threads.get(thread.state().id)
  expect(commandOf(again)?.result).toMatchObject({ cut: 'lost' })
  await next.threads.close()
})
