import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { textOf } from '../../core/document/document-text.ts'
import { command, edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { until, type World } from '../testing/world.ts'

const { open, restart } = worldsOfTests()

const plan = (...steps: readonly (readonly [string, boolean])[]): Step => ({
  type: 'functionCall',
  name: 'update_plan',
  text: JSON.stringify({ steps: steps.map(([text, done]) => ({ text, done })) }),
})

const files = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n', 'b.txt': 'b\n' }

test('[RJOB-1] a job works in its own copy, tells its plan and its changes, and leaves the files people see alone', async () => {
  const world = await open(files)
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [plan(['change', false], ['look', false])],
        [edit('a.txt', 'six', 'SIX')],
        [plan(['change', true], ['look', true])],
        [say('It is done.')],
      ],
    },
  ]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  expect(world.bugs).toEqual([])
  expect(job).toMatchObject({
    state: 'done',
    title: 'the task',
    answer: 'It is done.',
    plan: [
      { text: 'change', done: true },
      { text: 'look', done: true },
    ],
    files: [{ path: 'a.txt', kind: 'update', added: 1, removed: 1 }],
    used: { steps: 4 },
  })
  expect(world.read('a.txt')).toBe(files['a.txt'])
  expect(await world.jobs.patch(job.id)).toContain('+SIX')
})

test('[RJOB-2] its changes come back as unreviewed hunks beside what people wrote meanwhile, and undo takes them out', async () => {
  const world = await open(files)
  world.model.script = [{ match: 'the task', steps: [[edit('a.txt', 'six', 'SIX')], [say('Done.')]] }]
  const thread = await world.newThread()
  const originId = thread.state().id
  const job = await ended(world, await world.jobs.start({ ...handOff(world), originId }))
  writeFileSync(join(world.workspace.root, 'a.txt'), `zero\n${files['a.txt']}`)
  const applied = await world.jobs.outcomes.apply(job.id, undefined)
  expect(applied).toMatchObject({ outcome: 'applied', originId, conflicts: [] })
  const mine = files['a.txt'].replace('six', 'SIX')
  expect(world.read('a.txt')).toBe(`zero\n${mine}`)
  const turn = thread.state().turns.at(-1)
  const change = turn?.items.find((item) => item.type === 'fileChange')
  expect(change?.type === 'fileChange' && change.files[0]?.hunks).toMatchObject([
    { status: 'written', startLine: 7 },
  ])
  if (turn) await thread.reverts.revert(turn.id, 'undo')
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe(`zero\n${files['a.txt']}`)
  expect(world.bugs).toEqual([])
})

test('[RJOB-3] where people wrote too nothing is changed, and both sides are shown', async () => {
  const world = await open(files)
  world.model.script = [
    { match: 'the task', steps: [[edit('a.txt', 'six', 'SIX'), edit('b.txt', 'b', 'B')], [say('Done.')]] },
  ]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  const mine = files['a.txt'].replace('six', 'mine')
  writeFileSync(join(world.workspace.root, 'a.txt'), mine)
  const applied = await world.jobs.outcomes.apply(job.id, undefined)
  expect(applied.conflicts).toEqual([
    { path: 'a.txt', startLine: 6, base: 'six', ours: 'mine', theirs: 'SIX' },
  ])
  expect(world.read('a.txt')).toBe(mine)
  expect(world.read('b.txt')).toBe('B\n')
  const place = { path: 'a.txt', startLine: 6 }
  expect((await world.jobs.outcomes.resolve(job.id, place, 'theirs')).conflicts).toEqual([])
  expect(world.read('a.txt')).toBe(files['a.txt'].replace('six', 'SIX'))
  const again = await world.jobs.outcomes.resolve(job.id, place, 'theirs')
  expect(again.decided).toHaveLength(1)
  const elsewhere = world.jobs.outcomes.resolve(job.id, { ...place, startLine: 99 }, 'theirs')
  await expect(elsewhere).rejects.toThrow('no such conflict')
})

