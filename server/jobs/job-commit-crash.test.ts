import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { JobId } from '../../core/protocol/ids.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, type World } from '../testing/world.ts'
import type { CrashPoint } from './crash-points.ts'

const { open } = worldsOfTests()
const before = 'one\ntwo\nthree\nfour\nfive\nsix\n'
const after = before.replace('one', 'ONE').replace('six', 'SIX')
const script = [
  {
    match: 'the task',
    steps: [[edit('a.txt', 'one', 'ONE')], [edit('a.txt', 'six', 'SIX')], [say('Both are large.')]],
  },
]

function git({ workspace }: World, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b']
  return execFileSync('git', [...who, ...args], { cwd: workspace.root, encoding: 'utf8' }).trim()
}

/** A job that is done, and what the person wrote in its file meanwhile and has not committed. */
async function prepare(world: World): Promise<JobId> {
  git(world, 'init', '-q', '-b', 'main')
  git(world, 'add', '-A')
  git(world, 'commit', '-q', '-m', 'first')
  world.model.script = script
  const { id } = await ended(world, await world.jobs.start(handOff(world)))
  writeFileSync(join(world.workspace.root, 'a.txt'), before.replace('three', 'mine'))
  return id
}

/** A server that dies at the point while the job comes back and is committed, and the one that follows it. */
async function survive(point: CrashPoint): Promise<{ readonly next: World; readonly id: JobId }> {
  const disk = createMemoryStore()
  const { store, die } = mortal(disk)
  const died = Promise.withResolvers<undefined>()
  let isDead = false
  const crash = async (at: CrashPoint) => {
    if (at !== point) return
    isDead = true
    world.die()
    died.resolve(undefined)
    await die()
  }
  const world = await createWorld({ 'a.txt': before }, { store, crash })
  const id = await prepare(world)
  const story = async () => {
    await world.jobs.outcomes.apply(id, undefined)
    await world.jobs.outcomes.commit(id, 'Bring it')
  }
  await Promise.race([story(), died.promise])
  expect([isDead, world.bugs]).toEqual([true, []])
  return { next: await world.restart(disk), id }
}

const bringing = ['returning', 'returned', 'applied'] as const
const committing = ['commitNoted', 'commitMade', 'headMoved', 'filesCommitted', 'commitKept'] as const
const made: readonly CrashPoint[] = committing.slice(2)
const onMain = (world: World) => git(world, 'log', '--format=%s', 'main').split('\n')
const committed = (world: World) => `${git(world, 'show', 'main:a.txt')}\n`

test.for([...bringing, ...committing])(
  '[RJOB-130] F03 a server that dies at %s while a job comes back and is committed is followed by one that knows what was done, and whoever asks again has one commit',
  { timeout: 20_000 },
  async (point) => {
    const { next, id } = await survive(point)
    const { outcomes } = next.jobs
    // By itself: nobody has asked again.
    if (made.includes(point)) await vi.waitFor(() => expect(next.jobs.run(id).job.commit).toBeDefined())
    expect(onMain(next)).toEqual(made.includes(point) ? ['Bring it', 'first'] : ['first'])
    expect(git(next, 'diff', '--cached', '--name-only')).toBe('')
    if (next.jobs.run(id).job.outcome === undefined) await outcomes.apply(id, undefined)
    await next.documents.flush(next.workspace.id)
    expect(next.read('a.txt')).toBe(after.replace('three', 'mine'))
    const { commit } = await outcomes.commit(id, 'Bring it')
    expect([onMain(next), commit]).toEqual([['Bring it', 'first'], git(next, 'rev-parse', 'main')])
    expect([committed(next), next.read('a.txt')]).toEqual([after, after.replace('three', 'mine')])
    expect(git(next, 'diff', '--cached', '--name-only')).toBe('')
    expect(next.bugs).toEqual([])
    await next.close()
  },
)

test('[RJOB-131] what a server committed right before it died is taken back with the rest, and what people staged since is theirs', {
  timeout: 20_000,
}, async () => {
  const { next, id } = await survive('headMoved')
  await next.jobs.outcomes.unmerge(id)
  await next.documents.flush(next.workspace.id)
  expect([onMain(next), next.read('a.txt')]).toEqual([['first'], before.replace('three', 'mine')])
  expect(git(next, 'diff', '--cached', '--name-only')).toBe('')
  await next.close()
  const other = await survive('filesCommitted')
  writeFileSync(join(other.next.workspace.root, 'a.txt'), 'staged\n')
  git(other.next, 'add', 'a.txt')
  await other.next.jobs.outcomes.commit(other.id, 'Bring it')
  expect(git(other.next, 'show', ':a.txt')).toBe('staged')
  expect(onMain(other.next)).toEqual(['Bring it', 'first'])
  await other.next.close()
})

test('[RJOB-132] nothing is begun while another program holds the index, and one that lets go soon is waited for', async () => {
  const world = await open({ 'a.txt': before })
  const id = await prepare(world)
  await world.jobs.outcomes.apply(id, undefined)
  const lock = join(world.workspace.root, '.git', 'index.lock')
  writeFileSync(lock, '')
  await expect(world.jobs.outcomes.commit(id, 'Bring it')).rejects.toThrow('holds the git index')
  expect([onMain(world), world.jobs.run(id).job.commit]).toEqual([['first'], undefined])
  const asked = world.jobs.outcomes.commit(id, 'Bring it')
  await world.stored()
  rmSync(lock)
  await asked
  expect([onMain(world), git(world, 'diff', '--cached', '--name-only')]).toEqual([['Bring it', 'first'], ''])
  expect(world.bugs).toEqual([])
})

test('[RJOB-133] what two people ask for at once is done once', async () => {
  const world = await open({ 'a.txt': before })
  const id = await prepare(world)
  const { outcomes } = world.jobs
  const twice = await Promise.allSettled([outcomes.apply(id, undefined), outcomes.apply(id, undefined)])
  expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  const [one, other] = await Promise.all([outcomes.commit(id, 'Bring it'), outcomes.commit(id, 'Bring it')])
  expect(one.commit).toBe(other.commit)
  expect(onMain(world)).toEqual(['Bring it', 'first'])
  const thread = await world.threads.get(one.originId ?? gone())
  expect(thread.state().turns).toHaveLength(1)
  expect(world.bugs).toEqual([])
})

function gone(): never {
  throw new Error('it is gone')
}
