import { expect, test } from 'vitest'
import type { Job } from '../../core/protocol/job.ts'
import { call, edit, never, say, worldsOfTests } from '../testing/job-world.ts'
import { until, type World } from '../testing/world.ts'

const { open } = worldsOfTests()
const files = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'b.txt': 'b\n' }
const spawn = (task: string, more = {}) => call('spawn', { task, ...more })
const wait = call('wait', {})

const start = ({ jobs, workspace }: World, budget = {}) =>
  jobs.start({ workspaceId: workspace.id, task: 'the task', conversation: false, budget })

const inState = ({ jobs }: World, { id }: Job, state: Job['state']) =>
  until(() => jobs.run(id).job.state === state)

const agents = ({ jobs, workspace }: World): readonly Job[] =>
  jobs
    .list(workspace.id)
    .filter(({ parentId }) => parentId !== undefined)
    .toReversed()

/** What the tools of a job's thread answered. */
async function outputs({ threads }: World, { threadId }: Job): Promise<readonly string[]> {
  const { turns } = (await threads.get(threadId)).state()
  return turns
    .flatMap(({ items }) => items)
    .flatMap((item) => (item.type === 'toolCall' ? [item.output] : []))
}

test('[AGENT-3] a job splits its work over agents, each in a copy of its files as they are then, and takes over what they changed', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [edit('a.txt', 'one', 'ONE')],
        [spawn('first part'), spawn('second part', { files: ['b.txt'] })],
        [edit('a.txt', 'two', 'TWO')],
        [wait],
        [say('All is done.')],
      ],
    },
    { match: 'first part', steps: [[edit('a.txt', 'six', 'SIX')], [say('First is done.')]] },
    { match: 'second part', steps: [[edit('b.txt', 'b', 'B')], [say('Second is done.')]] },
  ]
  const job = await start(world)
  await inState(world, job, 'done')
  expect(world.bugs).toEqual([])
  expect(world.jobs.run(job.id).job).toMatchObject({
    answer: 'All is done.',
    files: [
      { path: 'a.txt', added: 3, removed: 3 },
      { path: 'b.txt', added: 1, removed: 1 },
    ],
  })
  expect(agents(world)).toMatchObject([
    {
      title: 'first part',
      state: 'done',
      outcome: 'merged',
      files: [{ path: 'a.txt', added: 1, removed: 1 }],
    },
    { title: 'second part', state: 'done', outcome: 'merged', task: 'second part\n\nBegin with: b.txt' },
  ])
  const told = (await outputs(world, job)).at(-1)
  expect(told).toContain('First is done.')
  expect(told).toContain('In your files now: b.txt (+1 -1).')
  expect(world.read('a.txt')).toBe(files['a.txt'])
  await world.jobs.outcomes.apply(job.id, undefined)
  expect(world.read('a.txt')).toBe('ONE\nTWO\nthree\nfour\nfive\nSIX\n')
  expect(world.read('b.txt')).toBe('B\n')
})

test('[AGENT-4] where both wrote the job’s text stands, and both sides are told to it by line', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'the task',
      steps: [[spawn('first part')], [edit('a.txt', 'six', 'mine')], [wait], [say('Done.')]],
    },
    {
      match: 'first part',
      steps: [[edit('a.txt', 'six', 'SIX')], [edit('a.txt', 'one', 'ONE\n+0')], [say('Done.')]],
    },
  ]
  const job = await start(world)
  await inState(world, job, 'done')
  const told = (await outputs(world, job)).at(-1)
  expect(told).toContain(
    'a.txt, line 7:\n<<<<<<< yours\nmine\n||||||| before\nsix\n=======\nSIX\n>>>>>>> job_',
  )
  await world.jobs.outcomes.apply(job.id, undefined)
  expect(world.read('a.txt')).toBe('ONE\n0\ntwo\nthree\nfour\nfive\nmine\n')
  expect(world.bugs).toEqual([])
})

test('[AGENT-5] an agent that shares the job’s files sees them as they are, and has no tool that changes anything', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [edit('b.txt', 'b', 'changed')],
        [spawn('look', { worktree: 'shared-read-only' })],
        [wait],
        [say('Done.')],
      ],
    },
    {
      match: 'look',
      steps: [
        [call('read_file', { path: 'b.txt' })],
        [edit('b.txt', 'changed', 'spoilt')],
        [say('It says changed.')],
      ],
    },
  ]
  const job = await start(world)
  await inState(world, job, 'done')
  const [agent] = agents(world)
  const asked = world.model.requests.find(({ body }) =>
    JSON.stringify(body).includes('You look into one question'),
  )
  const tools = JSON.stringify(asked?.body.tools)
  expect(tools).toContain('read_file')
  expect(tools).not.toMatch(/apply_patch|run_command|spawn/)
  expect(agent).toMatchObject({ sight: 'shared', files: [], answer: 'It says changed.' })
  expect(agent && (await outputs(world, agent))).toEqual(['changed\n', 'There is no tool apply_patch.'])
  expect((await outputs(world, job)).at(-1)).toContain('It says changed.')
  expect(await world.jobs.patch(job.id)).toContain('+changed')
})

