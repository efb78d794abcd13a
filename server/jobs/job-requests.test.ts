import { execFileSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import type { EffectDecision, Job } from '../../core/protocol/job.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createForgeDouble, type ForgeDouble } from '../testing/forge-double.ts'
import { edit, ended, handOff, say } from '../testing/job-world.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { Crash } from './crash-points.ts'
import type { Forge } from './forge.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Options {
  readonly store?: Store
  readonly crash?: Crash
  readonly forges?: readonly Forge[]
  readonly remote?: string
}

async function double(kind: Forge['kind'] = 'github'): Promise<ForgeDouble> {
  const made = await createForgeDouble(kind)
  closing.push(() => made.close())
  return made
}

/** A job that is done in a git repository whose remote is the forge's. */
async function doneJob(at: ForgeDouble, options: Options = {}): Promise<{ world: World; job: Job }> {
  const { remote = at.remote, forges = [at.forge], ...rest } = options
  const world = await createWorld({ 'b.txt': 'b\n' }, { forges, ...rest })
  git(world, 'init', '-q', '-b', 'main')
  git(world, 'add', '-A')
  git(world, 'commit', '-q', '-m', 'first')
  if (remote !== '') git(world, 'remote', 'add', 'origin', remote)
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  return { world, job: await ended(world, await world.jobs.start(handOff(world))) }
}

function git({ workspace }: World, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b']
  return execFileSync('git', [...who, ...args], { cwd: workspace.root, encoding: 'utf8' })
}

const words = { title: 'Raise b', text: 'It is higher now.' }
const requestOf = ({ jobs }: World, { id }: Job) => jobs.run(id).job.pullRequest

async function asked(world: World, job: Job) {
  await world.jobs.requests.open(job.id, words)
  await until(() => requestOf(world, job)?.state !== 'sending')
  return requestOf(world, job)
}

for (const kind of ['github', 'gitlab'] as const) {
  test(`[PUSH-1] a job’s branch is pushed and a pull request opened (${kind}), for the branch people are on when the forge has it`, async () => {
    const at = await double(kind)
    const { world, job } = await doneJob(at)
    closing.push(() => world.close())
    expect(await asked(world, job)).toEqual({ state: 'open', url: `${at.forge.url}/ada/project/pull/1` })
    expect(at.pulls).toEqual([{ branch: job.branch, base: 'main', ...words }])
    expect(at.git('show', `${job.branch}:b.txt`)).toBe('B')
    expect(at.git('rev-parse', job.branch ?? '')).toBe(git(world, 'rev-parse', job.branch ?? '').trim())
    expect(world.bugs).toEqual([])
  })
}

test('[PUSH-6] what a job changes after its branch was pushed is pushed again, to the same pull request', async () => {
  const at = await double()
  const { world, job } = await doneJob(at)
  closing.push(() => world.close())
  const first = await asked(world, job)
  world.model.script = [{ match: 'more', steps: [[edit('b.txt', 'B', 'BB')], [say('More.')]] }]
  await world.ask(await world.threads.get(job.threadId), 'more')
  await until(() => world.jobs.run(job.id).job.state === 'done')
  expect(requestOf(world, job)).toEqual({ ...first, behind: true })
  expect(at.git('show', `${job.branch}:b.txt`)).toBe('B')
  expect(await asked(world, job)).toEqual(first)
  expect(at.git('show', `${job.branch}:b.txt`)).toBe('BB')
  expect(at.pulls).toHaveLength(1)
  expect(world.bugs).toEqual([])
})

test('[PUSH-2] whatever moment a server dies at, there is one pull request of a branch; one that is open already is found', async () => {
  for (const point of ['requestWanted', 'branchPushed', 'requestOpened'] as const) {
    const at = await double()
    const disk = createMemoryStore()
    const { store, die } = mortal(disk)
    const died = Promise.withResolvers<void>()
    const { world, job } = await doneJob(at, {
      store,
      crash: async (moment) => {
        if (moment !== point) return
        died.resolve()
        await die()
      },
    })
    void world.jobs.requests.open(job.id, words).catch(() => undefined)
    await died.promise
    world.die()
    expect([point, (await disk.readEffects()).length]).toEqual([point, 1])
    const again = await world.restart(disk)
    await until(() => requestOf(again, job)?.state === 'open')
    expect([point, at.pulls.length, requestOf(again, job)?.url]).toEqual([
      point,
      1,
      `${at.forge.url}/ada/project/pull/1`,
    ])
    // A person may ask as often as they like.
    expect((await asked(again, job))?.state).toBe('open')
    expect(at.pulls).toHaveLength(1)
    await again.close()
  }
})

test('[PUSH-3] the token goes to the configured forge alone: not to another remote, along a redirect, to pages, the ledger or the repository', async () => {
  const at = await double()
  const other = await double()
  const disk = createMemoryStore()
  const { world, job } = await doneJob(at, { store: disk, remote: other.remote })
  closing.push(() => world.close())
  expect(await asked(world, job)).toMatchObject({ state: 'failed', problem: 'unknownHost' })
  expect([at.asked, other.asked]).toEqual([[], []])
  // What a workspace’s configuration says of addresses changes nothing.
  git(world, 'remote', 'set-url', 'origin', at.remote)
  git(world, 'config', `url.${other.forge.url}/.insteadOf`, `${at.forge.url}/`)
  at.refusal = { status: 401, message: 'Bad credentials' }
  expect(await asked(world, job)).toMatchObject({ state: 'failed', problem: 'refused' })
  expect(other.asked).toEqual([])
  expect(at.asked.length).toBeGreaterThan(2)
  const kept = JSON.stringify([await disk.readJobs(), await disk.readEffects(), world.bugs, world.problems])
  const config = git(world, 'config', '--list')
  const secret = Buffer.from(`x-access-token:${at.forge.token}`).toString('base64')
  for (const text of [kept, config])
    expect([text.includes(at.forge.token), text.includes(secret)]).toEqual([false, false])
})

