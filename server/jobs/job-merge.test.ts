import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Job } from '../../core/protocol/job.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, type World } from '../testing/world.ts'
import type { CrashPoint } from './crash-points.ts'

const { open } = worldsOfTests()
const before = 'one\ntwo\nthree\nfour\nfive\nsix\n'
const after = before.replace('one', 'ONE').replace('six', 'SIX')
const files = { 'a.txt': before, 'b.txt': 'b\n' }
const added = {
  type: 'customCall',
  name: 'apply_patch',
  text: '*** Begin Patch\n*** Add File: new.txt\n+new\n*** End Patch',
} as const
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

function begin(world: World): void {
  git(world, 'init', '-q', '-b', 'main')
  git(world, 'add', '-A')
  git(world, 'commit', '-q', '-m', 'first')
  world.model.script = script
}

const done = async (world: World): Promise<Job> => ended(world, await world.jobs.start(handOff(world)))
const subjects = (world: World, ...args: readonly string[]) =>
  git(world, 'log', '--format=%s', ...args, 'main').split('\n')

test('[RJOB-111] a job is merged with its steps, beside what is written and not committed, or as one commit', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  writeFileSync(join(world.workspace.root, 'b.txt'), 'mine\n')
  await world.jobs.outcomes.apply(job.id, undefined)
  const merged = await world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
  expect(git(world, 'rev-parse', 'HEAD^2')).toBe(git(world, 'rev-parse', job.branch ?? ''))
  expect(subjects(world, '--first-parent')).toEqual(['Merge it', 'first'])
  expect(subjects(world).toSorted()).toEqual(['Merge it', 'Step 1', 'Step 2', 'first'])
  expect([git(world, 'rev-parse', 'main'), `${git(world, 'show', 'main:a.txt')}\n`]).toEqual([
    merged.commit,
    after,
  ])
  expect(git(world, 'status', '--porcelain')).toBe('M b.txt')
  expect(git(world, 'branch', '--merged', 'main', '--format=%(refname:short)')).toContain(job.branch)
  // Taken back and merged the other way.
  await world.jobs.outcomes.unmerge(job.id)
  await world.jobs.outcomes.apply(job.id, undefined)
  await world.jobs.outcomes.commit(job.id, 'Squash it')
  expect(subjects(world)).toEqual(['Squash it', 'first'])
  expect(`${git(world, 'show', 'main:a.txt')}\n`).toBe(after)
  expect(world.bugs).toEqual([])
})

test('[RJOB-111] a branch that was merged by hand meanwhile is not merged once more', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  git(world, 'merge', '-q', '--ff-only', job.branch ?? '')
  await world.jobs.outcomes.apply(job.id, undefined)
  await expect(world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })).rejects.toThrow(
    'committed as they are',
  )
  writeFileSync(join(world.workspace.root, 'a.txt'), `${after}seven\n`)
  await world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
  expect(git(world, 'log', '-1', '--format=%P').split(' ')).toHaveLength(1)
})

test('[RJOB-112] nothing is merged while a place both changed is undecided', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  const mine = before.replace('six', 'mine')
  writeFileSync(join(world.workspace.root, 'a.txt'), mine)
  const { conflicts } = await world.jobs.outcomes.apply(job.id, undefined)
  expect(conflicts).toHaveLength(1)
  await expect(world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })).rejects.toThrow(
    'Decide first',
  )
  expect(subjects(world)).toEqual(['first'])
  await world.jobs.outcomes.resolve(
    job.id,
    { path: 'a.txt', startLine: conflicts[0]?.startLine ?? 0 },
    'theirs',
  )
  await world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
  expect(`${git(world, 'show', 'main:a.txt')}\n`).toBe(after)
  // The job's side of the place goes with the rest when it is taken back.
  await world.jobs.outcomes.unmerge(job.id)
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe(mine)
  expect(world.bugs).toEqual([])
})

