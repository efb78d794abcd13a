import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runGit } from './git.ts'
import { parseHead, readBranch } from './git-branch.ts'
import { runProcess } from './run-process.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tandem-git-')))
})
afterEach(() => rm(folder, { recursive: true }))

const author = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
}

/** Git as anybody would call it: the negative control. */
function plainGit(args: readonly string[]) {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, ...author }
  return runProcess({ file: 'git', args, cwd: folder, env, timeoutMs: 10_000, outputBytes: 1_000_000 })
}

/** A repository whose own configuration and hooks run programs that leave a file behind. */
async function makeTrap(): Promise<void> {
  await runGit(['init', '--quiet', '--template='], { cwd: folder })
  await mkdir(join(folder, '.git', 'hooks'))
  const trap = join(folder, 'trap.sh')
  await writeFile(trap, `#!/bin/sh\necho x >> "${folder}/sprung-$(basename "$0")"\n`)
  await chmod(trap, 0o755)
  for (const hook of ['pre-commit', 'post-commit', 'post-index-change', 'reference-transaction']) {
    await symlink(trap, join(folder, '.git', 'hooks', hook))
  }
  await symlink(trap, join(folder, 'fsmonitor'))
  await symlink(trap, join(folder, 'sign'))
  const config = `[core]\n\tfsmonitor = ${folder}/fsmonitor\n[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = ${folder}/sign\n`
  await writeFile(join(folder, '.git', 'config'), `[core]\n\trepositoryformatversion = 0\n${config}`)
}

const sprung = async () => (await readdir(folder)).filter((name) => name.startsWith('sprung'))

test('[FILES-8] nothing a repository configures is run by the server', async () => {
  await makeTrap()
  await writeFile(join(folder, 'a.txt'), 'a')
  expect((await runGit(['add', 'a.txt'], { cwd: folder })).code).toBe(0)
  expect((await runGit(['commit', '--quiet', '--message=x'], { cwd: folder, env: author })).code).toBe(0)
  expect((await runGit(['status', '--porcelain'], { cwd: folder })).code).toBe(0)
  expect(await sprung()).toEqual([])
})

test('[FILES-8] git called plainly does run it', async () => {
  await makeTrap()
  await writeFile(join(folder, 'a.txt'), 'a')
  await plainGit(['add', 'a.txt'])
  expect(await sprung()).toContain('sprung-fsmonitor')
})

test('[FILES-8] git reaches no network and no other repository, and never asks', async () => {
  await runGit(['init', '--quiet', '--template='], { cwd: folder })
  for (const url of [
    'https://127.0.0.1:1/x.git',
    'ssh://127.0.0.1/x',
    `file://${folder}`,
    'ext::sh -c true',
  ]) {
    const { code, problem } = await runGit(['ls-remote', url], { cwd: folder })
    expect(code).not.toBe(0)
    expect(problem).toContain('not allowed')
  }
})

test('[FILES-7] the branch is read from HEAD, in a subfolder, a worktree and detached too', async () => {
  expect(await readBranch(folder)).toBeUndefined()
  await mkdir(join(folder, '.git'))
  await writeFile(join(folder, '.git', 'HEAD'), 'ref: refs/heads/feature/ünï\n')
  expect(await readBranch(folder)).toBe('feature/ünï')
  await mkdir(join(folder, 'sub'))
  expect(await readBranch(join(folder, 'sub'))).toBe('feature/ünï')
  await mkdir(join(folder, 'elsewhere'))
  await writeFile(join(folder, 'elsewhere', 'HEAD'), 'ref: refs/heads/other\n')
  await writeFile(join(folder, 'sub', '.git'), 'gitdir: ../elsewhere\n')
  expect(await readBranch(join(folder, 'sub'))).toBe('other')
  await writeFile(join(folder, '.git', 'HEAD'), `${'0123456789'.repeat(4)}\n`)
  expect(await readBranch(folder)).toBe('0123456')
})

test('[FILES-7] a HEAD that is none shows nothing of what it is', async () => {
  await writeFile(join(folder, 'HEAD'), 'root:secret\n')
  await mkdir(join(folder, 'sub'))
  await writeFile(join(folder, 'sub', '.git'), `gitdir: ${folder}\n`)
  expect(await readBranch(join(folder, 'sub'))).toBeUndefined()
  await rm(join(folder, 'sub', '.git'))
  await mkdir(join(folder, 'sub', '.git'))
  await symlink(join(folder, 'HEAD'), join(folder, 'sub', '.git', 'HEAD'))
  expect(await readBranch(join(folder, 'sub'))).toBeUndefined()
  for (const text of [
    '',
    'ref: refs/heads/',
    'ref: refs/heads/a b',
    'ref: refs/tags/x',
    'secret',
    'ref: refs/heads/\u001b[2J',
  ]) {
    expect(parseHead(text)).toBeUndefined()
  }
})

test('[FILES-9] a program is ended at its time, its output at its bound', async () => {
  const base = { file: process.execPath, cwd: folder, env: {}, timeoutMs: 20_000, outputBytes: 1000 }
  const endless = await runProcess({ ...base, timeoutMs: 50, args: ['-e', 'setInterval(() => {}, 1000)'] })
  expect(endless.cut).toBe('time')
  const loud = await runProcess({
    ...base,
    args: ['-e', "setInterval(() => console.log('x'.repeat(500)), 1)"],
  })
  expect(loud.cut).toBe('size')
  expect(loud.output.length).toBeLessThanOrEqual(1000)
  await expect(runProcess({ ...base, file: 'no-such-program', args: [] })).rejects.toThrow('ENOENT')
})

test('[FILES-9] a program inherits nothing of the server’s environment', async () => {
  process.env.TANDEM_CANARY = 'secret'
  const { output } = await runProcess({
    file: process.execPath,
    args: ['-p', 'JSON.stringify(process.env)'],
    cwd: folder,
    env: { ONLY: 'this' },
    timeoutMs: 20_000,
    outputBytes: 10_000,
  })
  delete process.env.TANDEM_CANARY
  expect(JSON.parse(output)).toEqual({ ONLY: 'this' })
})
