import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Job } from '../../core/protocol/job.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { call, edit, say } from '../testing/job-world.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { CrashPoint } from './crash-points.ts'

const files = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' }
const script = [
  {
    match: 'the task',
    steps: [
      [call('spawn', { task: 'first part' }), call('spawn', { task: 'second part' })],
      [edit('c.txt', 'c', 'C')],
      [call('wait', {})],
      [say('Done.')],
    ],
  },
  { match: 'first part', steps: [[edit('a.txt', 'a', 'A')], [edit('a.txt', 'A', 'AA')], [say('First.')]] },
  { match: 'second part', steps: [[edit('b.txt', 'b', 'B')], [say('Second.')]] },
]

/** Runs it with a server that dies the `nth` time any of the three comes to the point, and then one that lives. */
async function survive(
  point: CrashPoint,
  nth: number,
): Promise<{ readonly world: World; readonly kills: number }> {
  const disk = createMemoryStore()
  const { store, die } = mortal(disk)
  const died = Promise.withResolvers<World | undefined>()
  let seen = 0
  let kills = 0
  const crash = async (at: CrashPoint) => {
    if (at !== point || ++seen !== nth) return
    kills++
    world.die()
    died.resolve(undefined)
    await die()
  }
  const world = await createWorld(files, { store, crash })
  world.model.script = script
  const { id } = await world.jobs.start({
    workspaceId: world.workspace.id,
    task: 'the task',
    conversation: false,
  })
  const done = (of: World) => until(() => of.jobs.run(id).job.settledAt !== undefined).then(() => of)
  const survivor = await Promise.race([done(world), died.promise])
  if (survivor) return { world: survivor, kills }
  const next = await world.restart(disk)
  return { world: await done(next), kills }
}

function commits({ jobFolder, workspace, jobs }: World, { id }: Job): readonly string[] {
  const { base, head } = jobs.run(id).record
  const gitDir = join(jobFolder, workspace.id, 'repository')
  const options = { encoding: 'utf8' } as const
  const out = execFileSync('git', ['--git-dir', gitDir, 'log', '--format=%s', `${base}..${head}`], options)
  return out.trim().split('\n').reverse()
}

const often: readonly CrashPoint[] = [
  'claimed',
  'checkedOut',
  'intended',
  'answered',
  'acted',
  'received',
  'settled',
]
/** Those every job comes to, and what is done for agents. */
const points: readonly CrashPoint[] = [
  'claimed',
  'based',
  'checkedOut',
  'intended',
  'answered',
  'acted',
  'treeWritten',
  'received',
  'settled',
  'published',
  'spawned',
  'merged',
]
const cases = points.flatMap((point) => (often.includes(point) ? [2, 3] : [1]).map((nth) => ({ point, nth })))

test.for(cases)(
  '[AGENT-10] a server that dies at $point ($nth) while agents run is followed by one that takes over each agent once',
  { timeout: 20_000 },
  async ({ point, nth }) => {
    const { world, kills } = await survive(point, nth)
    expect(kills).toBe(1)
    const all = world.jobs.list(world.workspace.id)
    const [root] = all.filter(({ parentId }) => parentId === undefined)
    expect(root).toMatchObject({ state: 'done', answer: 'Done.', used: { steps: 4 } })
    const agents = all.filter(({ parentId }) => parentId !== undefined)
    expect(agents.map(({ title, state, outcome }) => `${title}: ${state}, ${outcome}`).toSorted()).toEqual([
      'first part: done, merged',
      'second part: done, merged',
    ])
    expect(root && commits(world, root)).toEqual(['Step 2', 'Step 3'])
    const first = agents.find(({ title }) => title === 'first part')
    expect(first && commits(world, first)).toEqual(['Step 1', 'Step 2'])
    const calls = world.model.requests.filter(({ kind }) => kind !== 'models').length
    // All three are asked once more at most: they ran at the same time.
    expect(calls).toBeLessThanOrEqual(9 + 3)
    await world.jobs.outcomes.apply(root?.id ?? never(), undefined)
    expect(['a.txt', 'b.txt', 'c.txt'].map(world.read)).toEqual(['AA\n', 'B\n', 'C\n'])
    expect(world.bugs).toEqual([])
    await world.close()
  },
)

function never(): never {
  throw new Error('there is no job')
}