test('[RJOB-117] whose text stands at a place both changed is decided anew, until it is committed', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  const mine = before.replace('one', 'mine').replace('six', 'mine too')
  writeFileSync(join(world.workspace.root, 'a.txt'), mine)
  const { outcomes } = world.jobs
  const { conflicts } = await outcomes.apply(job.id, undefined)
  const [first, second] = conflicts.map(({ path, startLine }) => ({ path, startLine }))
  if (!first || !second) throw new Error('there are two')
  const text = async () => {
    await world.documents.flush(world.workspace.id)
    return world.read('a.txt')
  }
  const kept = await outcomes.resolve(job.id, first, 'ours')
  expect([kept.conflicts.length, kept.decided?.map(({ take }) => take)]).toEqual([1, ['ours']])
  const open1 = await outcomes.resolve(job.id, first, 'undecided')
  expect([open1.conflicts, open1.decided]).toEqual([conflicts, []])
  await outcomes.resolve(job.id, first, 'theirs')
  expect(await text()).toBe(mine.replace('mine', 'ONE'))
  // Another word about the same place.
  await outcomes.resolve(job.id, first, 'ours')
  expect(await text()).toBe(mine)
  await outcomes.resolve(job.id, second, 'theirs')
  expect(await text()).toBe(mine.replace('mine too', 'SIX'))
  const open2 = await outcomes.resolve(job.id, second, 'undecided')
  expect([open2.conflicts, await text()]).toEqual([[conflicts[1]], mine])
  await outcomes.resolve(job.id, second, 'theirs')
  await outcomes.commit(job.id, 'Merge it')
  await expect(outcomes.resolve(job.id, first, 'undecided')).rejects.toThrow('committed as it was decided')
  // With the merge all that was decided goes.
  expect((await outcomes.unmerge(job.id)).decided).toBeUndefined()
  expect(await text()).toBe(mine)
  expect(world.bugs).toEqual([])
})

test('[RJOB-118] what people had in the same files and not committed before a job’s changes came stays uncommitted', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  writeFileSync(join(world.workspace.root, 'a.txt'), before.replace('three', 'mine'))
  await world.jobs.outcomes.apply(job.id, undefined)
  // What is written since belongs to what came.
  await world.documents.flush(world.workspace.id)
  writeFileSync(
    join(world.workspace.root, 'a.txt'),
    world.read('a.txt').replace('SIX', 'SIX!').replace('mine', 'mine!'),
  )
  await vi.waitFor(async () =>
    expect(await world.documents.readText(world.workspace.id, 'a.txt')).toContain('SIX!'),
  )
  await world.jobs.outcomes.commit(job.id, 'Merge it')
  const committed = after.replace('SIX', 'SIX!')
  expect(`${git(world, 'show', 'main:a.txt')}\n`).toBe(committed)
  // Those who go on with what is theirs keep it too.
  expect(world.read('a.txt')).toBe(committed.replace('three', 'mine!'))
  expect(git(world, 'diff', '--numstat')).toBe('1\t1\ta.txt')
  await world.jobs.outcomes.unmerge(job.id)
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toContain('mine')
  expect(world.bugs).toEqual([])
})

test('[RJOB-119] where a person’s own changes cannot be told from a job’s nothing is committed but on their word', async () => {
  const world = await open({ ...files, 'own.txt': 'x\n' })
  begin(world)
  const job = await done(world)
  const own = before.replace('two', 'mine')
  writeFileSync(join(world.workspace.root, 'a.txt'), own)
  const { outcomes } = world.jobs
  const { conflicts } = await outcomes.apply(job.id, undefined)
  // They touch: the job's side has the line beside the person's.
  for (const { path, startLine } of conflicts) await outcomes.resolve(job.id, { path, startLine }, 'ours')
  await world.documents.flush(world.workspace.id)
  const left = world.read('a.txt').replace('one\nmine', 'ONE\nmine')
  writeFileSync(join(world.workspace.root, 'a.txt'), left)
  await vi.waitFor(async () => expect(await world.documents.readText(world.workspace.id, 'a.txt')).toBe(left))
  await expect(outcomes.commit(job.id, 'Merge it')).rejects.toThrow('Your own changes in a.txt')
  expect(subjects(world)).toEqual(['first'])
  await outcomes.commit(job.id, 'Merge it', { withOwn: true })
  expect(`${git(world, 'show', 'main:a.txt')}\n`).toBe(left)
  expect(world.bugs).toEqual([])
})

