import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../../core/protocol/limits.ts'
import { createWorkspace, workspaceIdOf } from './create-workspace.ts'
import { runGit } from './git.ts'
import { createSampleWorkspace } from './sample.ts'
import type { DiskChange, SearchOptions, Workspace } from './workspace.ts'

let base: string
let root: string
let workspace: Workspace
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'tandem-files-')))
  root = join(base, 'project')
  await write('src/a.ts', 'export const alpha = 1\n')
  await write('src/deep/b.ts', 'import { alpha } from "../a"\nconsole.log(alpha, Alpha)\n')
  await write('README.md', '# Alpha\n')
  await write('.gitignore', 'out/\n*.log\n')
  await write('out/bundle.js', 'alpha\n')
  await write('debug.log', 'alpha\n')
  await write('node_modules/pkg/index.js', 'alpha\n')
  await write('.tandem/state', 'alpha\n')
  workspace = await createWorkspace({ root, sample: false, trashFolder: join(base, 'trash') })
})
afterEach(async () => {
  await workspace.close()
  await rm(base, { recursive: true })
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), text)
}

const names = async (path: string) => (await workspace.list(path)).entries.map((entry) => entry.name)

test('[FILES-1] a workspace keeps its id, its name and its real folder', async () => {
  await symlink(root, join(base, 'link'))
  expect(workspace.id).toMatch(/^wsp_[0-9a-f]{16}$/)
  expect(workspaceIdOf(join(base, 'link'))).toBe(workspace.id)
  expect(workspaceIdOf(base)).not.toBe(workspace.id)
  expect({ name: workspace.name, root: workspace.root }).toEqual({ name: 'project', root })
})

test('[FILES-2] a folder is listed alone, folders first, in natural order, with what git ignores marked', async () => {
  await runGit(['init', '--quiet', '--template='], { cwd: root })
  await write('file10.ts', '')
  await write('file9.ts', 'xyz')
  await write('.abc.tandem-tmp', '')
  await write('out/[slug]/:(top)x', '')
  const { entries, truncated } = await workspace.list('')
  expect(truncated).toBe(false)
  expect(entries.map(({ name, kind, ignored }) => `${name} ${kind}${ignored ? ' ignored' : ''}`)).toEqual([
    'node_modules folder',
    'out folder ignored',
    'src folder',
    '.gitignore file',
    'debug.log file ignored',
    'file9.ts file',
    'file10.ts file',
    'README.md file',
  ])
  expect(entries.find((entry) => entry.name === 'file9.ts')).toEqual({
    name: 'file9.ts',
    path: 'file9.ts',
    kind: 'file',
    size: 3,
    ignored: false,
  })
  expect((await workspace.list('out')).entries.map((entry) => entry.ignored)).toEqual([true, true])
  expect((await workspace.list('out/[slug]')).entries[0]).toMatchObject({ name: ':(top)x', ignored: true })
  expect(await names('src')).toEqual(['deep', 'a.ts'])
})

test('[FILES-2] a list shows neither what the guard refuses nor links that lead away', async () => {
  await mkdir(join(root, '.git'))
  await symlink('/etc', join(root, 'etc'))
  await symlink('nowhere', join(root, 'dangling'))
  await symlink('src', join(root, 'alias'))
  await write('odd\\name', '')
  expect(await names('')).toEqual([
    'alias',
    'node_modules',
    'out',
    'src',
    '.gitignore',
    'debug.log',
    'README.md',
  ])
  await expect(workspace.list('etc')).rejects.toMatchObject({ code: 'pathDenied' })
  await expect(workspace.list('.git')).rejects.toMatchObject({ code: 'pathDenied' })
  await expect(workspace.list('missing')).rejects.toMatchObject({ code: 'notFound' })
  await expect(workspace.list('README.md')).rejects.toMatchObject({ code: 'notFound' })
})

test('[FILES-3] of a huge folder the first entries are told, and that there are more', async () => {
  await mkdir(join(root, 'many'))
  const count = limits.folderEntries + 10
  await Promise.all(
    Array.from({ length: count }, (_, index) => write(`many/${String(index).padStart(6, '0')}`, '')),
  )
  const { entries, truncated } = await workspace.list('many')
  expect({ truncated, length: entries.length }).toEqual({ truncated: true, length: limits.folderEntries })
  expect(entries[0]?.name).toBe('000000')
  expect(entries.at(-1)?.name).toBe(String(limits.folderEntries - 1).padStart(6, '0'))
})

test('[FILES-4] files are found by a part of their path, those git ignores are not', async () => {
  expect(await workspace.find('b', 10)).toEqual(['src/deep/b.ts'])
  expect(await workspace.find('log', 10)).toEqual([])
  expect((await workspace.find('', 10)).toSorted()).toEqual([
    '.gitignore',
    'README.md',
    'src/a.ts',
    'src/deep/b.ts',
  ])
  expect(await workspace.find('ts', 1)).toHaveLength(1)
  await workspace.create('src/brand-new.ts', 'file')
  expect(await workspace.find('brand', 10)).toEqual(['src/brand-new.ts'])
})

