import { expect, test } from 'vitest'
import { seededRandom } from '../../core/lib/random.ts'
import { type JobId, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { ScheduledWork, When } from '../../core/protocol/schedule.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { timeAfter } from './cron.ts'
import { Schedules } from './schedules.ts'

const workspaceId = workspaceIdSchema.parse('wsp_1')
const minute = 60_000
const everyFive: When = { kind: 'cron', cron: '*/5 * * * *', timeZone: 'UTC' }
const work = (when: When): ScheduledWork => ({ workspaceId, task: 'tidy up', when })

/** What outlives a server: the store, the clock on the wall, and the jobs that began. */
interface World {
  readonly store: Store
  readonly timers: ManualTimers
  readonly jobs: Map<JobId, Job['state']>
  readonly began: JobId[]
}

function createWorld(): World {
  return { store: createMemoryStore(), timers: new ManualTimers(), jobs: new Map(), began: [] }
}

async function serve(world: World, dies?: 'scheduleDue' | 'scheduleBegun') {
  const { store, timers, jobs, began } = world
  let dead = false
  const schedules = new Schedules({
    store,
    timers,
    clock: timers.clock,
    random: seededRandom(1),
    async begin(id) {
      if (!jobs.has(id)) began.push(id)
      jobs.set(id, jobs.get(id) ?? 'done')
      return { id } as Job
    },
    jobOf: (id) => ({ id, state: jobs.get(id) ?? 'done' }) as Job,
    onChange: () => undefined,
    onBug: (error) => {
      throw error
    },
    crash: (point) => {
      if (point !== dies || dead) return Promise.resolve()
      dead = true
      return new Promise(() => undefined)
    },
  })
  await schedules.start()
  return schedules
}

async function pass({ timers }: World, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= minute) {
    timers.advance(Math.min(minute, left))
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
  }
}

test('[SCHEDULE-2] work begins at its time, once, and then is scheduled no more; by a cron line again and again', async () => {
  const world = createWorld()
  const schedules = await serve(world)
  await schedules.add(work({ kind: 'once', at: world.timers.clock.now() + 3 * minute }))
  await pass(world, 2 * minute)
  expect(world.began).toEqual([])
  await pass(world, 2 * minute)
  expect([world.began.length, schedules.list(workspaceId)]).toEqual([1, []])
  await schedules.add(work(everyFive))
  await pass(world, 20 * minute)
  expect(world.began).toHaveLength(5)
  expect(schedules.list(workspaceId)).toMatchObject([{ lastJobId: world.began.at(-1), paused: false }])
})

test('[SCHEDULE-3] what was missed while no server ran begins once', async () => {
  const world = createWorld()
  const first = await serve(world)
  await first.add(work(everyFive))
  await first.add(work({ kind: 'once', at: world.timers.clock.now() + minute }))
  first.close()
  await pass(world, 60 * minute)
  expect(world.began).toEqual([])
  await serve(world)
  await pass(world, minute)
  expect(world.began).toHaveLength(2)
})

test('[SCHEDULE-4] a server that dies when a time was claimed, or its job has begun, is followed by one that begins no second job', async () => {
  for (const point of ['scheduleDue', 'scheduleBegun'] as const) {
    const world = createWorld()
    const first = await serve(world, point)
    await first.add(work(everyFive))
    await pass(world, 6 * minute)
    first.close()
    const second = await serve(world)
    await pass(world, 2 * minute)
    expect([point, world.began.length]).toEqual([point, 1])
    expect(second.list(workspaceId)).toMatchObject([{ lastJobId: world.began[0] }])
  }
})

test('[SCHEDULE-5] a paused schedule begins nothing and makes up for nothing; one that was removed can be brought back', async () => {
  const world = createWorld()
  const schedules = await serve(world)
  const { id } = await schedules.add(work(everyFive))
  await schedules.pause(id, true)
  await pass(world, 30 * minute)
  expect(world.began).toEqual([])
  await schedules.pause(id, false)
  await pass(world, 5 * minute)
  expect(world.began).toHaveLength(1)
  await schedules.remove(id, true)
  await pass(world, 10 * minute)
  expect([world.began.length, schedules.list(workspaceId)]).toEqual([1, []])
  await schedules.remove(id, false)
  expect(schedules.list(workspaceId)).toHaveLength(1)
  await schedules.remove(id, true)
  schedules.close()
  expect((await serve(world)).list(workspaceId)).toEqual([])
})

test('[SCHEDULE-6] no job begins while the one before it is at work, and what cannot be understood is refused', async () => {
  const world = createWorld()
  const schedules = await serve(world)
  await schedules.add(work(everyFive))
  await pass(world, 5 * minute)
  for (const id of world.began) world.jobs.set(id, 'running')
  await pass(world, 15 * minute)
  expect(world.began).toHaveLength(1)
  expect(schedules.list(workspaceId)[0]?.problem).toContain('still at work')
  const refused: readonly (readonly [When, string])[] = [
    [{ kind: 'cron', cron: 'every day', timeZone: 'UTC' }, 'It has five fields'],
    [{ kind: 'cron', cron: '0 0 * * * *', timeZone: 'UTC' }, 'It has five fields'],
    [{ kind: 'cron', cron: '99 9 * * *', timeZone: 'UTC' }, 'It has five fields'],
    [{ kind: 'cron', cron: '0 9 * * *', timeZone: 'Nowhere/At_all' }, 'It has five fields'],
    [{ kind: 'cron', cron: '0 0 30 2 *', timeZone: 'UTC' }, 'never comes'],
    [{ kind: 'once', at: world.timers.clock.now() - 1 }, 'is over'],
  ]
  for (const [when, why] of refused) await expect(schedules.add(work(when))).rejects.toThrow(why)
})

test('[SCHEDULE-7] a cron line means the clock of its place, also when that is set for summer', () => {
  const nine: When = { kind: 'cron', cron: '0 9 * * *', timeZone: 'Europe/Berlin' }
  const times = [Date.UTC(2026, 2, 28, 12), Date.UTC(2026, 2, 29, 12)].map((from) => timeAfter(nine, from))
  expect(times).toEqual([Date.UTC(2026, 2, 29, 7), Date.UTC(2026, 2, 30, 7)])
  expect(timeAfter(nine, Date.UTC(2026, 2, 27, 12))).toBe(Date.UTC(2026, 2, 28, 8))
})
