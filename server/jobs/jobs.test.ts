import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import type { Job } from '../../core/protocol/job.ts'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function open(files: Readonly<Record<string, string>>, options = {}): Promise<World> {
  const world = await createWorld(files, options)
  worlds.push(world)
  return world
}

const edit = (path: string, from: string, to: string): Step => ({
  type: 'customCall',
  name: 'apply_patch',
  text: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch`,
})
const plan = (...steps: readonly (readonly [string, boolean])[]): Step => ({
  type: 'functionCall',
  name: 'update_plan',
  text: JSON.stringify({ steps: steps.map(([text, done]) => ({ text, done })) }),
})
const say = (text: string): Step => ({ type: 'text', text })

async function ended({ jobs }: World, { id }: Job): Promise<Job> {
  await until(() => ['done', 'failed', 'stopped'].includes(jobs.run(id).job.state))
  return jobs.run(id).job
}

const files = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'b.txt': 'b\n' }
const handOff = ({ workspace }: World, task = 'the task') => ({
  workspaceId: workspace.id,
  task,
  conversation: false,
})

test('[RJOB-1] a job works in its own copy, tells its plan and its changes, and leaves the files people see alone', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [plan(['change', false], ['look', false])],
        [edit('a.txt', 'six', 'SIX')],
        [plan(['change', true], ['look', true])],
        [say('It is done.')],
      ],
    },
  ]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  expect(world.bugs).toEqual([])
  expect(job).toMatchObject({
    state: 'done',
    title: 'the task',
    answer: 'It is done.',
    plan: [
      { text: 'change', done: true },
      { text: 'look', done: true },
    ],
    files: [{ path: 'a.txt', kind: 'update', added: 1, removed: 1 }],
    used: { steps: 4 },
  })
  expect(world.read('a.txt')).toBe(files['a.txt'])
  expect(await world.jobs.patch(job.id)).toContain('+SIX')
})

test('[RJOB-2] its changes come back as unreviewed hunks beside what people wrote meanwhile, and undo takes them out', async () => {
  const world = await open(files)
  world.model.script = [{ match: 'the task', steps: [[edit('a.txt', 'six', 'SIX')], [say('Done.')]] }]
  const thread = await world.newThread()
  const originId = thread.state().id
  const job = await ended(world, await world.jobs.start({ ...handOff(world), originId }))
  writeFileSync(join(world.workspace.root, 'a.txt'), `zero\n${files['a.txt']}`)
  const applied = await world.jobs.apply(job.id, undefined)
  expect(applied).toMatchObject({ outcome: 'applied', originId, conflicts: [] })
  const mine = files['a.txt'].replace('six', 'SIX')
  expect(world.read('a.txt')).toBe(`zero\n${mine}`)
  const turn = thread.state().turns.at(-1)
  const change = turn?.items.find((item) => item.type === 'fileChange')
  expect(change?.type === 'fileChange' && change.files[0]?.hunks).toMatchObject([
    { status: 'written', startLine: 7 },
  ])
  if (turn) await thread.reverts.revert(turn.id, 'undo')
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe(`zero\n${files['a.txt']}`)
  expect(world.bugs).toEqual([])
})

test('[RJOB-3] where people wrote too nothing is changed, and both sides are shown', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'the task', steps: [[edit('a.txt', 'six', 'SIX'), edit('b.txt', 'b', 'B')], [say('Done.')]] },
  ]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  const mine = files['a.txt'].replace('six', 'mine')
  writeFileSync(join(world.workspace.root, 'a.txt'), mine)
  const applied = await world.jobs.apply(job.id, undefined)
  expect(applied.conflicts).toEqual([
    { path: 'a.txt', startLine: 6, base: 'six', ours: 'mine', theirs: 'SIX' },
  ])
  expect(world.read('a.txt')).toBe(mine)
  expect(world.read('b.txt')).toBe('B\n')
})
