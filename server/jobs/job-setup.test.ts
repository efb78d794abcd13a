import { afterEach, expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function run(setup: string, configured?: string): Promise<World & { readonly id: string }> {
  const own = setup === '' ? {} : { '.tandem/setup': setup }
  const files = { 'a.txt': 'a\n', '.gitignore': 'deps/\n', ...own }
  const allowed = { action: 'allow', tool: 'run_command' } as const
  const world = await createWorld(files, { approvals: [allowed], setup: configured })
  worlds.push(world)
  const call: Step = {
    type: 'functionCall',
    name: 'run_command',
    text: JSON.stringify({ command: 'cat deps/made; cat a.txt' }),
  }
  world.model.script = [{ match: 'the task', steps: [[call], [{ type: 'text', text: 'Done.' }]] }]
  const { id } = await world.jobs.start({
    workspaceId: world.workspace.id,
    task: 'the task',
    conversation: false,
  })
  await until(() => world.jobs.run(id).job.settledAt !== undefined)
  return { ...world, id }
}

test('[WORKTREE-30] the setup script of a workspace runs once in a new copy: what git ignores of it stays, the rest is nobody’s work', async () => {
  const world = await run('#!/bin/sh\nmkdir -p deps && echo made >> deps/made\necho b > a.txt\n')
  const [job] = world.jobs.list(world.workspace.id)
  expect(job).toMatchObject({ state: 'done', files: [] })
  const items = (await world.threads.get(job?.threadId ?? fail())).state().turns.flatMap((turn) => turn.items)
  expect(items.find((item) => item.type === 'toolCall')).toMatchObject({
    output: expect.stringMatching(/^made\na\n\[Exit 0/),
  })
  expect(world.read('a.txt')).toBe('a\n')
})

test('[WORKTREE-31] a job whose setup script fails has failed before a model was asked, says what the script said, and can be tried again', async () => {
  const world = await run('echo no such compiler >&2; exit 2')
  const [job] = world.jobs.list(world.workspace.id)
  expect(job).toMatchObject({
    state: 'failed',
    problem: expect.stringMatching(/no such compiler[\s\S]*Exit 2/),
  })
  expect(world.model.requests.filter(({ kind }) => kind !== 'models')).toEqual([])
  expect(world.bugs).toEqual([])
  await world.jobs.retry(job?.id ?? fail())
  await until(() => world.jobs.run(job?.id ?? fail()).job.state === 'failed')
})

test('[RJOB-82] the setup script of the configuration is run where the workspace has none', async () => {
  const outputs = async (world: World) => {
    const [job] = world.jobs.list(world.workspace.id)
    const { turns } = (await world.threads.get(job?.threadId ?? fail())).state()
    return turns.flatMap(({ items }) => items).find((item) => item.type === 'toolCall')
  }
  const configured = 'mkdir -p deps && echo configured > deps/made'
  expect(await outputs(await run('', configured))).toMatchObject({
    output: expect.stringMatching(/^configured\n/),
  })
  const own = 'mkdir -p deps && echo own > deps/made'
  expect(await outputs(await run(own, configured))).toMatchObject({ output: expect.stringMatching(/^own\n/) })
})

function fail(): never {
  throw new Error('the job is gone')
}
