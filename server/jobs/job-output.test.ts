import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Item } from '../../core/protocol/item.ts'
import { createWorld, until, type World } from '../testing/world.ts'

let world: World | undefined
afterEach(() => world?.close())

test('[RJOB-40] what a command writes is told while it runs, also to who comes in the middle of it', async () => {
  world = await createWorld({ 'a.txt': 'a\n' }, { approvals: [{ action: 'allow', tool: 'run_command' }] })
  const { jobs, threads, workspace, jobFolder } = world
  const command = 'echo one; until [ -e go ]; do sleep 0.02; done; echo two'
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [{ type: 'functionCall', name: 'run_command', text: JSON.stringify({ command }) }],
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
  expect(call()).toMatchObject({ status: 'running', input: JSON.stringify({ command }), output: 'one\n' })
  expect(runtime.running()).toMatchObject([{ itemId: call()?.id, offset: 0, text: 'one\n' }])
  writeFileSync(join(jobFolder, workspace.id, job.id, 'tree', 'go'), '')
  await until(() => jobs.run(job.id).job.state === 'done')
  expect(call()?.output).toMatch(/^one\ntwo\n\[Exit 0 after/)
  expect(world.bugs).toEqual([])
})
