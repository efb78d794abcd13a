import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createWorld, type World } from '../testing/world.ts'

let world: World
afterEach(async () => {
  expect(world.bugs).toEqual([])
  await world.close()
})

const patches = {
  drop: '*** Delete File: b.txt',
  move: '*** Update File: b.txt\n*** Move to: c.txt\n@@\n-green\n+GREEN',
}
const made = {
  'written by another program': (root: string) => writeFileSync(join(root, 'b.txt'), 'one\ntwo\n'),
  'renamed by another program': (root: string) => renameSync(join(root, 'a.txt'), join(root, 'b.txt')),
  'renamed in the tree': () => world.documents.rename(world.workspace.id, 'a.txt', 'b.txt'),
}
const cases = Object.keys(patches).flatMap((gone) => Object.keys(made).map((how) => [gone, how] as const))

test.each(cases)(
  '[DISK-60] after the model’s %s of a file another one %s there is read and kept as it is',
  async (gone, how) => {
    world = await createWorld({ 'a.txt': 'one\ntwo\n', 'b.txt': 'red\ngreen\n' })
    const text = `*** Begin Patch\n${patches[gone as keyof typeof patches]}\n*** End Patch\n`
    world.model.script = [
      {
        match: /./,
        steps: [[{ type: 'customCall', name: 'apply_patch', text }], [{ type: 'text', text: 'Done.' }]],
      },
    ]
    const thread = await world.newThread()
    await world.ask(thread, 'go')
    await made[how as keyof typeof made](world.workspace.root)
    const { id } = world.workspace
    // Once the disk was looked at.
    await expect.poll(() => world.documents.readText(id, 'b.txt')).toBe('one\ntwo\n')
    expect((await world.documents.open(id, 'b.txt')).ok).toBe(true)
    await world.documents.flush(id)
    expect(world.read('b.txt')).toBe('one\ntwo\n')
  },
)
