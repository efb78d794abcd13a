import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command, edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { until, type World } from '../testing/world.ts'

const { open } = worldsOfTests()
const approvals = [{ action: 'allow', tool: 'run_command' } as const]

test('[QUOTA-1] a job whose copy takes more of the disk than it may asks before its next step, and goes on when it is given more', async () => {
  const world = await open({ 'b.txt': 'b\n' }, { approvals })
  const fills = command('head -c 3000000 /dev/zero > big.bin')
  world.model.script = [{ match: 'the task', steps: [[fills], [edit('b.txt', 'b', 'B')], [say('Done.')]] }]
  const { id } = await world.jobs.start({ ...handOff(world), budget: { diskMb: 2 } })
  await until(() => world.jobs.run(id).job.state === 'needsInput')
  const { needs, used, budget, files } = world.jobs.run(id).job
  expect([needs, files.map(({ path }) => path)]).toEqual([{ kind: 'budget', spent: 'disk' }, ['big.bin']])
  expect(used.diskMb).toBeGreaterThanOrEqual(2)
  await world.jobs.run(id).waits.extend({ ...budget, diskMb: 100 })
  expect((await ended(world, { id })).state).toBe('done')
})

test('[QUOTA-2] a command that fills the disk is stopped while it runs, and the job asks', async () => {
  const world = await open({ 'b.txt': 'b\n' }, { approvals })
  const fills = command('head -c 3000000 /dev/zero > big.bin; sleep 60')
  world.model.script = [{ match: 'the task', steps: [[fills], [say('Done.')]] }]
  const { id } = await world.jobs.start({ ...handOff(world), budget: { diskMb: 2 } })
  await until(() => world.jobs.run(id).job.state === 'needsInput')
  expect(world.jobs.run(id).job.needs).toEqual({ kind: 'budget', spent: 'disk' })
  const { turns } = (await world.threads.get(world.jobs.run(id).job.threadId)).state()
  const call = turns.flatMap(({ items }) => items).find((item) => item.type === 'toolCall')
  expect(call?.type === 'toolCall' && call.output).toContain('no more room on disk')
}, 20_000)

function git(cwd: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b']
  return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8' }).trim()
}

/** Makes all objects as old as if nobody had touched them for long. */
function age(gitDir: string): void {
  const objects = join(gitDir, 'objects')
  for (const folder of readdirSync(objects).filter((name) => name.length === 2)) {
    for (const name of readdirSync(join(objects, folder))) utimesSync(join(objects, folder, name), 1, 1)
  }
}

test('[QUOTA-3] what no job needs any more is removed, and never what is undecided, also when the person’s repository loses it', async () => {
  const world: World = await open({ 'b.txt': 'b\n' })
  const { root } = world.workspace
  git(root, 'init', '-q', '-b', 'main')
  git(root, 'add', '-A')
  git(root, 'commit', '-q', '-m', 'first')
  world.model.script = [
    { match: 'the task too', steps: [[edit('b.txt', 'b', 'nobody wants this')], [say('Done.')]] },
    { match: 'the task', steps: [[edit('b.txt', 'b', 'B')], [say('Done.')]] },
  ]
  const kept = await ended(world, await world.jobs.start(handOff(world)))
  const gone = await ended(world, await world.jobs.start({ ...handOff(world), task: 'the task too' }))
  const heads = [kept, gone].map(({ id }) => world.jobs.run(id).record.head)
  const gitDir = join(world.jobFolder, world.workspace.id, 'repository')
  const has = (commit: string) => existsSync(join(gitDir, 'objects', commit.slice(0, 2), commit.slice(2)))
  await world.jobs.outcomes.discard(gone.id, true)
  age(gitDir)
  // It may be wanted again.
  await world.jobs.copies.collect()
  expect(heads.map(has)).toEqual([true, true])
  await world.jobs.remove(gone.id)
  // The branch of the other is published; then somebody deletes it there.
  git(root, 'branch', '-q', '-D', kept.branch ?? '', gone.branch ?? '')
  git(root, 'reflog', 'expire', '--expire=now', '--all')
  git(root, 'gc', '-q', '--prune=now')
  expect(await world.jobs.copies.collect()).toBeGreaterThan(0)
  expect(heads.map(has)).toEqual([true, false])
  await world.jobs.outcomes.apply(kept.id, undefined)
  expect(world.read('b.txt')).toBe('B\n')
  // What is young may be on its way to be needed.
  const young = git(gitDir, 'hash-object', '-w', '--stdin', '--literally', '-t', 'blob', '--no-filters')
  expect(await world.jobs.copies.collect()).toBe(0)
  expect(has(young)).toBe(true)
  expect(world.bugs).toEqual([])
})
