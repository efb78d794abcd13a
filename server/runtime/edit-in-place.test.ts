import { afterEach, expect, test } from 'vitest'
import type { Rule } from '../../bench/fake-model/script.ts'
import type { WorkspaceState } from '../../core/protocol/workspace.ts'
import { workspaceEventSchema } from '../../core/protocol/workspace.ts'
import { reduceWorkspace } from '../../core/state/workspace-reducer.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function make(files: Record<string, string>, script: readonly Rule[]): Promise<World> {
  const world = await createWorld(files, { store: createMemoryStore() })
  worlds.push(world)
  world.model.script = script
  return world
}

async function openInline({ threads, workspace }: World): Promise<ThreadRuntime> {
  const model = { modelId: 'fake/fake-fast', mode: 'live' } as const
  return threads.get(await threads.create({ workspaceId: workspace.id, ...model, inline: true }))
}

const edits = (match: string, from: string, to: string, hold?: Promise<unknown>): Rule => ({
  match,
  steps: [
    [
      {
        type: 'customCall',
        name: 'apply_patch',
        text: `*** Begin Patch\n*** Update File: a.txt\n@@\n-${from}\n+${to}\n*** End Patch\n`,
      },
      ...(hold ? [{ type: 'hold', until: hold } as const] : []),
    ],
    [{ type: 'text', text: 'Done.' }],
  ],
})

const inPlace = (line: number, text: string) => ({
  activePath: 'a.txt',
  openPaths: [],
  inline: [{ startLine: line, endLine: line, text }],
})

const settled = (thread: ThreadRuntime) => until(() => thread.state().turns.at(-1)?.settledAt !== undefined)

test('[RINLINE-1] the thread of an edit in place is found by no search and settled after a crash', async () => {
  const never = new Promise(() => undefined)
  const world = await make({ 'a.txt': 'one\n' }, [edits('shout', 'one', 'ONE', never)])
  await world.newThread()
  const thread = await openInline(world)
  await thread.start('shout at unicorns', inPlace(1, 'one'), performance.now())
  await world.stored()
  expect(await world.threads.search(world.workspace.id, 'unicorns')).toEqual([])
  const after = await world.restart()
  worlds.push(after)
  await after.stored()
  const rows = await world.store.readEvents(`workspace:${world.workspace.id}`, 0)
  const list = rows.reduce<WorkspaceState>(
    (state, { body }) => reduceWorkspace(state, workspaceEventSchema.parse(JSON.parse(body))),
    { id: world.workspace.id, threads: [] },
  )
  const kept = list.threads.find(({ id }) => id === thread.state().id)
  expect(kept).toMatchObject({ inline: true, running: false })
})

test('[RINLINE-2] an edit in place beside a turn of another thread in one file: each is undone to the byte without the other', async () => {
  let goOn = () => {}
  const hold = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const world = await make({ 'a.txt': 'one\ntwo\nthree\n' }, [
    edits('chat', 'one', 'ONE', hold),
    edits('inline', 'three', 'THREE'),
  ])
  const chat = await world.newThread()
  await chat.start('chat', { activePath: 'a.txt', openPaths: [] }, performance.now())
  const inline = await openInline(world)
  await inline.start('inline', inPlace(3, 'three'), performance.now())
  await settled(inline)
  const [turn] = inline.state().turns
  expect(turn).toMatchObject({ status: 'completed' })
  expect(turn?.items.some(({ type }) => type === 'agentMessage')).toBe(false)
  expect(chat.state().turns.at(-1)?.settledAt).toBeUndefined()
  goOn()
  await settled(chat)
  await until(() => world.read('a.txt') === 'ONE\ntwo\nTHREE\n')
  if (!turn) throw new Error('it has a turn')
  await inline.reverts.revert(turn.id, 'undo')
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe('ONE\ntwo\nthree\n')
})