test('[RJOB-113] a merge is taken back: its commit, its text and no other, and it can be wanted again', async () => {
  const world = await open({ ...files, 'gone.txt': 'x\n' })
  begin(world)
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [
          edit('a.txt', 'one', 'ONE'),
          {
            type: 'customCall',
            name: 'apply_patch',
            text: '*** Begin Patch\n*** Add File: new.txt\n+new\n*** Delete File: gone.txt\n*** End Patch',
          },
        ],
        [say('Done.')],
      ],
    },
  ]
  const job = await done(world)
  await world.jobs.outcomes.apply(job.id, undefined)
  await world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
  writeFileSync(join(world.workspace.root, 'b.txt'), 'staged\n')
  git(world, 'add', 'b.txt')
  const first = git(world, 'rev-parse', 'main~1')
  const back = await world.jobs.outcomes.unmerge(job.id)
  expect([back.outcome, back.commit, back.appliedTurnId]).toEqual([undefined, undefined, undefined])
  expect(git(world, 'rev-parse', 'main')).toBe(first)
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe(before)
  expect([existsSync(join(world.workspace.root, 'new.txt')), world.read('gone.txt')]).toEqual([false, 'x\n'])
  expect(git(world, 'status', '--porcelain')).toBe('M  b.txt')
  await expect(world.jobs.outcomes.unmerge(job.id)).rejects.toThrow('not in the files')
  await world.jobs.outcomes.apply(job.id, undefined)
  await world.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
  expect(subjects(world, '--first-parent')).toEqual(['Merge it', 'first'])
  expect(world.bugs).toEqual([])
})

test('[RJOB-135] what came before and was not committed goes into one commit with what is new, and a person’s own stays theirs', async () => {
  const world = await open(files)
  begin(world)
  world.model.script = [
    { match: 'larger', steps: [[edit('a.txt', 'SIX', 'SIX!')], [say('Larger.')]] },
    ...script,
  ]
  const job = await done(world)
  const { outcomes } = world.jobs
  writeFileSync(join(world.workspace.root, 'a.txt'), before.replace('three', 'mine'))
  await outcomes.apply(job.id, undefined)
  await world.ask(await world.threads.get(job.threadId), 'larger please')
  await vi.waitFor(() => expect(world.jobs.run(job.id).job.state).toBe('done'))
  await outcomes.apply(job.id, undefined)
  await outcomes.commit(job.id, 'Merge it')
  expect(subjects(world)).toEqual(['Merge it', 'first'])
  const whole = after.replace('SIX', 'SIX!')
  expect(`${git(world, 'show', 'main:a.txt')}\n`).toBe(whole)
  expect(world.read('a.txt')).toBe(whole.replace('three', 'mine'))
  expect(world.bugs).toEqual([])
})

test('[RJOB-137] what came back is not discarded, and a late word that it is wanted again changes nothing', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  const { outcomes } = world.jobs
  await outcomes.apply(job.id, undefined)
  const { commit } = await outcomes.commit(job.id, 'Merge it')
  await outcomes.discard(job.id, false)
  await expect(outcomes.discard(job.id, true)).rejects.toThrow('take them back first')
  expect(world.jobs.run(job.id).job).toMatchObject({ outcome: 'applied', commit })
})

test('[RJOB-113] a merge somebody has built on, or that was pushed, is not taken back', async () => {
  const world = await open(files)
  begin(world)
  const job = await done(world)
  await world.jobs.outcomes.apply(job.id, undefined)
  await world.jobs.outcomes.commit(job.id, 'Merge it')
  const merged = git(world, 'rev-parse', 'main')
  git(world, 'commit', '-q', '--allow-empty', '-m', 'on top')
  await expect(world.jobs.outcomes.unmerge(job.id)).rejects.toThrow('more on top')
  git(world, 'reset', '-q', '--soft', merged)
  git(world, 'update-ref', 'refs/remotes/origin/main', merged)
  await expect(world.jobs.outcomes.unmerge(job.id)).rejects.toThrow('was pushed')
  expect([git(world, 'rev-parse', 'main'), world.read('a.txt')]).toEqual([merged, after])
  git(world, 'update-ref', '-d', 'refs/remotes/origin/main')
  await world.jobs.outcomes.unmerge(job.id)
  await world.documents.flush(world.workspace.id)
  expect([subjects(world), world.read('a.txt')]).toEqual([['first'], before])
})

