import { afterEach, expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import type { Approval, ApprovalAnswer } from '../../core/protocol/approval.ts'
import type { Job } from '../../core/protocol/job.ts'
import { createUnsafeRunner } from '../sandbox/unsafe-runner.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { systemTimers } from '../timers.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

// As the sandbox as far as leave goes: it is not the boundary that is tried here.
const runner = { ...createUnsafeRunner({ timers: systemTimers }), kind: 'bwrap' as const }

async function handedOff(...lines: readonly string[]) {
  const world = await createWorld({ 'a.txt': 'a\n' }, { runner, store: createMemoryStore() })
  worlds.push(world)
  const calls = lines.map((command): Step[] => [
    { type: 'functionCall', name: 'run_command', text: JSON.stringify({ command }) },
  ])
  world.model.script = [{ match: 'the task', steps: [...calls, [{ type: 'text', text: 'Done.' }]] }]
  const { id } = await world.jobs.start({
    workspaceId: world.workspace.id,
    task: 'the task',
    conversation: false,
  })
  return { world, id }
}

async function question(world: World, id: Job['id'], than?: Approval): Promise<Approval> {
  const asked = () => {
    const { needs } = world.jobs.run(id).job
    return needs?.kind === 'approval' && needs.approval.id !== than?.id ? needs.approval : undefined
  }
  await until(() => asked() !== undefined)
  const approval = asked()
  if (!approval) throw new Error('nothing is asked')
  return approval
}

async function answer(world: World, id: Job['id'], asked: Approval, how: ApprovalAnswer): Promise<void> {
  const { approvals } = await world.threads.get(world.jobs.run(id).job.threadId)
  await approvals.answer(asked.id, asked.hash, how)
}

async function ended(world: World, id: Job['id']): Promise<Job> {
  await until(() => ['done', 'failed', 'stopped'].includes(world.jobs.run(id).job.state))
  return world.jobs.run(id).job
}

const paths = ({ files }: Job) => files.map(({ path }) => path)

test('[RAPPROVE-7] a job that wants to run a command needs input, shows the question in its place, and goes on when it is answered', async () => {
  const { world, id } = await handedOff('touch made', 'touch never')
  const first = await question(world, id)
  expect(first).toMatchObject({ command: 'touch made', place: 'copy', sandboxed: true })
  expect(first.folder).toContain(id)
  expect(world.jobs.run(id).job.state).toBe('needsInput')
  await answer(world, id, first, 'once')
  await answer(world, id, await question(world, id, first), 'deny')
  const job = await ended(world, id)
  expect(job.state).toBe('done')
  expect(job.needs).toBeUndefined()
  expect(paths(job)).toEqual(['made'])
})

test('[RAPPROVE-7] a server that starts anew asks what the one before had asked, and uses a yes that one did not come to use', async () => {
  const { world, id } = await handedOff('touch made')
  const first = await question(world, id)
  world.die()
  const next = await world.restart()
  worlds.push(next)
  const again = await question(next, id, first)
  expect(again).toMatchObject({ command: 'touch made', hash: first.hash })
  await expect(answer(next, id, first, 'once')).rejects.toThrow('nobody waits for it')
  await answer(next, id, again, 'once')
  expect(paths(await ended(next, id))).toEqual(['made'])
  worlds.splice(worlds.indexOf(world), 1)
})

test('[RAPPROVE-7] a job that waits for leave is stopped like any other, and nothing runs', async () => {
  const { world, id } = await handedOff('touch made')
  const asked = await question(world, id)
  await world.jobs.run(id).stop()
  expect(await ended(world, id)).toMatchObject({ state: 'stopped', files: [] })
  await expect(answer(world, id, asked, 'once')).rejects.toThrow('nobody waits for it')
})

test('[RAPPROVE-8] a yes to whatever a job runs holds for that job alone', async () => {
  const { world, id } = await handedOff('touch one', 'touch two; touch $(echo three)')
  const asked = await question(world, id)
  expect(asked.offered).toEqual(['once', 'thread', 'always', 'all', 'deny'])
  await answer(world, id, asked, 'all')
  expect(paths(await ended(world, id))).toEqual(['one', 'three', 'two'])
  const other = await world.jobs.start({
    workspaceId: world.workspace.id,
    task: 'the task',
    conversation: false,
  })
  await question(world, other.id)
})
