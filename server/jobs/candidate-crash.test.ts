import { expect, test } from 'vitest'
import type { Job } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { edit, say } from '../testing/job-world.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { CrashPoint } from './crash-points.ts'

const before = 'one\ntwo\nthree\nfour\nfive\nsix\n'
const script = [
  { match: 'smallest change', steps: [[edit('a.txt', 'six', 'SIX')], [say('Small.')]] },
  { match: 'the task', steps: [[edit('a.txt', 'one', 'ONE')], [edit('a.txt', 'six', '6')], [say('Plain.')]] },
]

/** Two candidates on a server that dies the `nth` time they come to the point, or while one is picked; then one that lives. */
async function survive(point: CrashPoint, nth: number): Promise<World> {
  const disk = createMemoryStore()
  const { store, die } = mortal(disk)
  const died = Promise.withResolvers<undefined>()
  let seen = 0
  const crash = async (at: CrashPoint) => {
    if (at !== point || ++seen !== nth) return
    world.die()
    died.resolve(undefined)
    await die()
  }
  const world = await createWorld({ 'a.txt': before }, { store, crash })
  world.model.script = script
  const story = async () => {
    await start(world)
    await allDone(world)
    await pick(world)
  }
  await Promise.race([story(), died.promise])
  expect(seen).toBeGreaterThanOrEqual(nth)
  return world.restart(disk)
}

const start = ({ jobs, workspace }: World) =>
  jobs.candidates.start({
    workspaceId: workspace.id,
    task: 'the task',
    conversation: false,
    candidates: [{ strategy: 'plain' }, { strategy: 'smallest' }],
    judge: false,
  })
const all = ({ jobs, workspace }: World): readonly Job[] =>
  jobs.list(workspace.id).toSorted((a, b) => (a.candidate?.n ?? 0) - (b.candidate?.n ?? 0))
const allDone = (world: World) =>
  until(() => all(world).length === 2 && all(world).every(({ settledAt }) => settledAt !== undefined))
const pick = async (world: World) => {
  const [first] = all(world)
  if (first) await world.jobs.candidates.pick(first.id)
}

const cases: readonly { readonly point: CrashPoint; readonly nth: number }[] = [
  { point: 'snapshotTaken', nth: 1 },
  { point: 'intended', nth: 2 },
  { point: 'answered', nth: 3 },
  { point: 'treeWritten', nth: 2 },
  { point: 'received', nth: 3 },
  { point: 'settled', nth: 2 },
  { point: 'ended', nth: 1 },
  { point: 'returning', nth: 1 },
  { point: 'returned', nth: 1 },
  { point: 'applied', nth: 1 },
  { point: 'tidied', nth: 1 },
]

test.for(cases)(
  '[RJOB-85] F03 a server that dies at $point ($nth) with candidates is followed by one that goes on with each, from the same files, and brings one back once',
  { timeout: 20_000 },
  async ({ point, nth }) => {
    const world = await survive(point, nth)
    await allDone(world)
    const [plain, small] = all(world)
    expect([plain, small]).toMatchObject([
      { state: 'done', used: { steps: 3 } },
      { state: 'done', used: { steps: 2 } },
    ])
    const bases = all(world).map(({ id }) => world.jobs.run(id).record.base)
    expect(bases[0]).toBe(bases[1])
    await pick(world)
    await world.documents.flush(world.workspace.id)
    expect(world.read('a.txt')).toBe(before.replace('one', 'ONE').replace('six', '6'))
    const group = small?.candidate?.group
    if (group) await world.jobs.candidates.dismiss(group)
    expect(all(world).map(({ outcome }) => outcome)).toEqual(['applied', 'discarded'])
    const calls = world.model.requests.filter(({ kind }) => kind !== 'models').length
    // Both are asked once more at most: they ran at the same time.
    expect(calls).toBeLessThanOrEqual(5 + 2)
    expect(world.bugs).toEqual([])
    await world.close()
  },
)

