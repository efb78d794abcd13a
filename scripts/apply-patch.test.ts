import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const script = join(import.meta.dirname, 'apply-patch.ts')
let outer: string
let dir: string

beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), 'apply-patch-'))
  dir = join(outer, 'work')
  mkdirSync(dir)
})

afterEach(() => {
  rmSync(outer, { recursive: true, force: true })
})

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
}

/** All files below the outer folder, links left out. */
function files(): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  const walk = (folder: string, name: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path, `${name}${entry.name}/`)
      else if (entry.isFile()) found[name + entry.name] = readFileSync(path, 'utf8')
    }
  }
  walk(outer, '')
  return found
}

function run(input: string | Uint8Array, args: readonly string[] = ['--cwd', dir]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function patch(body: string): string {
  return `*** Begin Patch\n${body}*** End Patch\n`
}

test('[EDIT-70] the patch on standard input changes the folder, and standard output says how', () => {
  write({ 'src/a.ts': 'one\ntwo\n', 'b.ts': 'b\n', 'c.ts': 'c\n' })
  chmodSync(join(dir, 'src/a.ts'), 0o755)
  const body =
    '*** Add File: new/deep/n.ts\n+n\n*** Update File: ./src/a.ts\n@@\n-two\n+2\n*** Delete File: b.ts\n' +
    '*** Update File: c.ts\n*** Move to: moved/d.ts\n@@\n-c\n+d\n'
  expect(run(patch(body))).toEqual({
    status: 0,
    stdout: 'Success. Updated the following files:\nA new/deep/n.ts\nM ./src/a.ts\nM moved/d.ts\nD b.ts\n',
    stderr: '',
  })
  expect(files()).toEqual({
    'work/new/deep/n.ts': 'n\n',
    'work/src/a.ts': 'one\n2\n',
    'work/moved/d.ts': 'd\n',
  })
  expect(statSync(join(dir, 'src/a.ts')).mode & 0o777).toBe(0o755)
})

test('[EDIT-70] a failure is told on standard error with exit code 1', () => {
  write({ a: 'one\n' })
  expect(run('hello')).toEqual({
    status: 1,
    stdout: '',
    stderr: "Invalid patch: The first line of the patch must be '*** Begin Patch'\n",
  })
  expect(run(patch('*** Update File: a\n@@\n-gone\n+x\n')).stderr).toBe(
    'Failed to find expected lines in a:\ngone\n',
  )
  expect(run(patch('*** Update File: none\n@@\n-gone\n+x\n')).stderr).toBe(
    'Failed to read file to update none: No such file or directory (os error 2)\n',
  )
  expect(run(patch(''))).toEqual({ status: 1, stdout: '', stderr: 'No files were modified.\n' })
  expect(run(new Uint8Array([0x2a, 0xff]))).toMatchObject({ status: 1 })
})

test('[EDIT-70] help is printed; a wrong flag or folder exits with 2', () => {
  expect(run('', ['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('*** Begin Patch') })
  expect(run('', ['--frob'])).toMatchObject({ status: 2, stdout: '' })
  expect(run('', ['--cwd', join(outer, 'none')])).toMatchObject({ status: 2, stdout: '' })
})

test('[EDIT-71] when any file fails nothing on disk changes', () => {
  write({ a: 'one\n', b: 'two\n' })
  const good = '*** Add File: n\n+n\n*** Update File: a\n@@\n-one\n+1\n*** Delete File: b\n'
  const before = files()
  expect(run(patch(`${good}*** Update File: n\n@@\n-gone\n+x\n`)).status).toBe(1)
  expect(files()).toEqual(before)
  // The last write fails on disk: its folder is a file.
  expect(run(patch(`${good}*** Add File: a/below\n+x\n`))).toMatchObject({ status: 1, stdout: '' })
  expect(files()).toEqual(before)
  expect(run(patch(good)).status).toBe(0)
})

test('[EDIT-72] paths stay inside the folder, away from .git, and are files', () => {
  write({ 'inside/a': 'a\n', '.git/config': 'a\n', 'folder/x': 'a\n' })
  writeFileSync(join(outer, 'a'), 'a\n')
  symlinkSync(outer, join(dir, 'out'))
  symlinkSync(join(dir, 'inside'), join(dir, 'in'))
  symlinkSync(join(outer, 'nothing'), join(dir, 'dangling'))
  const before = files()
  const bodies = (path: string) => [
    `*** Update File: ${path}\n@@\n-a\n+b\n`,
    `*** Add File: ${path}\n+b\n`,
    `*** Delete File: ${path}\n`,
    `*** Update File: inside/a\n*** Move to: ${path}\n@@\n-a\n+b\n`,
  ]
  const once = [
    join(outer, 'a'),
    'inside/../../a',
    'dangling',
    'a\0b',
    '.git/config',
    '.GIT/config',
    'inside\\a',
    'folder',
  ]
  const tries = [
    ...bodies('../a'),
    ...bodies('out/a'),
    ...once.flatMap((path, index) => bodies(path)[index % 4] ?? ''),
  ]
  for (const body of tries) {
    const { status, stdout } = run(patch(body))
    expect({ body, status, stdout }).toEqual({ body, status: 1, stdout: '' })
    expect(files()).toEqual(before)
  }
  // The same goes through from where the path is inside, and by a link inside the folder.
  expect(run(patch(bodies('a')[0] ?? ''), ['--cwd', outer]).status).toBe(0)
  expect(run(patch('*** Update File: in/a\n@@\n-a\n+b\n')).status).toBe(0)
  expect(files()).toEqual({ ...before, a: 'b\n', 'work/inside/a': 'b\n' })
}, 60_000)

test('[EDIT-72] one file under two names, and a link to be deleted, are refused', () => {
  write({ 'inside/a': 'a\nb\n' })
  symlinkSync(join(dir, 'inside'), join(dir, 'in'))
  symlinkSync(join(dir, 'inside/a'), join(dir, 'link'))
  const twice = patch('*** Update File: inside/a\n@@\n-a\n+A\n*** Update File: in/a\n@@\n-b\n+B\n')
  expect(run(twice)).toMatchObject({ status: 1, stderr: 'in/a and inside/a are the same file\n' })
  expect(run(patch('*** Delete File: link\n'))).toMatchObject({ status: 1 })
  expect(files()).toEqual({ 'work/inside/a': 'a\nb\n' })
  expect(existsSync(join(dir, 'link'))).toBe(true)
})

test('[EDIT-73] CRLF, a byte order mark and bytes that are no line of the change stay', () => {
  write({ crlf: 'a\r\nb\r\n', mark: '\ufeffa\nb\n', both: '\ufeffa\r\nb\r\n', mixed: 'a\r\nb\nc\n' })
  const change = (path: string) => `*** Update File: ${path}\n@@\n-a\n+A\n+x\n b\n`
  const body = `${['crlf', 'mark', 'mixed'].map(change).join('')}*** Update File: both\n*** Move to: moved\n@@\n-a\n+A\n`
  expect(run(patch(body)).status).toBe(0)
  expect(files()).toEqual({
    'work/crlf': 'A\r\nx\r\nb\r\n',
    'work/mark': '\ufeffA\nx\nb\n',
    'work/moved': '\ufeffA\r\nb\r\n',
    'work/mixed': 'A\nx\nb\nc\n',
  })
})

test('[EDIT-73] a file that is not UTF-8 is not updated, but may be deleted', () => {
  const bytes = new Uint8Array([0x61, 0x0a, 0xff, 0x0a])
  write({ binary: bytes })
  expect(run(patch('*** Update File: binary\n@@\n-a\n+b\n'))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'Failed to read file to update binary: stream did not contain valid UTF-8\n',
  })
  expect(new Uint8Array(readFileSync(join(dir, 'binary')))).toEqual(bytes)
  expect(run(patch('*** Delete File: binary\n')).status).toBe(0)
  expect(files()).toEqual({})
})
