import { expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { steerIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { queueIdSchema } from '../../core/protocol/queue.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { call, edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, until } from '../testing/world.ts'
import type { CrashPoint } from './crash-points.ts'

const { open } = worldsOfTests()
const files = { 'a.txt': 'one\n', 'b.txt': 'b\n' }
const context = { openPaths: [] }
const steer = (text: string) => ({ id: steerIdSchema.parse(`ste_${text}`), text, context })

test('[RJOB-115] words to a job that waits for its agents are said at once, and the agents go on', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const world = await open(files)
  world.model.script = [
    {
      match: 'softly',
      steps: [[edit('b.txt', 'b', 'softly')], [call('wait', {})], [say('All is done.')]],
    },
    {
      match: 'the task',
      steps: [[call('spawn', { task: 'the part' })], [call('wait', {})], [say('Too early.')]],
    },
    {
      match: 'the part',
      steps: [[{ type: 'hold', until: held }, edit('a.txt', 'one', 'ONE')], [say('Part.')]],
    },
  ]
  const job = await world.jobs.start(handOff(world))
  const thread = await world.threads.get(job.threadId)
  const isWaiting = () =>
    thread
      .state()
      .turns.flatMap(({ items }) => items)
      .some((item) => item.type === 'toolCall' && item.name === 'wait' && item.status !== 'completed')
  await until(isWaiting)
  await thread.control.steer(thread.state().turns.at(-1)?.id ?? fail(), steer('softly'))
  // The agent still works, and the job has heard it.
  await until(() => world.jobs.run(job.id).job.files.length === 1)
  expect(world.model.requests.some(({ body }) => JSON.stringify(body).includes('softly'))).toBe(true)
  const agent = world.jobs.list(world.workspace.id).find(({ parentId }) => parentId === job.id)
  expect(agent?.state).toBe('running')
  letGo()
  expect(await ended(world, job)).toMatchObject({
    state: 'done',
    answer: 'All is done.',
    files: [{ path: 'a.txt' }, { path: 'b.txt' }],
  })
  const outputs = thread
    .state()
    .turns.flatMap(({ items }) => items)
    .flatMap((item) => (item.type === 'toolCall' && item.name === 'wait' ? [item.output] : []))
  expect(outputs[0]).toContain('Your agents go on')
  expect(outputs[1]).toContain('In your files now: a.txt')
  expect(world.bugs).toEqual([])
})

const gone: Step = {
  type: 'fault',
  fault: { type: 'status', status: 503, headers: { 'retry-after': '0' } },
}

test('[RJOB-115] words to a job whose model is gone let it go on at once', async () => {
  const world = await open(files, { awayMs: 600_000 })
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [gone]] }]
  const { id, threadId } = await world.jobs.start(handOff(world))
  await until(() => world.jobs.run(id).job.waits !== undefined)
  const step: Step = edit('b.txt', 'B', 'B and more')
  world.model.script = [{ match: 'go on', steps: [[step], [say('Done.')]] }]
  await (await world.threads.get(threadId)).start('go on', context, performance.now())
  expect(await ended(world, { id })).toMatchObject({ state: 'done', answer: 'Done.', used: { steps: 3 } })
  expect(world.jobs.run(id).job.waits).toBeUndefined()
  expect(await world.jobs.patch(id)).toContain('+B and more')
  expect(world.bugs).toEqual([])
})

test('[RJOB-116] what is said to a job that has not begun waits in its queue and follows its first turn, also after a restart', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const disk = createMemoryStore()
  const { store, die } = mortal(disk)
  const world = await createWorld(files, { store })
  world.model.script = [
    { match: 'the first', steps: [[{ type: 'hold', until: held }], [say('First.')]] },
    { match: 'softly', steps: [[edit('b.txt', 'B', 'softly')], [say('Softly done.')]] },
    { match: 'the second', steps: [[edit('b.txt', 'b', 'B')], [say('Second.')]] },
  ]
  for (let n = 0; n < limits.runningJobs; n++)
    await world.jobs.start({ ...handOff(world), task: 'the first' })
  const job = await world.jobs.start({ ...handOff(world), task: 'the second' })
  const thread = await world.threads.get(job.threadId)
  await expect(thread.start('softly', context, 0)).rejects.toThrow('waits for its place')
  const prompt = { id: queueIdSchema.parse('que_1'), text: 'softly', context }
  await thread.queue.change({ type: 'add', prompt })
  expect(thread.state()).toMatchObject({ turns: [], queue: [{ text: 'softly' }] })
  // Those with a place have their copies by then: what died works on none of them any more.
  await until(
    () => world.model.requests.filter(({ kind }) => kind !== 'models').length === limits.runningJobs,
  )
  world.die()
  void die()
  const again = await world.restart(disk)
  const found = await again.threads.get(job.threadId)
  expect(found.state()).toMatchObject({ turns: [], queue: [{ text: 'softly' }] })
  expect(again.jobs.run(job.id).job.state).toBe('queued')
  letGo()
  await until(() => again.jobs.run(job.id).job.answer === 'Softly done.' || again.bugs.length > 0)
  expect(again.bugs).toEqual([])
  expect(await ended(again, job)).toMatchObject({ state: 'done', used: { steps: 4 } })
  expect(await again.jobs.patch(job.id)).toContain('+softly')
  expect(found.state().queue ?? []).toEqual([])
  expect(again.bugs).toEqual([])
  await again.close()
})

test('[RJOB-136] what is said to a job whose copy is being made waits in its queue, and its task comes first', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: isMade, resolve: made } = Promise.withResolvers<void>()
  const crash = async (at: CrashPoint) => {
    if (at !== 'running') return
    made()
    await held
  }
  const world = await open(files, { crash })
  world.model.script = [
    { match: 'softly', steps: [[say('Softly done.')]] },
    { match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] },
  ]
  const job = await world.jobs.start(handOff(world))
  await isMade
  const thread = await world.threads.get(job.threadId)
  await expect(thread.start('softly', context, 0)).rejects.toThrow('queue what you want')
  await thread.queue.change({
    type: 'add',
    prompt: { id: queueIdSchema.parse('que_1'), text: 'softly', context },
  })
  letGo()
  await until(() => world.jobs.run(job.id).job.answer === 'Softly done.' || world.bugs.length > 0)
  const said = thread
    .state()
    .turns.flatMap(({ items }) => items)
    .flatMap((item) => (item.type === 'userMessage' ? [item.text] : []))
  expect(said).toEqual(['the task', 'softly'])
  expect(await ended(world, job)).toMatchObject({ files: [{ path: 'b.txt' }] })
  expect(world.bugs).toEqual([])
})

function fail(): never {
  throw new Error('it is not there')
}
