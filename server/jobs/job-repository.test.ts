import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type RunProgram, runProcess } from '../workspace/run-process.ts'
import { JobRepository } from './job-repository.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-repository-'))
  folders.push(folder)
  return folder
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

const git = (root: string, ...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root, encoding: 'utf8' })

function repositoryOf(files: Readonly<Record<string, string>>): string {
  const root = scratch()
  git(root, 'init', '-q', '-b', 'main')
  write(root, files)
  git(root, 'add', '-A')
  git(root, 'commit', '-q', '-m', 'first')
  return root
}

const open = (root: string) => {
  const folder = scratch()
  return { repository: new JobRepository({ root, folder }), tree: join(folder, 'job', 'tree'), folder }
}

test('[WORKTREE-1] a copy holds what is on disk, committed or not, without what git ignores, and the person’s repository is as it was', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n', 'gone.txt': 'x\n', '.gitignore': 'out/\n' })
  write(root, { 'a.txt': 'changed\n', 'new/b.txt': 'b\n', 'out/c.txt': 'c\n' })
  rmSync(join(root, 'gone.txt'))
  const status = git(root, 'status', '--porcelain')
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('changed\n')
  expect(readFileSync(join(tree, 'new/b.txt'), 'utf8')).toBe('b\n')
  expect(existsSync(join(tree, 'out'))).toBe(false)
  expect(existsSync(join(tree, 'gone.txt'))).toBe(false)
  expect(existsSync(join(tree, '.git'))).toBe(false)
  expect(git(root, 'status', '--porcelain')).toBe(status)
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  // What has not changed needs no commit of its own.
  git(root, 'add', '-A')
  git(root, 'commit', '-q', '-m', 'second')
  expect(await repository.snapshot(2_000_000)).toBe(git(root, 'rev-parse', 'HEAD').trim())
})

test('[WORKTREE-1] so does the copy of each later job, whatever was changed, committed or damaged since', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
  const { repository, tree, folder } = open(root)
  const copied = async (at: number) => {
    await repository.checkout(tree, await repository.snapshot(at))
    return Object.fromEntries(
      ['a.txt', 'b.txt', 'c.txt'].map((path) => {
        const file = join(tree, path)
        return [path, existsSync(file) ? readFileSync(file, 'utf8') : undefined]
      }),
    )
  }
  write(root, { 'a.txt': 'one\n' })
  expect(await copied(1_000_000)).toEqual({ 'a.txt': 'one\n', 'b.txt': 'b\n', 'c.txt': undefined })
  write(root, { 'a.txt': 'two\n', 'c.txt': 'c\n' })
  expect(await copied(2_000_000)).toEqual({ 'a.txt': 'two\n', 'b.txt': 'b\n', 'c.txt': 'c\n' })
  git(root, 'add', 'a.txt')
  git(root, 'commit', '-q', '-m', 'second')
  write(root, { 'a.txt': 'three\n' })
  rmSync(join(root, 'b.txt'))
  rmSync(join(root, 'c.txt'))
  expect(await copied(3_000_000)).toEqual({ 'a.txt': 'three\n', 'b.txt': undefined, 'c.txt': undefined })
  writeFileSync(join(folder, 'index'), 'no index')
  expect(await copied(4_000_000)).toEqual({ 'a.txt': 'three\n', 'b.txt': undefined, 'c.txt': undefined })
})

test('[WORKTREE-2] a folder without a repository works the same, and has no branch', async () => {
  const root = scratch()
  write(root, { 'a.txt': 'a\n', 'node_modules/x/index.js': 'x\n' })
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  expect(existsSync(join(tree, 'node_modules'))).toBe(false)
  write(tree, { 'a.txt': 'b\n' })
  const head = await repository.commit(tree, base, { message: 'Step 1', at: 2_000_000 })
  expect(await repository.changes(base, head)).toEqual([
    { path: 'a.txt', kind: 'update', added: 1, removed: 1 },
  ])
  expect(await repository.publish('tandem/x', head, undefined)).toBeUndefined()
  expect(existsSync(join(root, '.git'))).toBe(false)
})

test('[WORKTREE-3] the same content, parent and time give the same commit, and nothing changed gives none', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n' })
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  const step = { message: 'Step 1', at: 2_000_000 }
  expect(await repository.commit(tree, base, step)).toBe(base)
  write(tree, { 'a.txt': 'b\n' })
  const head = await repository.commit(tree, base, step)
  await repository.checkout(tree, base)
  expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('a\n')
  write(tree, { 'a.txt': 'b\n' })
  expect(await repository.commit(tree, base, step)).toBe(head)
})

