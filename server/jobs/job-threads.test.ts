import { expect, test } from 'vitest'
import { limits } from '../../core/protocol/limits.ts'
import { edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { until } from '../testing/world.ts'

const { open } = worldsOfTests()

test('[RJOB-90] a job whose thread was let go while its copy was made begins all the same', async () => {
  const reached = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const world = await open(
    { 'a.txt': 'a\n' },
    {
      crash: async (point) => {
        if (point !== 'treeMade') return
        reached.resolve()
        await held.promise
      },
    },
  )
  world.model.script = [{ match: 'the task', steps: [[edit('a.txt', 'a', 'A')], [say('Done.')]] }]
  const { id, threadId } = await world.jobs.start(handOff(world))
  await reached.promise
  const before = await world.threads.get(threadId)
  for (let n = 0; n < limits.loadedThreads + 3; n++) await world.newThread()
  await until(() => world.threads.loaded === limits.loadedThreads)
  held.resolve()
  expect(await ended(world, { id })).toMatchObject({ state: 'done', answer: 'Done.' })
  expect(await world.threads.get(threadId)).not.toBe(before)
  expect(world.bugs).toEqual([])
})
