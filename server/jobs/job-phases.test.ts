import { expect, test } from 'vitest'
import { edit, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { until, type World } from '../testing/world.ts'
import { costOf } from './prices.ts'

const { open, restart } = worldsOfTests()

const files = { 'b.txt': 'b\n', 'check.sh': 'echo looked >> looked.txt; grep -q C b.txt' }
const bodies = ({ model }: World) =>
  model.requests.filter(({ kind }) => kind !== 'models').map(({ body }) => JSON.stringify(body))

test('[RJOB-41] a job that shall plan first only reads until its plan is accepted, also by a server that comes after', async () => {
  const first = await open(files)
  first.model.script = [
    { match: 'Carry it out', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] },
    { match: 'Smaller', steps: [say('1. Change b')] },
    { match: 'the task', steps: [[edit('b.txt', 'b', 'X')], [say('1. Look\n2. Change b')]] },
  ]
  const { id } = await first.jobs.start({ ...handOff(first), planFirst: true })
  await until(() => first.jobs.run(id).job.state === 'needsInput')
  expect(first.jobs.run(id).job).toMatchObject({ plan: [{ text: 'Look' }, { text: 'Change b' }], files: [] })
  expect(bodies(first).every((body) => !body.includes('run_command'))).toBe(true)
  // Nothing waits for it: others may run.
  await first.jobs.decidePlan(id, { accept: false, text: 'Smaller, please.' })
  await until(() => first.jobs.run(id).job.plan.length === 1)
  first.die()
  const world = await restart(first)
  expect(world.jobs.run(id).job).toMatchObject({ state: 'needsInput', needs: { kind: 'plan' } })
  await world.jobs.decidePlan(id, { accept: true, text: 'Carry it out.' })
  await until(() => world.jobs.run(id).job.state === 'done')
  expect(world.jobs.run(id).job).toMatchObject({ files: [{ path: 'b.txt', added: 1 }] })
  expect(bodies(world).at(-1)).toContain('run_command')
  await expect(world.jobs.decidePlan(id, { accept: true, text: 'x' })).rejects.toThrow('does not wait')
})

test('[RJOB-42] a job that waits with its plan is stopped at once', async () => {
  const world = await open(files)
  world.model.script = [{ match: 'the task', steps: [say('1. Look')] }]
  const { id } = await world.jobs.start({ ...handOff(world), planFirst: true })
  await until(() => world.jobs.run(id).job.state === 'needsInput')
  await world.jobs.run(id).stop()
  expect(world.jobs.run(id).job.state).toBe('stopped')
})

test('[RJOB-43] the command of a goal is run when the job says it is done: what it says is the next prompt, and what it writes is nobody’s work', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'does not pass yet', steps: [[edit('b.txt', 'B', 'C')], [say('Now.')]] },
    { match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] },
  ]
  const { id } = await world.jobs.start({ ...handOff(world), goal: 'sh check.sh' })
  await until(() => world.jobs.run(id).job.settledAt !== undefined)
  expect(world.jobs.run(id).job).toMatchObject({
    state: 'done',
    answer: 'Now.',
    goal: { command: 'sh check.sh', checks: 2, met: true },
    files: [{ path: 'b.txt' }],
  })
  expect(bodies(world).some((body) => body.includes('[Exit 1 after'))).toBe(true)
  expect(world.bugs).toEqual([])
})

test('[RJOB-44] a job whose goal fails twice on the same files has failed, and its changes are kept', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'does not pass yet', steps: [say('I can do no more.')] },
    { match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] },
  ]
  const { id } = await world.jobs.start({ ...handOff(world), goal: 'sh check.sh' })
  await until(() => world.jobs.run(id).job.settledAt !== undefined)
  expect(world.jobs.run(id).job).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining('still fails'),
    goal: { checks: 2, met: false },
    files: [{ path: 'b.txt' }],
  })
})

test('[RJOB-45] what a job costs is counted by the prices of its models and bounds it; what has no price is said', async () => {
  const prices = { 'fake/fake-fast': { input: 1000, cached: 100, output: 2000 } }
  expect(costOf(prices, 'fake/fake-fast', { inputTokens: 10, cachedTokens: 4, outputTokens: 2 })).toBe(10_400)
  expect(costOf(prices, 'other', { inputTokens: 10, cachedTokens: 4, outputTokens: 2 })).toBeUndefined()
  const world = await open(files, { prices })
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  const { id } = await world.jobs.start({ ...handOff(world), budget: { cost: 1 } })
  await until(() => world.jobs.run(id).job.state === 'needsInput')
  const { needs, used, budget } = world.jobs.run(id).job
  expect(needs).toEqual({ kind: 'budget', spent: 'cost' })
  expect(used.cost).toBeGreaterThan(1)
  await world.jobs.run(id).waits.extend({ ...budget, cost: 1_000_000_000 })
  await until(() => world.jobs.run(id).job.state === 'done')
  const plain = await open(files)
  plain.model.script = [{ match: 'the task', steps: [say('Done.')] }]
  const other = await plain.jobs.start(handOff(plain))
  await until(() => plain.jobs.run(other.id).job.state === 'done')
  expect(plain.jobs.run(other.id).job.used).toMatchObject({ unpriced: true })
})