test('[AGENT-6] agents go as deep and are as many as is configured, and who waits keeps nobody from beginning', async () => {
  const world = await open(files, { agents: { depth: 2, perJob: 2, running: 1 } })
  world.model.script = [
    {
      match: 'the task',
      steps: [[spawn('one part'), spawn('two part')], [spawn('too many')], [wait], [say('Done.')]],
    },
    { match: 'deepest', steps: [[spawn('deeper')], [edit('b.txt', 'b', 'deep')], [say('Deep.')]] },
    { match: 'one part', steps: [[spawn('deepest')], [wait], [say('One.')]] },
    { match: 'two part', steps: [[edit('a.txt', 'one', 'ONE')], [say('Two.')]] },
  ]
  const job = await start(world)
  await inState(world, job, 'done')
  expect((await outputs(world, job))[2]).toBe('A job may start 2 agents; do this part by yourself.')
  expect(
    agents(world)
      .map(({ title, state }) => `${title}: ${state}`)
      .toSorted(),
  ).toEqual(['deepest: done', 'one part: done', 'two part: done'])
  const deepest = agents(world).find(({ title }) => title === 'deepest')
  expect(deepest && (await outputs(world, deepest))[0]).toContain('go no deeper than 2')
  await world.jobs.outcomes.apply(job.id, undefined)
  expect(world.read('b.txt')).toBe('deep\n')
  expect(world.read('a.txt')).toContain('ONE')
})

test('[AGENT-7] agents spend from the budget of the job at the top, which asks when it is gone', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'the task', steps: [[spawn('first part')], [wait], [say('Done.')]] },
    { match: 'first part', steps: [[edit('b.txt', 'b', 'B')], [edit('b.txt', 'B', 'BB')], [say('First.')]] },
  ]
  const { id } = await start(world, { steps: 3 })
  await until(() => world.jobs.run(id).job.needs !== undefined)
  const { needs, budget } = world.jobs.run(id).job
  expect(needs).toEqual({ kind: 'budget', spent: 'steps' })
  const [agent] = agents(world)
  expect(agent?.state).toBe('running')
  await world.jobs.run(id).waits.extend({ ...budget, steps: 20 })
  await until(() => world.jobs.run(id).job.state === 'done')
  expect(await world.jobs.patch(id)).toContain('+BB')
})

test('[AGENT-8] the agents of a job that ends are stopped, and removed with it', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'the task', steps: [[spawn('first part')], [wait]] },
    { match: 'first part', steps: [[edit('b.txt', 'b', 'B')], [spawn('second part')], [never]] },
    { match: 'second part', steps: [[never]] },
  ]
  const job = await start(world)
  await until(() => agents(world).length === 2)
  await until(() => agents(world).every(({ state }) => state === 'running'))
  const [agent] = agents(world)
  await expect(world.jobs.remove(agent?.id ?? job.id)).rejects.toThrow('the job it works for')
  await world.jobs.run(job.id).stop()
  await until(() => agents(world).every(({ state }) => state === 'stopped'))
  expect(world.jobs.run(job.id).job).toMatchObject({ state: 'stopped', files: [] })
  await expect(world.jobs.retry(agent?.id ?? job.id)).rejects.toThrow('has ended')
  await world.jobs.remove(job.id)
  expect(world.jobs.list(world.workspace.id)).toEqual([])
  expect(world.bugs).toEqual([])
})

test('[AGENT-9] a message joins what an agent does and lets one that is done go on, whose new changes are taken over', async () => {
  const world = await open(files)
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const message = (text: string) => call('message', { id: agents(world)[0]?.id, text })
  world.model.script = ({ userText, round }) => {
    if (userText.includes('the task')) {
      if (round === 2) held.resolve()
      if (round === 1) return [{ type: 'hold', until: begun.promise.then(pause) }, message('mind the gap')]
      return [[spawn('first part')], [], [wait], [message('part two')], [wait], [say('Done.')]][round] ?? []
    }
    if (userText.includes('first part')) {
      begun.resolve()
      return [{ type: 'hold', until: held.promise }, edit('b.txt', 'b', 'B')]
    }
    if (userText.includes('mind the gap')) return [say('First, minded.')]
    return round === 0 ? [edit('b.txt', 'B', 'BB')] : [say('Second.')]
  }
  const job = await start(world)
  await inState(world, job, 'done')
  expect(world.bugs).toEqual([])
  const told = await outputs(world, job)
  expect(told[2]).toContain('First, minded.')
  expect(told[2]).toContain('b.txt (+1 -1)')
  expect(told[4]).toContain('Second.')
  await world.jobs.outcomes.apply(job.id, undefined)
  expect(world.read('b.txt')).toBe('BB\n')
})

/** The prompt of a turn is durable a moment after its request has left. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