test('[LEDGER-20] a job’s changes come back whole however people type while they do', async () => {
  const type = async () => {
    const opened = await world.documents.open(world.workspace.id, 'a.txt')
    if (opened.ok) textOf(opened.value.doc).insert(1, 'X')
  }
  const world: World = await open(files, {
    crash: async (at: string) => (at === 'returning' ? type() : undefined),
  })
  world.model.script = [{ match: 'the task', steps: [[edit('a.txt', 'six', 'SIX')], [say('Done.')]] }]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  expect((await world.jobs.outcomes.apply(job.id, undefined)).conflicts).toEqual([])
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe(files['a.txt'].replace('one', 'oXne').replace('six', 'SIX'))
})

test('[LEDGER-21] a job that is handed off while another ends waits until it is in the ledger', async () => {
  const held = Promise.withResolvers<void>()
  let threads = 0
  const world = await open(files, {
    crash: async (at: string) => (at === 'threadMade' && ++threads === 2 ? held.promise : undefined),
  })
  world.model.script = [{ match: 'the task', steps: [say('Done.')] }]
  const first = await world.jobs.start(handOff(world))
  const second = world.jobs.start(handOff(world))
  await ended(world, first)
  expect(world.jobs.list(world.workspace.id).map(({ id }) => id)).toEqual([first.id])
  held.resolve()
  expect((await ended(world, await second)).state).toBe('done')
  expect(world.bugs).toEqual([])
})

test('[LEDGER-22] a commit that was made by a server which died before it could note that is not made again', async () => {
  let dies = true
  const world = await open(files, {
    crash: async (at: string) => {
      if (at === 'filesCommitted' && dies) throw new Error('died')
    },
  })
  git(world, 'init', '-q')
  git(world, 'add', '-A')
  git(world, 'commit', '-q', '-m', 'first')
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  await world.jobs.outcomes.apply(job.id, undefined)
  await expect(world.jobs.outcomes.commit(job.id, 'Bring it in')).rejects.toThrow('died')
  dies = false
  writeFileSync(join(world.workspace.root, 'b.txt'), 'B and more\n')
  const { commit } = await world.jobs.outcomes.commit(job.id, 'Bring it in')
  expect(git(world, 'log', '--format=%s').trim().split('\n')).toEqual(['Bring it in', 'first'])
  expect(commit).toBe(git(world, 'rev-parse', 'HEAD').trim())
})

function git({ workspace }: World, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b']
  return execFileSync('git', [...who, ...args], { cwd: workspace.root, encoding: 'utf8' })
}

test('[RJOB-86] what came back is one commit of what people kept of it, whatever steps it took; the branch has each step and merges as it is', async () => {
  const world = await open(files)
  git(world, 'init', '-q', '-b', 'main')
  git(world, 'add', '-A')
  git(world, 'commit', '-q', '-m', 'first')
  const steps = [[edit('a.txt', 'one', 'ONE')], [edit('a.txt', 'six', 'SIX')], [say('Both are large.')]]
  world.model.script = [{ match: 'the task', steps }]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  const applied = await world.jobs.outcomes.apply(job.id, undefined)
  const thread = await world.threads.get(applied.originId ?? fail())
  const items = thread.state().turns.flatMap((turn) => turn.items)
  const change = items.find((item) => item.type === 'fileChange')
  const hunks = change?.type === 'fileChange' ? (change.files[0]?.hunks ?? []) : []
  expect(hunks).toHaveLength(2)
  await thread.reverts.undo([hunks[1]?.id ?? fail()])
  await world.jobs.outcomes.commit(job.id, 'Bring it in')
  const picked = (files['a.txt'] ?? '').replace('one', 'ONE')
  expect(git(world, 'log', '--format=%s', 'main').trim().split('\n')).toEqual(['Bring it in', 'first'])
  expect([git(world, 'show', 'main:a.txt'), world.read('a.txt')]).toEqual([picked, picked])
  expect(git(world, 'status', '--porcelain')).toBe('')
  const branch = job.branch ?? fail()
  expect(git(world, 'log', '--format=%s', branch).trim().split('\n')).toEqual(['Step 2', 'Step 1', 'first'])
  // Whoever wants the steps too merges the branch.
  git(world, 'checkout', '-q', '-b', 'merged', 'main~1')
  git(world, 'merge', '-q', '--no-edit', '--no-ff', branch)
  expect(git(world, 'show', 'merged:a.txt')).toBe(picked.replace('six', 'SIX'))
})