const plain: SearchOptions = { query: '', regex: false, caseSensitive: true, limit: 100 }
const found = async (options: Partial<SearchOptions>) =>
  (await workspace.search({ ...plain, ...options })).matches.map((match) => `${match.path}:${match.line}`)

test('[FILES-5] text is searched literally or as a pattern, with or without case, in some files or all', async () => {
  expect(await found({ query: 'alpha' })).toEqual(['src/a.ts:1', 'src/deep/b.ts:1', 'src/deep/b.ts:2'])
  expect(await found({ query: 'ALPHA', caseSensitive: false, include: '*.md' })).toEqual(['README.md:1'])
  expect(await found({ query: 'al.ha' })).toEqual([])
  expect(await found({ query: 'al.ha', regex: true, include: 'src/*.ts' })).toEqual(['src/a.ts:1'])
  expect(await found({ query: 'alpha, Alpha)\n' })).toEqual(['src/deep/b.ts:2'])
  expect(await found({ query: '' })).toEqual([])
  expect(await workspace.search({ ...plain, query: 'alpha', limit: 2 })).toMatchObject({ truncated: true })
  expect((await workspace.search({ ...plain, query: 'const' })).matches).toEqual([
    { path: 'src/a.ts', line: 1, text: 'export const alpha = 1' },
  ])
  await expect(found({ query: '(', regex: true })).rejects.toMatchObject({ code: 'badParams' })
})

test('[FILES-5] a query is never an option, and no glob reaches what is protected', async () => {
  await write('flags.txt', '--files\n--pre=touch\n')
  await mkdir(join(root, '.git'))
  await write('.git/config', 'alpha')
  expect(await found({ query: '--files' })).toEqual(['flags.txt:1'])
  expect(await found({ query: '--pre=touch', regex: true })).toEqual(['flags.txt:2'])
  expect(await found({ query: 'alpha', include: '.git/**' })).toEqual([])
  expect(await found({ query: 'alpha', include: '**/state' })).toEqual([])
})

test('[FILES-5] a long line is shown around its match', async () => {
  await write('long.js', `${'x'.repeat(9000)}NEEDLE${'y'.repeat(9000)}\n`)
  const { matches } = await workspace.search({ ...plain, query: 'NEEDLE' })
  expect(matches[0]?.text).toContain('NEEDLE')
  expect(matches[0]?.text.length).toBeLessThanOrEqual(limits.searchLineChars + 2)
})

test('[FILES-6] files and folders are created and moved, never over others', async () => {
  await workspace.create('new/deep/x.ts', 'file')
  await workspace.create('new/folder', 'folder')
  expect(await names('new')).toEqual(['deep', 'folder'])
  await expect(workspace.create('src/a.ts', 'file')).rejects.toMatchObject({ code: 'conflict' })
  await expect(workspace.create('src', 'folder')).rejects.toMatchObject({ code: 'conflict' })
  await expect(workspace.create('src/a.ts/x', 'file')).rejects.toMatchObject({ code: 'conflict' })
  await workspace.rename('src/a.ts', 'lib/c.ts')
  expect(await readFile(join(root, 'lib/c.ts'), 'utf8')).toBe('export const alpha = 1\n')
  await expect(workspace.rename('src/a.ts', 'd.ts')).rejects.toMatchObject({ code: 'notFound' })
  await expect(workspace.rename('lib/c.ts', 'README.md')).rejects.toMatchObject({ code: 'conflict' })
  await expect(workspace.rename('src', 'src/deep/src')).rejects.toMatchObject({ code: 'conflict' })
  await workspace.rename('README.md', 'readme.md')
  expect(await names('')).toContain('readme.md')
})

test('[FILES-6] creating, moving and deleting go through the guard', async () => {
  for (const path of ['../x', '.git/hooks/x', '.GIT', '/tmp/x', 'tandem.config.json']) {
    await expect(workspace.create(path, 'file')).rejects.toMatchObject({ code: 'pathDenied' })
    await expect(workspace.rename('README.md', path)).rejects.toMatchObject({ code: 'pathDenied' })
    await expect(workspace.rename(path, 'x')).rejects.toMatchObject({ code: 'pathDenied' })
    await expect(workspace.trash(path)).rejects.toMatchObject({ code: 'pathDenied' })
  }
})

test('[FILES-10] what is deleted comes back from the trash, unless its place is taken', async () => {
  const folder = await workspace.trash('src')
  expect(await names('')).not.toContain('src')
  expect(await workspace.restore(folder)).toBe('src')
  expect(await readFile(join(root, 'src/deep/b.ts'), 'utf8')).toContain('alpha')
  await expect(workspace.restore(folder)).rejects.toMatchObject({ code: 'notFound' })

  const file = await workspace.trash('src/a.ts')
  await write('src/a.ts', 'another')
  await expect(workspace.restore(file)).rejects.toMatchObject({ code: 'conflict' })
  expect(await readFile(join(root, 'src/a.ts'), 'utf8')).toBe('another')
  await rm(join(root, 'src'), { recursive: true })
  expect(await workspace.restore(file)).toBe('src/a.ts')
  expect(await readFile(join(root, 'src/a.ts'), 'utf8')).toBe('export const alpha = 1\n')

  await expect(workspace.trash('missing')).rejects.toMatchObject({ code: 'notFound' })
  for (const id of ['../../etc', '', 'zz']) {
    await expect(workspace.restore(id)).rejects.toMatchObject({ code: 'notFound' })
  }
})

