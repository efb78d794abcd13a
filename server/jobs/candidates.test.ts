import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Job } from '../../core/protocol/job.ts'
import type { Params } from '../../core/protocol/methods.ts'
import { edit, never, say, worldsOfTests } from '../testing/job-world.ts'
import { until, type World } from '../testing/world.ts'

const { open, restart } = worldsOfTests()
const files = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'a.ts': 'export const a = 1\n' }

const start = ({ jobs, workspace }: World, more: Partial<Params<'candidate/start'>> = {}) =>
  jobs.candidates.start({
    workspaceId: workspace.id,
    task: 'the task',
    conversation: false,
    candidates: [{ strategy: 'plain' }, { strategy: 'smallest' }],
    judge: false,
    ...more,
  })
const of = ({ jobs }: World, { id }: Job) => jobs.run(id).job
const settled = (world: World, all: readonly Job[]) =>
  until(() => all.every((job) => of(world, job).settledAt !== undefined))

/** Two that do the task in different ways. */
const twoWays = [
  { match: 'smallest change', steps: [[edit('a.txt', 'six', 'SIX')], [say('Small.')]] },
  { match: 'the task', steps: [[edit('a.txt', 'one', 'ONE'), edit('a.txt', 'six', '6')], [say('Plain.')]] },
]

test('[CANDIDATE-3] candidates begin with the same files, each with its own way and its own copy', async () => {
  const world = await open(files)
  world.model.script = twoWays
  const jobs = await start(world)
  await until(() => jobs.some((job) => world.jobs.run(job.id).record.base !== ''))
  writeFileSync(join(world.workspace.root, 'a.txt'), `zero\n${files['a.txt']}`)
  await settled(world, jobs)
  const bases = jobs.map(({ id }) => world.jobs.run(id).record.base)
  expect(new Set(bases).size).toBe(1)
  expect(jobs.map((job) => of(world, job))).toMatchObject([
    { state: 'done', title: 'the task', answer: 'Plain.', candidate: { n: 1, of: 2 } },
    { state: 'done', title: 'the task', answer: 'Small.', candidate: { n: 2, of: 2, strategy: 'smallest' } },
  ])
  const [first, second] = jobs
  const patch = first && second && (await world.jobs.candidates.compare(first.id, second.id))
  expect(patch).toContain('-6\n+SIX')
  expect(patch).toContain('-ONE\n+one')
  expect(world.bugs).toEqual([])
})

test('[CANDIDATE-4] who is picked comes back like any job, the others are stopped at once, and their copies stay until they are dismissed', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'smallest change', steps: [[edit('a.txt', 'six', 'SIX')], [never]] },
    ...twoWays.slice(1),
  ]
  const jobs = await start(world)
  const [first, second] = jobs
  if (!first || !second) throw new Error('there are two')
  await until(() => of(world, first).state === 'done' && of(world, second).files.length === 1)
  const picked = await world.jobs.candidates.pick(first.id)
  expect(picked.outcome).toBe('applied')
  expect(world.read('a.txt')).toBe('ONE\ntwo\nthree\nfour\nfive\n6\n')
  await until(() => of(world, second).state === 'stopped')
  const copy = join(world.jobFolder, world.workspace.id, second.id)
  expect(existsSync(copy)).toBe(true)
  // Another one after all: what the first did is taken out as the turn it is.
  const thread = await world.threads.get(picked.originId ?? gone())
  await thread.reverts.revert(picked.appliedTurnId ?? gone(), 'undo')
  await world.jobs.outcomes.apply(second.id, undefined)
  expect(world.read('a.txt')).toBe('one\ntwo\nthree\nfour\nfive\nSIX\n')
  world.model.script = twoWays
  const others = await start(world)
  await settled(world, others)
  const [third, fourth] = others
  if (!third || !fourth) throw new Error('there are two')
  await world.jobs.candidates.dismiss(third.candidate?.group ?? gone())
  expect(existsSync(join(world.jobFolder, world.workspace.id, fourth.id))).toBe(false)
  expect([third, fourth].map((job) => of(world, job).outcome)).toEqual(['discarded', 'discarded'])
  expect(world.bugs).toEqual([])
})