test('[WORKTREE-4] F34 a damaged copy (a lock left behind, a broken index, foreign and missing files) is as the commit says again', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'cache/\n' })
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  write(tree, { 'a.txt': 'half', 'stray.txt': 'x', 'cache/kept': 'k' })
  rmSync(join(tree, 'b.txt'))
  const index = join(dirname(tree), 'index')
  writeFileSync(`${index}.lock`, '')
  await repository.checkout(tree, base)
  expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('a\n')
  expect(existsSync(join(tree, 'b.txt'))).toBe(true)
  expect(existsSync(join(tree, 'stray.txt'))).toBe(false)
  expect(existsSync(join(tree, 'cache/kept'))).toBe(true)
  write(tree, { 'a.txt': 'half' })
  writeFileSync(index, 'no index')
  await repository.checkout(tree, base)
  expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('a\n')
})

test('[WORKTREE-5] what .worktreeinclude names of the ignored files is told, and nothing else of them', async () => {
  const root = repositoryOf({ '.gitignore': '.env\nout/\n', '.worktreeinclude': '.env\n', 'a.txt': 'a\n' })
  write(root, { '.env': 'KEY=1\n', 'out/x': 'x' })
  const { repository } = open(root)
  await repository.snapshot(1_000_000)
  expect(await repository.included()).toEqual(['.env'])
})

test('[WORKTREE-6] F34 a branch is published with all its commits, moved on while nobody else moved it, and left alone when somebody did', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n' })
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  const next = async (text: string, parent: string) => {
    write(tree, { 'a.txt': text })
    return repository.commit(tree, parent, { message: `Step ${text}`, at: 2_000_000 })
  }
  const one = await next('one', base)
  expect(await repository.publish('tandem/x', one, undefined)).toBe('published')
  expect(git(root, 'show', 'tandem/x:a.txt')).toBe('one')
  // A server that died here had not noted it.
  expect(await repository.publish('tandem/x', one, undefined)).toBe('published')
  const two = await next('two', one)
  expect(await repository.publish('tandem/x', two, one)).toBe('published')
  git(root, 'branch', '-f', 'tandem/x', 'main')
  const three = await next('three', two)
  expect(await repository.publish('tandem/x', three, two)).toBe('moved')
  expect(git(root, 'rev-parse', 'tandem/x').trim()).toBe(base)
  expect(git(root, 'fsck', '--full')).not.toContain('missing')
})

test('[WORKTREE-7] files are committed as they are now and no others; what else is staged or changed stays as it was', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'old.txt': 'x\n' })
  write(root, { 'a.txt': 'changed\n', 'b.txt': 'staged\n', 'new [1].txt': 'new\n', 'c.txt': 'c\n' })
  git(root, 'add', 'b.txt')
  rmSync(join(root, 'old.txt'))
  const { repository } = open(root)
  const step = { message: 'Change a\n\nAs asked.', at: 2_000_000 }
  const commit = await repository.commitFiles(['a.txt', 'new [1].txt', 'old.txt'], step)
  expect(git(root, 'rev-parse', 'main').trim()).toBe(commit)
  expect(git(root, 'show', '--format=%B', '--name-status', 'HEAD').trim().split('\n')).toEqual([
    'Change a',
    '',
    'As asked.',
    '',
    'M\ta.txt',
    'A\tnew [1].txt',
    'D\told.txt',
  ])
  expect(git(root, 'status', '--porcelain').trim().split('\n')).toEqual(['M  b.txt', '?? c.txt'])
  await expect(repository.commitFiles(['a.txt'], step)).rejects.toThrow('committed as they are')
})

test('[GITCMD-1] no configuration, hook, filter or attribute of a workspace makes the server’s git run anything; the person’s own git would', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n', '.gitattributes': '* filter=evil diff=evil\n' })
  const trap = join(scratch(), 'trap')
  const spring = `touch ${trap}; cat`
  for (const [name, value] of [
    ['filter.evil.clean', spring],
    ['filter.evil.smudge', spring],
    ['diff.evil.textconv', spring],
    ['core.fsmonitor', `touch ${trap};`],
    ['core.hooksPath', root],
  ] as const) {
    git(root, 'config', name, value)
  }
  write(root, { 'reference-transaction': `#!/bin/sh\ntouch ${trap}\n`, 'a.txt': 'b\n' })
  execFileSync('chmod', ['+x', join(root, 'reference-transaction')])
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  write(tree, { 'a.txt': 'c\n' })
  const head = await repository.commit(tree, base, { message: 'Step 1', at: 2_000_000 })
  await repository.changes(base, head)
  await repository.patch(base, head)
  expect(await repository.publish('tandem/x', head, undefined)).toBe('published')
  await repository.commitFiles(['a.txt'], { message: 'm', at: 3_000_000 })
  expect(existsSync(trap)).toBe(false)
  git(root, 'add', '-A')
  expect(existsSync(trap)).toBe(true)
})

