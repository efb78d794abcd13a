import { afterEach, expect, test } from 'vitest'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import type { WorkspaceState } from '../../core/protocol/workspace.ts'
import { workspaceEventSchema } from '../../core/protocol/workspace.ts'
import { reduceWorkspace } from '../../core/state/workspace-reducer.ts'
import { createWorld, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function make(): Promise<World> {
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  return world
}

async function listed({ store, workspace }: World): Promise<WorkspaceState['threads']> {
  const rows = await store.readEvents(`workspace:${workspace.id}`, 0)
  const start: WorkspaceState = { id: workspace.id, threads: [] }
  return rows.reduce(
    (state, { body }) => reduceWorkspace(state, workspaceEventSchema.parse(JSON.parse(body))),
    start,
  ).threads
}

test('[THREADS-1] a thread is pinned, archived and brought back, each without the other, and the log keeps it', async () => {
  const world = await make()
  await world.newThread()
  const { id } = (await world.newThread()).state()
  await world.threads.mark(id, { pinned: true })
  await world.threads.mark(id, { archived: true })
  expect(await listed(world)).toMatchObject([{ id, pinned: true, archived: true }, {}])
  await world.threads.mark(id, { archived: false })
  expect((await listed(world))[0]).toMatchObject({ id, pinned: true, archived: false })
  const unknown = world.threads.mark(threadIdSchema.parse('thr_none'), { pinned: true })
  await expect(unknown).rejects.toMatchObject({ code: 'notFound' })
})

test('[THREADS-2] a search finds titles, prompts and answers, newest first, and not what only the model saw', async () => {
  const world = await make()
  const longer = `${'before '.repeat(20)}Große "Äpfel" 绿色 ${'after '.repeat(40)}`
  world.model.script = [{ match: 'fruit', steps: [[{ type: 'text', text: longer }]] }]
  const old = await world.newThread()
  const turn = await world.ask(old, 'Tell of fruit one')
  const named = await world.newThread()
  await named.rename('ÄPFEL')
  await world.stored()
  const find = (query: string) => world.threads.search(world.workspace.id, query)
  const hits = await find('"äpfel"')
  expect(hits).toMatchObject([{ threadId: old.state().id, turnId: turn.id, match: '"Äpfel"' }])
  expect(hits[0]?.before).toMatch(/^….*Große $/)
  expect(hits[0]?.after).toMatch(/^ 绿色 .*…$/)
  expect((await find('äpfel')).map(({ match, turnId }) => [match, turnId])).toEqual([
    ['ÄPFEL', undefined],
    ['Äpfel', turn.id],
  ])
  expect(await find('绿色')).toMatchObject([{ turnId: turn.id }])
  expect(await find('FRUIT ONE')).toMatchObject([{ match: 'fruit one' }, { turnId: turn.id }])
  expect(await find('item/completed')).toEqual([])
  expect(await find('userMessage')).toEqual([])
  expect(await find('.*(\\[^$]+?{1}|')).toEqual([])
})
