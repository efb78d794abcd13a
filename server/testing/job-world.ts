import { afterEach } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import type { Job } from '../../core/protocol/job.ts'
import { createWorld, until, type World } from './world.ts'

type Options = Parameters<typeof createWorld>[1]

/** Opens worlds that are closed when the test is over. */
export function worldsOfTests() {
  const worlds: World[] = []
  afterEach(async () => {
    for (const world of worlds.splice(0).reverse()) await world.close()
  })
  return {
    async open(files: Readonly<Record<string, string>>, options: Options = {}): Promise<World> {
      const world = await createWorld(files, options)
      worlds.push(world)
      return world
    },
    /** The same data, seen by a server that starts now. */
    async restart(world: World): Promise<World> {
      const again = await world.restart()
      worlds.push(again)
      return again
    },
  }
}

/** What the model does, step by step. */
export const edit = (path: string, from: string, to: string): Step => ({
  type: 'customCall',
  name: 'apply_patch',
  text: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch`,
})
export const call = (name: string, args: object): Step => ({
  type: 'functionCall',
  name,
  text: JSON.stringify(args),
})
export const command = (line: string): Step => call('run_command', { command: line })
export const say = (text: string): Step => ({ type: 'text', text })
export const never: Step = { type: 'hold', until: new Promise<void>(() => undefined) }

export const handOff = ({ workspace }: World, task = 'the task') => ({
  workspaceId: workspace.id,
  task,
  conversation: false,
})

/** The job as it ended. */
export async function ended({ jobs }: World, { id }: Pick<Job, 'id'>): Promise<Job> {
  await until(() => jobs.run(id).job.settledAt !== undefined)
  return jobs.run(id).job
}