test('[RJOB-135] a job that goes on after it was merged stays merged until it changes more; that comes, is committed and is taken back by itself', async () => {
  const world = await open({ ...files, 'c.txt': 'c\n' })
  begin(world)
  world.model.script = [
    { match: 'what did you do', steps: [[say('I made them large.')]] },
    { match: 'larger', steps: [[edit('a.txt', 'SIX', 'SIX!')], [edit('c.txt', 'c', 'C')], [say('Larger.')]] },
    { match: 'the task', steps: [[added], ...(script[0]?.steps ?? [])] },
  ]
  const job = await done(world)
  const { outcomes } = world.jobs
  await outcomes.apply(job.id, undefined)
  const { commit } = await outcomes.commit(job.id, 'Merge it')
  writeFileSync(join(world.workspace.root, 'new.txt'), 'new, and mine\n')
  const thread = await world.threads.get(job.threadId)
  const now = () => world.jobs.run(job.id).job
  await world.ask(thread, 'what did you do')
  await vi.waitFor(() => expect(now().state).toBe('done'))
  expect(now()).toMatchObject({ outcome: 'applied', commit })
  // A person took one of its changes out meanwhile: that stays out.
  const own = after.replace('ONE', 'one')
  writeFileSync(join(world.workspace.root, 'a.txt'), own)
  await world.ask(thread, 'larger please')
  await vi.waitFor(() => expect(now().state).toBe('done'))
  expect([now().outcome, now().commit]).toEqual([undefined, undefined])
  const { conflicts } = await outcomes.apply(job.id, undefined)
  await world.documents.flush(world.workspace.id)
  const both = own.replace('SIX', 'SIX!')
  expect([conflicts, world.read('a.txt'), world.read('c.txt')]).toEqual([[], both, 'C\n'])
  expect(world.read('new.txt')).toBe('new, and mine\n')
  await outcomes.commit(job.id, 'Merge the rest', { withOwn: true })
  expect(subjects(world)).toEqual(['Merge the rest', 'Merge it', 'first'])
  await outcomes.unmerge(job.id)
  await world.documents.flush(world.workspace.id)
  expect(subjects(world)).toEqual(['Merge it', 'first'])
  expect([world.read('a.txt'), world.read('c.txt')]).toEqual([own, 'c\n'])
  await outcomes.apply(job.id, undefined)
  await world.documents.flush(world.workspace.id)
  expect([world.read('a.txt'), world.read('c.txt')]).toEqual([both, 'C\n'])
  expect(world.bugs).toEqual([])
})

const points: readonly CrashPoint[] = [
  'commitNoted',
  'commitMade',
  'headMoved',
  'filesCommitted',
  'commitKept',
  'headBack',
  'commitTaken',
  'commitForgotten',
  'textTaken',
  'unmerged',
]

test.for(points)(
  '[RJOB-114] F03 a server that dies at %s of a merge that is taken back is followed by one that has done each once',
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
    const world = await createWorld(files, { store, crash })
    begin(world)
    const job = await done(world)
    await world.jobs.outcomes.apply(job.id, undefined)
    const story = async ({ jobs }: World) => {
      await jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
      await jobs.outcomes.unmerge(job.id)
    }
    await Promise.race([story(world), died.promise])
    const next = await world.restart(disk)
    const { commit, outcome } = next.jobs.run(job.id).job
    // Whoever had no answer asks again.
    if (outcome === 'applied') {
      if (commit === undefined && !point.endsWith('Taken') && !point.endsWith('Forgotten')) {
        await next.jobs.outcomes.commit(job.id, 'Merge it', { keepSteps: true })
        expect(subjects(next, '--first-parent')).toEqual(['Merge it', 'first'])
      }
      await next.jobs.outcomes.unmerge(job.id)
    }
    expect(subjects(next)).toEqual(['first'])
    await next.documents.flush(next.workspace.id)
    expect([next.read('a.txt'), git(next, 'status', '--porcelain')]).toEqual([before, ''])
    await next.jobs.outcomes.apply(job.id, undefined)
    await next.jobs.outcomes.commit(job.id, 'Again', { keepSteps: true })
    expect(subjects(next, '--first-parent')).toEqual(['Again', 'first'])
    expect(next.read('a.txt')).toBe(after)
    expect([...world.bugs, ...next.bugs]).toEqual([])
    await next.close()
  },
)