test('[SANDBOX-12] D08 a repository a command makes inside the folder runs nothing when the server commits; git add would', async () => {
  const { repository, tree } = open(repositoryOf({ 'a.txt': 'a\n' }))
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  const proof = join(scratch(), 'ran')
  const inner = join(tree, 'inner')
  write(tree, { 'inner/f': 'one\n' })
  git(inner, 'init', '-q')
  git(inner, 'add', 'f')
  git(inner, 'commit', '-q', '-m', 'x')
  git(inner, 'config', 'filter.evil.clean', `touch ${proof}; cat`)
  write(tree, { 'inner/.gitattributes': '* filter=evil\n' })
  // As a link to it stands in the person's own commits, or came there by an earlier step.
  const link = git(inner, 'rev-parse', 'HEAD').trim()
  const index = {
    ...process.env,
    GIT_DIR: join(tree, '../../repository'),
    GIT_INDEX_FILE: join(tree, '../index'),
  }
  execFileSync('git', ['update-index', '--add', '--cacheinfo', `160000,${link},inner`], { env: index })
  write(tree, { 'inner/f': 'two\n', 'a.txt': 'b\n' })
  const next = await repository.commit(tree, base, { message: 'x', at: 1 })
  expect(await repository.read(next, 'a.txt')).toBe('b\n')
  await repository.checkout(tree, next)
  expect(existsSync(proof)).toBe(false)
  const env = { ...index, GIT_WORK_TREE: tree }
  execFileSync('git', ['add', '-A'], { cwd: tree, env, stdio: 'ignore' })
  expect(existsSync(proof)).toBe(true)
})

test('[GITCMD-2] names that look like options or pathspecs are names', async () => {
  const root = repositoryOf({ '--version': 'v\n', ':(exclude)a': 'x\n', 'a.txt': 'a\n' })
  const { repository, tree } = open(root)
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  write(tree, { '--version': 'w\n', ':(exclude)a': 'y\n', '-rf': 'new\n' })
  const head = await repository.commit(tree, base, { message: 'Step 1', at: 2_000_000 })
  expect((await repository.changes(base, head)).map(({ path }) => path)).toEqual([
    '--version',
    '-rf',
    ':(exclude)a',
  ])
  expect(await repository.read(head, '--version')).toBe('w\n')
  expect(await repository.read(head, 'none')).toBeUndefined()
})

test('[WORKTREE-35] a step that changed something takes five calls of git, one that changed nothing takes one', async () => {
  const root = repositoryOf({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
  const folder = scratch()
  let calls = 0
  const program: RunProgram = (asked) => {
    calls++
    return runProcess(asked)
  }
  const repository = new JobRepository({ root, folder, program })
  const tree = join(folder, 'job', 'tree')
  const step = async (head: string, n: number) => {
    calls = 0
    const next = await repository.commit(tree, head, { message: `Step ${n}`, at: n * 1000 })
    const files = await repository.changes(head, next)
    return { next, files, calls }
  }
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(tree, base)
  write(tree, { 'a.txt': 'a1\n', 'new\ttab.txt': 'n\n' })
  const first = await step(base, 1)
  rmSync(join(tree, 'b.txt'))
  const second = await step(first.next, 2)
  expect(second).toMatchObject({ calls: 5, files: [{ path: 'b.txt', kind: 'delete', added: 0, removed: 1 }] })
  expect(await step(second.next, 3)).toEqual({ next: second.next, files: [], calls: 1 })
  expect(await repository.changes(base, second.next)).toEqual([
    { path: 'a.txt', kind: 'update', added: 1, removed: 1 },
    { path: 'b.txt', kind: 'delete', added: 0, removed: 1 },
    { path: 'new\ttab.txt', kind: 'add', added: 1, removed: 0 },
  ])
  // What was put into the copy from elsewhere is known by it too.
  await repository.place(tree, await repository.entries(base, ['b.txt']))
  const fourth = await step(second.next, 4)
  expect(fourth.files).toEqual([{ path: 'b.txt', kind: 'add', added: 1, removed: 0 }])
  await repository.checkout(tree, base)
  expect((await step(base, 5)).next).toBe(base)
})