test('[PUSH-4] what stands in the way is said, changes nothing, and the same can be asked again', async () => {
  const at = await double()
  const { world, job } = await doneJob(at, { remote: '' })
  closing.push(() => world.close())
  expect(await asked(world, job)).toMatchObject({ state: 'failed', problem: 'noRemote' })
  git(world, 'remote', 'add', 'origin', `${at.forge.url}/ada/nothing.git`)
  expect(await asked(world, job)).toMatchObject({ state: 'failed', problem: 'missing' })
  git(world, 'remote', 'set-url', 'origin', at.remote)
  // Somebody else has a branch of that name.
  const nothing = at.git('hash-object', '-w', '-t', 'tree', '--stdin')
  const theirs = at.git('-c', 'user.name=b', '-c', 'user.email=b@c', 'commit-tree', nothing, '-m', 'other')
  at.git('update-ref', `refs/heads/${job.branch}`, theirs)
  expect(await asked(world, job)).toMatchObject({ state: 'failed', problem: 'moved' })
  expect(at.git('rev-parse', job.branch ?? '')).toBe(theirs)
  at.git('update-ref', '-d', `refs/heads/${job.branch}`)
  at.refusal = { status: 422, message: 'Validation Failed' }
  expect(await asked(world, job)).toMatchObject({
    state: 'failed',
    problem: 'other',
    detail: 'Validation Failed',
  })
  at.refusal = undefined
  expect(await asked(world, job)).toMatchObject({ state: 'open' })
  expect(world.bugs).toEqual([])
})

test('[PUSH-5] without a forge nothing is pushed, and a job that still runs or has no branch is not asked for', async () => {
  const at = await double()
  const { world, job } = await doneJob(at, { forges: [] })
  closing.push(() => world.close())
  await expect(world.jobs.requests.open(job.id, words)).rejects.toThrow('configured')
  expect(at.asked).toEqual([])
  const other = await doneJob(at)
  closing.push(() => other.world.close())
  other.world.model.script = [{ match: 'nothing', steps: [say('Nothing to do.')] }]
  const empty = await ended(other.world, await other.world.jobs.start(handOff(other.world, 'nothing')))
  await expect(other.world.jobs.requests.open(empty.id, words)).rejects.toThrow('no branch')
})

/** A server dies while it asks for a pull request, and the forge does not tell the next one what became of that. */
async function inDoubt(made: boolean) {
  const at = await double()
  const disk = createMemoryStore()
  const { store, die } = mortal(disk)
  const { world, job } = await doneJob(at, { store })
  at.silence = { made }
  await world.jobs.requests.open(job.id, words)
  await until(() => at.asked.some(({ method, path }) => method === 'POST' && path.startsWith('/api')))
  world.die()
  void die()
  at.silence = undefined
  at.refusal = { all: true, status: 503, message: 'Down for a moment' }
  const again = await world.restart(disk)
  closing.push(() => again.close())
  await until(() => again.jobs.run(job.id).job.state === 'needsInput')
  return { at, job, world: again }
}

test('[RJOB-80] a job asks a person what became of an effect nobody can tell of; once, again and not at all are each done', async () => {
  const story = async (decision: EffectDecision, made: boolean) => {
    const { at, job, world } = await inDoubt(made)
    expect(world.jobs.run(job.id).job).toMatchObject({
      needs: { kind: 'effect', from: 'done', detail: 'Down for a moment' },
      settledAt: job.settledAt,
    })
    await expect(world.jobs.outcomes.apply(job.id, undefined)).rejects.toThrow('running')
    at.refusal = undefined
    await world.jobs.requests.decide(job.id, decision)
    await until(() => requestOf(world, job)?.state !== 'sending')
    const { state, needs, pullRequest } = world.jobs.run(job.id).job
    expect([state, needs]).toEqual(['done', undefined])
    await expect(world.jobs.requests.decide(job.id, decision)).rejects.toThrow('asks nothing')
    expect(await world.store.readEffects()).toEqual([])
    return [pullRequest?.state, pullRequest?.problem, at.pulls.length]
  }
  expect(await story('done', true)).toEqual(['open', undefined, 1])
  expect(await story('again', false)).toEqual(['open', undefined, 1])
  // Who is wrong about it harms nothing.
  expect(await story('again', true)).toEqual(['open', undefined, 1])
  expect(await story('skip', false)).toEqual(['failed', 'skipped', 0])
})

test('[RJOB-80] what is in doubt stays so over a restart, keeps no place, and words to the job wait for it', async () => {
  const { at, job, world } = await inDoubt(true)
  const again = await world.restart()
  closing.push(() => again.close())
  expect(again.jobs.run(job.id).job.state).toBe('needsInput')
  again.model.script = [{ match: 'more', steps: [say('More is done.')] }]
  const thread = await again.threads.get(job.threadId)
  await thread.start('more', { openPaths: [] }, 0)

  expect(again.jobs.run(job.id).job.state).toBe('needsInput')
  at.refusal = undefined
  await again.jobs.requests.decide(job.id, 'done')
  await until(() => again.jobs.run(job.id).job.answer === 'More is done.')
  expect(at.pulls).toHaveLength(1)
})
