import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemTimers } from '../timers.ts'
import { createBwrapRunner } from './bwrap-runner.ts'
import { createGroup, findGroupParent } from './command-group.ts'
import { ran } from './runner.contract.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'tandem-group-'))

/** A tree as cgroup v2 shows it; plain files stand for the kernel's. */
function tree(control: string, path = '/user/app/server.scope') {
  const root = newFolder()
  mkdirSync(join(root, 'user/app/server.scope'), { recursive: true })
  writeFileSync(join(root, 'user/app/cgroup.subtree_control'), control)
  writeFileSync(join(root, 'user/app/cgroup.procs'), '')
  const own = join(root, 'own')
  writeFileSync(own, `1:name=systemd:/x\n0::${path}\n`)
  return { root, own, parent: join(root, 'user/app') }
}

test('[SANDBOX-66] a group is made beside the server’s own where memory and processes can be bounded, and nowhere else', () => {
  const { root, own, parent } = tree('cpu memory pids\n')
  expect(findGroupParent({ root, own })).toBe(parent)
  expect(findGroupParent(tree('cpu pids\n'))).toBeUndefined()
  expect(findGroupParent(tree('cpu memory pids\n', '/'))).toBeUndefined()
  expect(findGroupParent({ root: newFolder(), own })).toBeUndefined()
  expect(findGroupParent({ root, own: '/no/such' })).toBeUndefined()
  expect(createGroup('/no/such', 'x', { memoryBytes: 1, processes: 1 })).toBeUndefined()
})

test('[SANDBOX-66] D13 the first process of a command is in its group, with its bounds, before the command begins; what the kernel ended for memory is named', async () => {
  const { parent } = tree('memory pids\n')
  const own = { timers: systemTimers, ownFolder: newFolder(), hidden: [], groupParent: parent }
  const folder = newFolder()
  const limits = { memoryBytes: 2 ** 28, processes: 70 }
  expect((await ran(createBwrapRunner(own), { command: 'echo begun', folder, limits })).stdout).toBe(
    'begun\n',
  )
  const names = readdirSync(parent).filter((name) => name.startsWith('tandem-'))
  // One for the look whether it works at all, one for the command.
  const group = join(
    parent,
    names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) ?? '',
  )
  const read = (name: string) => readFileSync(join(group, name), 'utf8')
  expect([read('memory.max'), read('memory.swap.max'), read('pids.max')]).toEqual([`${2 ** 28}`, '0', '70'])
  expect(Number(read('cgroup.procs'))).toBeGreaterThan(1)
  expect(read('cgroup.kill')).toBe('1')
  const made = createGroup(parent, 'other', limits)
  expect(made?.isOutOfMemory).toBe(false)
  writeFileSync(join(parent, 'other/memory.events'), 'low 0\noom 1\noom_kill 2\n')
  expect(made?.isOutOfMemory).toBe(true)
})