test('[FILES-10] deleting a link leaves what it means', async () => {
  await write('../outside/kept', 'kept')
  await symlink(join(base, 'outside'), join(root, 'link'))
  const id = await workspace.trash('link')
  expect(await readdir(join(base, 'outside'))).toEqual(['kept'])
  await workspace.restore(id)
  expect(await readFile(join(root, 'link', 'kept'), 'utf8')).toBe('kept')
})

test('[FILES-11] changes on disk are told, but not those in folders programs fill', async () => {
  const seen: DiskChange[] = []
  let wake = () => {}
  const stop = workspace.onDiskChange((changes) => {
    seen.push(...changes)
    wake()
  })
  const until = async (path: string, kind: DiskChange['kind']) => {
    while (!seen.some((change) => change.path === path && change.kind === kind)) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  expect(await workspace.watching()).toBe(true)
  await write('node_modules/pkg/other.js', '')
  await write('.tandem/other', '')
  await write('src/.abc.tandem-tmp', '')
  await write('src/c.ts', '')
  await until('src/c.ts', 'created')
  await appendFile(join(root, 'src/a.ts'), 'more')
  await until('src/a.ts', 'changed')
  await rm(join(root, 'README.md'))
  await until('README.md', 'deleted')
  expect(await workspace.find('readme', 5)).toEqual([])
  const paths = new Set(seen.map((change) => change.path))
  expect([...paths].toSorted()).toEqual(['README.md', 'src/a.ts', 'src/c.ts'])
  stop()
})

test('[FILES-11] what changed in a listed folder while the watching began is told too', async () => {
  const folder = join(base, 'starting')
  await mkdir(folder)
  await writeFile(join(folder, 'old.ts'), '')
  const other = await createWorkspace({ root: folder, sample: false, trashFolder: join(base, 'trash') })
  const told = new Set<string>()
  other.onDiskChange((changes) => {
    for (const { path, kind } of changes) told.add(`${path} ${kind}`)
  })
  await other.list('')
  await rm(join(folder, 'old.ts'))
  await writeFile(join(folder, 'new.ts'), '')
  await vi.waitFor(() =>
    expect([...told]).toEqual(expect.arrayContaining(['old.ts deleted', 'new.ts created'])),
  )
  await other.close()
})

test('[FILES-11] a folder that cannot be watched is served all the same', async () => {
  const folder = join(base, 'gone')
  await mkdir(folder)
  const other = await createWorkspace({ root: folder, sample: false, trashFolder: join(base, 'trash') })
  await rm(folder, { recursive: true })
  await other.watching()
  await mkdir(folder)
  await writeFile(join(folder, 'x.ts'), '')
  expect(await other.find('x', 1)).toEqual(['x.ts'])
  await other.close()
})

test('[FILES-13] what is made, moved or removed through the workspace is told at once, watched or not', async () => {
  const folder = join(base, 'unwatched')
  await mkdir(folder)
  const other = await createWorkspace({ root: folder, sample: false, trashFolder: join(base, 'trash') })
  await other.close()
  const seen: string[] = []
  other.onDiskChange((changes) => seen.push(...changes.map(({ path, kind }) => `${path} ${kind}`)))
  await other.create('a.ts', 'file')
  await other.rename('a.ts', 'b.ts')
  await other.restore(await other.trash('b.ts'))
  expect(seen).toEqual(['a.ts created', 'a.ts deleted', 'b.ts created', 'b.ts deleted', 'b.ts created'])
})

test('[FILES-12] the sample is made once, as a repository, and stays as the person left it', async () => {
  const options = { dataFolder: join(base, 'data'), trashFolder: join(base, 'trash') }
  await mkdir(join(base, 'data', 'sample.new'), { recursive: true })
  const sample = await createSampleWorkspace(options)
  expect(sample.sample).toBe(true)
  expect(await sample.branch()).toBe('main')
  const status = await runGit(['status', '--porcelain'], { cwd: sample.root })
  expect({ code: status.code, output: status.output }).toEqual({ code: 0, output: '' })
  expect(await readdir(join(sample.root, '.git'))).not.toContain('hooks')
  expect(await readdir(join(base, 'data'))).toEqual(['sample'])
  const entries = (await sample.list('')).entries.filter((entry) => entry.kind === 'file')
  expect(entries.length).toBeGreaterThan(0)
  await writeFile(join(sample.root, 'mine.txt'), 'mine')
  await sample.close()
  const again = await createSampleWorkspace(options)
  expect(await readFile(join(again.root, 'mine.txt'), 'utf8')).toBe('mine')
  await again.close()
})
