import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../core/protocol/limits.ts'
import { createWorkspace } from '../workspace/create-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { runTool, type ToolWorld } from './tool-runner.ts'

let base: string
let workspace: Workspace
let world: ToolWorld
const noted: string[] = []

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'tandem-tools-'))
  const root = join(base, 'workspace')
  mkdirSync(root)
  mkdirSync(join(root, 'src'))
  writeFileSync(
    join(root, 'src/a.ts'),
    'export const one = 1\nexport const two = 2\nexport const three = 3\n',
  )
  writeFileSync(join(root, 'big.txt'), 'x'.repeat(limits.toolOutputChars * 2))
  symlinkSync('/etc/hostname', join(root, 'escape'))
  workspace = await createWorkspace({
    root,
    sample: false,
    trashFolder: join(base, 'trash'),
  })
  world = {
    workspace,
    readText: async (path) => readFile(await workspace.guard.forRead(path), 'utf8').catch(() => undefined),
    flush: async () => undefined,
    noteRead: async (path) => {
      noted.push(path)
    },
    only: undefined,
  }
})
afterAll(async () => {
  await workspace.close()
  rmSync(base, { recursive: true, force: true })
})

const call = (name: string, input: unknown) => runTool(name, JSON.stringify(input), world)

test('[TOOL-1] read_file gives the text or the lines asked for, and notes what the model has seen', async () => {
  expect(await call('read_file', { path: 'src/a.ts' })).toEqual({
    status: 'completed',
    output: 'export const one = 1\nexport const two = 2\nexport const three = 3\n',
  })
  expect((await call('read_file', { path: 'src/a.ts', start_line: 2, end_line: 2 })).output).toBe(
    'Lines 2-2 of 4:\nexport const two = 2',
  )
  expect(noted).toContain('src/a.ts')
})

test('[TOOL-2] list_files and search look in the workspace', async () => {
  expect((await call('list_files', {})).output).toContain('src/')
  expect((await call('search', { query: 'two' })).output).toBe('src/a.ts:2: export const two = 2')
  expect((await call('search', { query: 'nowhere to be found' })).output).toBe('No matches.')
})

test('[TOOL-3] wrong tools and arguments come back as words for the model', async () => {
  expect(await call('rm', {})).toMatchObject({ status: 'failed', output: 'There is no tool rm.' })
  expect(await runTool('read_file', '{', world)).toMatchObject({ status: 'failed' })
  expect(await call('read_file', { path: 7 })).toMatchObject({ status: 'failed' })
  expect(await call('read_file', { path: 'missing.ts' })).toMatchObject({ status: 'failed' })
})

test('[TOOL-4] no tool reaches outside the workspace or into .git', async () => {
  for (const path of ['../secret', '/etc/hostname', 'escape', '.git/config', 'src/../../x', 'a\0b']) {
    const { status, output } = await call('read_file', { path })
    expect([path, status]).toEqual([path, 'failed'])
    expect(output).not.toContain(await readFile('/etc/hostname', 'utf8'))
  }
  expect((await call('list_files', { path: '..' })).status).toBe('failed')
})

test('[TOOL-5] long output keeps its head and tail and says what was left out', async () => {
  const { output } = await call('read_file', { path: 'big.txt' })
  expect(output.length).toBeLessThan(limits.toolOutputChars + 100)
  expect(output).toContain('characters left out')
})
