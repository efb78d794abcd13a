import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { mergeAgent } from './agent-merge.ts'
import { JobRepository } from './job-repository.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-merge-'))
  folders.push(folder)
  return folder
}

function write(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

const bytes = (...values: readonly number[]) => Buffer.from([0, 255, ...values])
const lines = (...changed: readonly string[]) => `${['1', '2', '3', '4', '5', ...changed].join('\n')}\n`

/** A job and an agent of it, each changed in its own way since the agent began; then merged. */
async function merged(change: { ours: (tree: string) => void; theirs: (tree: string) => void }) {
  const root = scratch()
  write(root, {
    'text.txt': lines(),
    'both.txt': lines(),
    'gone.txt': 'x\n',
    'run.sh': 'echo\n',
    'image.png': bytes(1),
    'photo.png': bytes(1),
  })
  const folder = scratch()
  const repository = new JobRepository({ root, folder })
  const [ours, theirs] = [join(folder, 'job', 'tree'), join(folder, 'agent', 'tree')]
  const base = await repository.snapshot(1_000_000)
  await repository.checkout(ours, base)
  await repository.checkout(theirs, base)
  change.ours(ours)
  change.theirs(theirs)
  const head = await repository.commit(theirs, base, { message: 'Step 1', at: 1_000_000 })
  const take = () => mergeAgent({ repository, tree: ours, base, head })
  const taken = await take()
  const read = (path: string) => readFileSync(join(ours, path))
  return { taken, read, has: (path: string) => existsSync(join(ours, path)), tree: ours, take }
}

test('[AGENT-11] what only the agent changed comes over whole: text, bytes, modes and deletions', async () => {
  const { taken, read, has, tree, take } = await merged({
    ours: (copy) => write(copy, { 'both.txt': `0\n${lines()}` }),
    theirs(copy) {
      write(copy, {
        'text.txt': lines('6'),
        'image.png': bytes(2),
        'new/a.txt': 'a\n',
        'both.txt': lines('6'),
      })
      chmodSync(join(copy, 'run.sh'), 0o755)
      rmSync(join(copy, 'gone.txt'))
    },
  })
  expect(taken.conflicts).toEqual([])
  expect(taken.clashes).toEqual([])
  expect(read('text.txt').toString()).toBe(lines('6'))
  expect(read('both.txt').toString()).toBe(`0\n${lines('6')}`)
  expect(read('image.png')).toEqual(bytes(2))
  expect(read('new/a.txt').toString()).toBe('a\n')
  expect(statSync(join(tree, 'run.sh')).mode & 0o111).not.toBe(0)
  expect(has('gone.txt')).toBe(false)
  // A step that is done again finds all of it there.
  expect(await take()).toEqual({ files: [], conflicts: [], clashes: [] })
})

test('[AGENT-11] what can’t be merged by line is told, and stays as the job has it', async () => {
  const { taken, read, has } = await merged({
    ours(copy) {
      write(copy, { 'photo.png': bytes(3), 'new.txt/inside.txt': 'mine\n', 'text.txt': lines('mine') })
      rmSync(join(copy, 'gone.txt'))
    },
    theirs(copy) {
      write(copy, { 'photo.png': bytes(4), 'new.txt': 'theirs\n', 'gone.txt': 'changed\n' })
      rmSync(join(copy, 'text.txt'))
    },
  })
  expect(taken.clashes).toEqual([
    { path: 'gone.txt', why: 'you deleted it, and the agent changed it' },
    { path: 'new.txt', why: 'new.txt/inside.txt stands in its way' },
    { path: 'photo.png', why: 'both changed it, and it is no text' },
    { path: 'text.txt', why: 'the agent deleted it, and you changed it' },
  ])
  expect(taken.files).toEqual([])
  expect(read('photo.png')).toEqual(bytes(3))
  expect(read('new.txt/inside.txt').toString()).toBe('mine\n')
  expect(read('text.txt').toString()).toBe(lines('mine'))
  expect(has('gone.txt')).toBe(false)
})
