import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Item } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import { command } from '../testing/job-world.ts'
import { createWorld, until, type World } from '../testing/world.ts'

let world: World | undefined
afterEach(() => world?.close())

test('[RJOB-40] what a command writes is told while it runs, also to who comes in the middle of it', async () => {
  world = await createWorld({ 'a.txt': 'a\n' }, { approvals: [{ action: 'allow', tool: 'run_command' }] })
  const { jobs, threads, workspace, jobFolder } = world
  const line = 'echo one; until [ -e go ]; do sleep 0.02; done; echo two'
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [{ type: 'functionCall', name: 'run_command', text: JSON.stringify({ command: line }) }],
        [{ type: 'text', text: 'Done.' }],
      ],
    },
  ]
  const job = await jobs.start({ workspaceId: workspace.id, task: 'the task', conversation: false })
  const runtime = await threads.get(job.threadId)
  const call = () =>
    runtime
      .state()
      .turns.flatMap((turn): Item[] => turn.items)
      .find((item) => item.type === 'toolCall')
  await until(() => call()?.output !== undefined && call()?.output !== '')
  expect(call()).toMatchObject({
    status: 'running',
    input: JSON.stringify({ command: line }),
    output: 'one\n',
  })
  expect(runtime.running()).toMatchObject([{ itemId: call()?.id, offset: 0, text: 'one\n' }])
  writeFileSync(join(jobFolder, workspace.id, job.id, 'tree', 'go'), '')
  await until(() => jobs.run(job.id).job.state === 'done')
  expect(call()?.output).toMatch(/^one\ntwo\n\[Exit 0 after/)
  expect(world.bugs).toEqual([])
})

test('[RJOB-84] a command that writes without end is ended, the model is told so, and what is kept of it is bounded', async () => {
  world = await createWorld({ 'a.txt': 'a\n' }, { approvals: [{ action: 'allow', tool: 'run_command' }] })
  const { jobs, threads, workspace } = world
  world.model.script = [
    { match: 'the task', steps: [[command('echo first; yes')], [{ type: 'text', text: 'Done.' }]] },
  ]
  const before = process.memoryUsage().rss
  const job = await jobs.start({ workspaceId: workspace.id, task: 'the task', conversation: false })
  await until(() => jobs.run(job.id).job.settledAt !== undefined)
  expect(jobs.run(job.id).job).toMatchObject({ state: 'done', files: [] })
  const items = (await threads.get(job.threadId)).state().turns.flatMap((turn): Item[] => turn.items)
  const call = items.find((item) => item.type === 'toolCall')
  expect(call).toMatchObject({
    status: 'failed',
    output: expect.stringMatching(/^first\n[\s\S]*left out[\s\S]*it wrote too much/),
  })
  expect(call?.type === 'toolCall' && call.output.length).toBeLessThan(2 * limits.commandOutputBytes)
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
  expect(world.bugs).toEqual([])
})