test('[CANDIDATE-5] single pieces of several come back together, and what does not go together is refused', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'smallest change',
      steps: [
        [edit('a.txt', 'six', 'SIX'), edit('a.ts', 'export const a = 1', 'export const a = 2')],
        [say('Small.')],
      ],
    },
    ...twoWays.slice(1),
  ]
  const jobs = await start(world)
  await settled(world, jobs)
  const [first, second] = jobs
  if (!first || !second) throw new Error('there are two')
  const [text] = await world.jobs.candidates.hunks(first.id)
  expect(text).toMatchObject({
    path: 'a.txt',
    whole: false,
    hunks: [
      { n: 0, added: ['ONE'] },
      { n: 1, added: ['6'] },
    ],
  })
  const small = { jobId: second.id, path: 'a.txt', hunks: [0] }
  await expect(
    world.jobs.candidates.mix([{ jobId: first.id, path: 'a.txt', hunks: [0, 1] }, small]),
  ).rejects.toThrow('does not go together')
  await expect(world.jobs.candidates.mix([{ jobId: first.id, path: 'a.txt', hunks: [7] }])).rejects.toThrow(
    'no such change',
  )
  const job = await world.jobs.candidates.mix([{ jobId: first.id, path: 'a.txt', hunks: [0] }, small])
  expect(job).toMatchObject({ outcome: 'applied', brought: ['a.txt'] })
  expect(of(world, second)).toMatchObject({ outcome: 'applied', appliedTurnId: job.appliedTurnId })
  expect(world.read('a.txt')).toBe('ONE\ntwo\nthree\nfour\nfive\nSIX\n')
  expect(world.read('a.ts')).toBe(files['a.ts'])
  // Taken back, all of them can be taken again.
  await world.jobs.outcomes.unmerge(first.id)
  expect([first, second].map((one) => of(world, one).outcome)).toEqual([undefined, undefined])
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe(files['a.txt'])
  expect(world.bugs).toEqual([])
})

test('[CANDIDATE-6] changed files are read by their language’s rules, and a command runs only where one was asked for', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'smallest change',
      steps: [[edit('a.ts', 'export const a = 1', 'export const = 1')], [say('Small.')]],
    },
    {
      match: 'the task',
      steps: [
        [edit('a.ts', 'export const a = 1', 'export const a = 2'), edit('a.txt', 'one', '1')],
        [say('Plain.')],
      ],
    },
  ]
  const jobs = await start(world, { check: 'grep -q 2 a.ts && echo found' })
  await until(() => jobs.every((job) => of(world, job).checks?.command && of(world, job).checks?.syntax))
  expect(jobs.map((job) => of(world, job).checks)).toMatchObject([
    { syntax: { checked: 1, left: 1, wrong: [] }, command: { passed: true, output: 'found\n' } },
    { syntax: { checked: 1, left: 0, wrong: [{ path: 'a.ts', line: 1 }] }, command: { passed: false } },
  ])
  const plain = await start(world)
  await settled(world, plain)
  await until(() => plain.every((job) => of(world, job).checks?.syntax))
  expect(plain.map((job) => of(world, job).checks?.command)).toEqual([undefined, undefined])
  expect(world.bugs).toEqual([])
})

test('[CANDIDATE-7] a model of the deep tier recommends one with its reason when all are done, and picks none', async () => {
  const world = await open(files)
  const recommend = { candidate: 2, reason: 'It touches less.' }
  world.model.script = [
    {
      match: 'The task was:',
      steps: [
        [{ type: 'functionCall', name: 'recommend', text: JSON.stringify(recommend) }],
        [say('The second.')],
      ],
    },
    ...twoWays,
  ]
  const jobs = await start(world, { judge: true })
  const judge = () => world.jobs.list(world.workspace.id).find(({ judges }) => judges !== undefined)
  await until(() => judge()?.state === 'done')
  expect(judge()).toMatchObject({ recommendation: { n: 2, reason: 'It touches less.' }, files: [] })
  expect(jobs.map((job) => of(world, job).outcome)).toEqual([undefined, undefined])
  expect(world.read('a.txt')).toBe(files['a.txt'])
  const again = await restart(world)
  await until(() => again.jobs.list(again.workspace.id).length === 3)
  expect(again.jobs.list(again.workspace.id).filter(({ judges }) => judges !== undefined)).toHaveLength(1)
  expect(world.bugs).toEqual([])
})

function gone(): never {
  throw new Error('it is gone')
}