test('[RJOB-7] a job runs commands in its copy: the model is told what they wrote and how they ended, and what they changed is committed', async () => {
  const world = await open(files, { approvals: [{ action: 'allow', tool: 'run_command' }] })
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [command('pwd; echo made > made.txt; cat b.txt')],
        [command('echo wrong >&2; exit 3')],
        [say('Done.')],
      ],
    },
  ]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  expect(job.files).toEqual([{ path: 'made.txt', kind: 'add', added: 1, removed: 0 }])
  const items = (await world.threads.get(job.threadId)).state().turns.flatMap((turn) => turn.items)
  const calls = items.flatMap((item) => (item.type === 'toolCall' ? [item] : []))
  expect(calls).toMatchObject([
    { status: 'completed', output: expect.stringMatching(/\/tree\nb\n\[Exit 0 after/) },
    { status: 'failed', output: expect.stringMatching(/^wrong\n\[Exit 3 after/) },
  ])
  expect(world.read('b.txt')).toBe('b\n')
})

test('[RJOB-4] a job that is discarded leaves no copy, and can be wanted again', async () => {
  const world = await open(files)
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  const copy = join(world.jobFolder, world.workspace.id, job.id)
  expect(existsSync(copy)).toBe(true)
  await world.jobs.outcomes.discard(job.id, true)
  expect(existsSync(copy)).toBe(false)
  expect(world.jobs.run(job.id).job.outcome).toBe('discarded')
  await world.jobs.outcomes.discard(job.id, false)
  await world.jobs.outcomes.apply(job.id, undefined)
  expect(world.read('b.txt')).toBe('B\n')
})

test('[RJOB-8] a job is removed when nothing of it is undecided, and is gone after a restart', async () => {
  const world = await open(files)
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  const job = await ended(world, await world.jobs.start(handOff(world)))
  await expect(world.jobs.remove(job.id)).rejects.toThrow('Apply or discard')
  const thread = await world.threads.get(job.threadId)
  const [turn] = thread.state().turns
  expect(() => thread.rewind(turn?.id ?? fail(), 'both')).toThrow('as a whole')
  await world.jobs.outcomes.discard(job.id, true)
  await world.jobs.remove(job.id)
  expect(world.jobs.list(world.workspace.id)).toEqual([])
  const again = await restart(world)
  expect(again.jobs.list(again.workspace.id)).toEqual([])
})

function fail(): never {
  throw new Error('the turn is gone')
}

test('[RJOB-5] a job that has spent its budget asks, and goes on when it is given more', async () => {
  const world = await open(files)
  world.model.script = [{ match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  const { id } = await world.jobs.start({ ...handOff(world), budget: { steps: 1 } })
  await until(() => world.jobs.run(id).job.state === 'needsInput')
  const { needs, budget } = world.jobs.run(id).job
  expect(needs).toEqual({ kind: 'budget', spent: 'steps' })
  await world.jobs.run(id).waits.extend({ ...budget, steps: 5 })
  await until(() => world.jobs.run(id).job.state === 'done')
  expect(world.jobs.run(id).job.needs).toBeUndefined()
})

test('[RJOB-6] a job knows what was said in the thread it is handed off from, and a stopped one goes on where it stood', async () => {
  const world = await open(files)
  const never = new Promise<void>(() => undefined)
  world.model.script = [
    { match: 'remember the word', steps: [say('I remember: marmalade.')] },
    { match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [{ type: 'hold', until: never }]] },
  ]
  const thread = await world.newThread()
  await world.ask(thread, 'remember the word')
  const { id } = await world.jobs.start({
    ...handOff(world),
    originId: thread.state().id,
    conversation: true,
  })
  await until(() => world.jobs.run(id).job.files.length === 1)
  expect(JSON.stringify(world.model.requests.at(-1)?.body)).toContain('the task')
  expect(world.model.requests.some(({ body }) => JSON.stringify(body).includes('marmalade'))).toBe(true)
  await world.jobs.run(id).stop()
  await until(() => world.jobs.run(id).job.state === 'stopped')
  world.model.script = [{ match: 'the task', steps: [say('Went on.')] }]
  await world.jobs.retry(id)
  await until(() => world.jobs.run(id).job.state === 'done')
  expect(world.jobs.run(id).job).toMatchObject({ answer: 'Went on.', files: [{ path: 'b.txt' }] })
})
