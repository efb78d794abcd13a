import { expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { until, type World } from '../testing/world.ts'

const { open, restart } = worldsOfTests()
const gone: Step = {
  type: 'fault',
  fault: { type: 'status', status: 503, headers: { 'retry-after': '0' } },
}
const back = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
const calls = ({ model }: World) => model.requests.filter(({ kind }) => kind !== 'models').length

test('[RJOB-83] a job whose model is gone stands aside, asks again by itself, and does each step once when it is back', async () => {
  const world = await open({ 'b.txt': 'b\n' }, { awayMs: 5 })
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [gone]] }]
  const { id } = await world.jobs.start(handOff(world))
  const other = await world.jobs.start({ ...handOff(world), task: 'another' })
  const seen: string[] = []
  await until(() => {
    const { state, waits } = world.jobs.run(id).job
    if (waits && !seen.includes(state)) seen.push(state)
    return (world.jobs.run(id).record.away ?? 0) >= 3
  })
  expect(seen).toEqual(['queued'])
  // It keeps no place of those that run.
  expect((await ended(world, other)).state).toBe('done')
  world.model.script = back
  expect(await ended(world, { id })).toMatchObject({
    state: 'done',
    used: { steps: 2 },
    files: [{ added: 1 }],
  })
  expect(world.jobs.run(id).record.away).toBeUndefined()
  expect(world.bugs).toEqual([])
})

test('[RJOB-83] the wait outlives the server, is ended by a person, and the job can be stopped in it', async () => {
  const world = await open({ 'b.txt': 'b\n' }, { awayMs: 600_000, store: createMemoryStore() })
  world.model.script = [{ match: '', steps: [gone] }]
  const [first, second] = [await world.jobs.start(handOff(world)), await world.jobs.start(handOff(world))]
  const waits = (of: World, id: typeof first.id) => of.jobs.run(id).job.waits !== undefined
  await until(() => waits(world, first.id) && waits(world, second.id))
  const again = await restart(world)
  expect([waits(again, first.id), waits(again, second.id)]).toEqual([true, true])
  const before = calls(again)
  await again.jobs.run(second.id).stop()
  expect(again.jobs.run(second.id).job).toMatchObject({ state: 'stopped' })
  again.model.script = back
  await again.jobs.retry(first.id)
  expect((await ended(again, first)).state).toBe('done')
  expect(calls(again)).toBe(before + 2)
})