const handingOff: readonly {
  readonly point: CrashPoint
  readonly nth: number
  readonly left: number
}[] = [
  { point: 'threadMade', nth: 1, left: 0 },
  { point: 'threadMade', nth: 2, left: 0 },
  { point: 'threadsMade', nth: 1, left: 0 },
  { point: 'handedOff', nth: 1, left: 2 },
]

test.for(handingOff)(
  '[RJOB-110] F03 a server that dies at $point ($nth) while candidates are handed off leaves $left of the two, never a part',
  { timeout: 20_000 },
  async ({ point, nth, left }) => {
    const world = await survive(point, nth)
    expect(all(world)).toHaveLength(left)
    // Asked for again where nothing was acknowledged: there is one group then, and each is done once.
    if (left === 0) await start(world)
    await allDone(world)
    expect(all(world).map(({ candidate }) => candidate?.n)).toEqual([1, 2])
    expect(new Set(all(world).map(({ candidate }) => candidate?.group)).size).toBe(1)
    const calls = world.model.requests.filter(({ kind }) => kind !== 'models').length
    expect(calls).toBe(5)
    expect(world.bugs).toEqual([])
    await world.close()
  },
)

test('[RJOB-110] where there is no room for all candidates, or one has no thread, there is none', async () => {
  const disk = createMemoryStore()
  const crash = async (at: CrashPoint) => {
    if (at === 'threadMade' && ++seen === 2) throw new Error('no thread')
  }
  let seen = 0
  const world = await createWorld({ 'a.txt': before }, { store: disk, crash })
  world.model.script = script
  await expect(start(world)).rejects.toThrow('no thread')
  expect(all(world)).toEqual([])
  expect(await disk.readJobs()).toEqual([])
  await start(world)
  await allDone(world)
  const [row] = await disk.readJobs()
  if (!row) throw new Error('there are two')
  const { job, ...record } = JSON.parse(row.body)
  const { candidate: _, ...alone } = job
  // All but one of those there may be.
  const others = Array.from({ length: limits.jobs - 3 }, (__, n) => {
    const id = `job_${String(n).padStart(32, '0')}`
    return {
      id,
      head: row.head,
      body: JSON.stringify({ ...record, job: { ...alone, id, outcome: 'discarded' } }),
    }
  })
  await disk.addJobs(others)
  const full = await world.restart(disk)
  await expect(start(full)).rejects.toThrow(`At most ${limits.jobs} jobs`)
  expect(all(full)).toHaveLength(limits.jobs - 1)
  expect([...world.bugs, ...full.bugs]).toEqual([])
  await full.close()
})

const mixing: readonly CrashPoint[] = ['returning', 'returned', 'applied', 'othersNoted']

test.for(mixing)(
  '[RJOB-134] F03 a server that dies at %s while pieces of several candidates come back is followed by one that brings each once, and takes all back',
  { timeout: 20_000 },
  async (point) => {
    const disk = createMemoryStore()
    const { store, die } = mortal(disk)
    const died = Promise.withResolvers<undefined>()
    const crash = async (at: CrashPoint) => {
      if (at !== point) return
      world.die()
      died.resolve(undefined)
      await die()
    }
    const world = await createWorld({ 'a.txt': before }, { store, crash })
    world.model.script = script
    await start(world)
    await allDone(world)
    const mix = (server: World) => {
      const picks = all(server).map(({ id }) => ({ jobId: id, path: 'a.txt', hunks: [0] }))
      return server.jobs.candidates.mix(picks)
    }
    await Promise.race([mix(world), died.promise])
    const next = await world.restart(disk)
    const job = await mix(next)
    await next.documents.flush(next.workspace.id)
    expect(next.read('a.txt')).toBe(before.replace('one', 'ONE').replace('six', 'SIX'))
    expect(all(next).map(({ outcome }) => outcome)).toEqual(['applied', 'applied'])
    await next.jobs.outcomes.unmerge(job.id)
    await next.documents.flush(next.workspace.id)
    expect(next.read('a.txt')).toBe(before)
    expect(all(next).map(({ outcome }) => outcome)).toEqual([undefined, undefined])
    expect([...world.bugs, ...next.bugs]).toEqual([])
    await next.close()
  },
)
