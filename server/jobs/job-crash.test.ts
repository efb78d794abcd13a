import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { mortal } from '../testing/mortal-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { CrashPoint } from './crash-points.ts'

const append = (n: number): Step => ({
  type: 'customCall',
  name: 'apply_patch',
  text: `*** Begin Patch\n*** Update File: log.txt\n@@\n ${n - 1}\n+${n}\n*** End Patch`,
})
const steps = 4
const script = [
  {
    match: 'count',
    steps: [
      ...Array.from({ length: steps - 1 }, (_, index) => [append(index + 1)]),
      [{ type: 'text', text: 'Counted.' } as const],
    ],
  },
]
const whole = `${Array.from({ length: steps }, (_, index) => index).join('\n')}\n`

interface Run {
  readonly world: World
  readonly kills: number
}

/** Runs the job with a server that dies the `nth` time it comes to the point, and then others that live. */
async function survive(point: CrashPoint, nth: number, deaths = 1): Promise<Run> {
  const disk = createMemoryStore()
  let kills = 0
  const life = () => {
    const { store, die } = mortal(disk)
    const died = Promise.withResolvers<void>()
    let seen = 0
    const crash = async (at: CrashPoint) => {
      if (at !== point || ++seen !== nth || kills >= deaths) return
      kills++
      died.resolve()
      await die()
    }
    return { store, crash, died: died.promise }
  }
  const first = life()
  let world = await createWorld({ 'log.txt': '0\n' }, { store: first.store, crash: first.crash })
  world.model.script = script
  const handOff = { workspaceId: world.workspace.id, task: 'count', conversation: false }
  const { id } = await world.jobs.start(handOff)
  let { died } = first
  for (;;) {
    const current = world
    const settled = until(() => current.jobs.run(id).job.settledAt !== undefined).then(
      () => 'settled' as const,
    )
    if ((await Promise.race([settled, died.then(() => 'dead' as const)])) === 'settled')
      return { world, kills }
    const next = life()
    died = next.died
    world = await world.restart(next.store, next.crash)
  }
}

function commits({ jobs, workspace, folder }: World & { readonly folder: string }): readonly string[] {
  const [run] = jobs.list(workspace.id).map(({ id }) => jobs.run(id))
  const { base = '', head = '' } = run?.record ?? {}
  const gitDir = join(folder, workspace.id, 'repository')
  const out = execFileSync('git', ['--git-dir', gitDir, 'log', '--format=%s', `${base}..${head}`], {
    encoding: 'utf8',
  })
  return out.trim().split('\n').reverse()
}

/** Those every job comes to. */
const once = [
  'claimed',
  'snapshotTaken',
  'based',
  'treeMade',
  'checkedOut',
  'running',
  'turnStarted',
] as const
const last = ['settled', 'published', 'ended'] as const
const repeated: readonly CrashPoint[] = ['intended', 'heard', 'answered', 'acted', 'treeWritten', 'received']
const cases = [...once, ...repeated, ...last].flatMap((point) =>
  (repeated.includes(point) ? [1, 2] : [1]).map((nth) => ({ point, nth })),
)

test.for(cases)(
  '[LEDGER-5] F03 a server that dies at $point ($nth) is followed by one that does each step once',
  { timeout: 20_000 },
  async ({ point, nth }) => {
    const { world, kills } = await survive(point, nth)
    const [job] = world.jobs.list(world.workspace.id)
    expect(job).toMatchObject({ state: 'done', answer: 'Counted.', used: { steps } })
    expect(commits({ ...world, folder: world.jobFolder })).toEqual(['Step 1', 'Step 2', 'Step 3'])
    const { head = '' } = world.jobs.run(job?.id ?? never()).record
    expect(await world.jobs.patch(job?.id ?? never())).toContain('+3')
    expect(head).not.toBe('')
    const calls = world.model.requests.filter(({ kind }) => kind !== 'models').length
    expect(kills).toBe(1)
    expect(calls).toBeLessThanOrEqual(steps + kills)
    const thread = (await world.threads.get(job?.threadId ?? never())).state()
    const said = thread.turns.flatMap(({ items }) => items).map(({ type }) => type)
    expect(said).toEqual(['userMessage', 'fileChange', 'fileChange', 'fileChange', 'agentMessage'])
    await world.jobs.outcomes.apply(job?.id ?? never(), undefined)
    expect(world.read('log.txt')).toBe(whole)
    expect(world.bugs).toEqual([])
    await world.close()
  },
)

test('[LEDGER-6] F35 a step whose server dies three times is parked with its reason, and a person can have it tried again', async () => {
  const { world } = await survive('acted', 1, 3)
  const [job] = world.jobs.list(world.workspace.id)
  expect(job).toMatchObject({ state: 'failed', parked: true, problem: expect.stringContaining('Step 1') })
  await world.jobs.retry(job?.id ?? never())
  await until(() => world.jobs.list(world.workspace.id)[0]?.state === 'done')
  expect(world.jobs.list(world.workspace.id)[0]).toMatchObject({ used: { steps }, answer: 'Counted.' })
  await world.close()
})

test('[RJOB-89] a server that starts knows when the jobs it found are at their next step', async () => {
  const disk = createMemoryStore()
  const { store, die } = mortal(disk)
  const died = Promise.withResolvers<void>()
  let seen = 0
  const crash = async (at: CrashPoint) => {
    if (at !== 'intended' || ++seen !== 2) return
    died.resolve()
    await die()
  }
  const world = await createWorld({ 'log.txt': '0\n' }, { store, crash })
  world.model.script = script
  await world.jobs.start({ workspaceId: world.workspace.id, task: 'count', conversation: false })
  await died.promise
  const held = Promise.withResolvers<void>()
  const claimed = Promise.withResolvers<void>()
  const moments: string[] = []
  const again = await world.restart(disk, async (at) => {
    moments.push(at)
    if (at !== 'claimed') return
    claimed.resolve()
    await held.promise
  })
  const resumed = again.resumed.then(() => moments.push('resumed'))
  await claimed.promise
  await again.stored()
  expect(moments).not.toContain('resumed')
  held.resolve()
  await resumed
  expect(moments.slice(0, moments.indexOf('resumed'))).toContain('intended')
  await until(() => again.jobs.list(again.workspace.id)[0]?.state === 'done')
  await again.close()
})

function never(): never {
  throw new Error('there is no job')
}
