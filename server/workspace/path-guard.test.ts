import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeAtomic } from './atomic-write.ts'
import { holdFolder, openGuarded } from './held-folder.ts'
import { createPathGuard } from './path-guard.ts'
import { foldName } from './protected-names.ts'
import type { PathGuard } from './workspace.ts'

let base: string
let root: string
let outside: string
let guard: PathGuard
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'tandem-guard-')))
  root = join(base, 'root')
  outside = join(base, 'outside')
  await mkdir(join(root, '.git', 'hooks'), { recursive: true })
  await mkdir(join(root, 'src', 'deep'), { recursive: true })
  await mkdir(outside)
  await writeFile(join(root, 'src', 'a.ts'), 'a')
  await writeFile(join(outside, 'secret'), 'secret')
  guard = createPathGuard(root)
})
afterEach(() => rm(base, { recursive: true }))

const deniedError = { name: 'RequestError', code: 'pathDenied' }

/** What a guard without defences would do: the negative control. */
function naive(path: string): string {
  return join(root, path)
}

const outsidePaths = [
  '..',
  '../outside/secret',
  'src/../../outside/secret',
  'src/..',
  '/etc/passwd',
  '//etc/passwd',
  'C:/Windows/win.ini',
  'c:secret',
  '\\\\server\\share',
  '..\\outside\\secret',
  'src\\a.ts',
  'src/a.ts\0.png',
  './src/a.ts',
  'src//a.ts',
  'src/',
  'src/.../a',
  'src/. ./a',
  'src/.. /a',
  'src/\ud800',
]

const hiddenPaths = [
  '.git/config',
  '.git',
  '.GIT/config',
  '.Git/Hooks/pre-commit',
  'sub/.git',
  'sub/.git/hooks/post-checkout',
  '.git./config',
  '.git /config',
  '.git. . /config',
  '.git::$INDEX_ALLOCATION/config',
  '.git:stream',
  'GIT~1/config',
  'git~2',
  '.g\u200cit/config',
  '.\ufeffgit/config',
  '\u2060.git/config',
  '.gi\u200ft',
  '.\u202egit',
  '.gi\u00adt',
  '．ｇｉｔ/config',
  '.ⓖⓘⓣ/config',
  '․git/config',
  '.gıt/config',
  '.gİt/config',
  '.gіt/config',
  '.ɡit/config',
  '.gi\u0300t/config',
  ' .git/config',
  '.tandem/state',
  '.Tandem/state',
  'sub/.tandem',
  'TANDEM~1/state',
]

test.each(outsidePaths)('[GUARD-1] %j is refused for reading and writing', async (path) => {
  await expect(guard.forRead(path)).rejects.toMatchObject(deniedError)
  await expect(guard.forWrite(path)).rejects.toMatchObject(deniedError)
})

test('[GUARD-1] without the guard such a path reaches the outside', async () => {
  expect(await readFile(naive('src/../../outside/secret'), 'utf8')).toBe('secret')
})

test('[GUARD-1] plain paths resolve, whether the file exists or not', async () => {
  const plain = [
    'src/a.ts',
    'new.ts',
    'new/deep/file.ts',
    '.gitignore',
    '.github/x.yml',
    'a.git',
    'git',
    '日本/ü é.ts',
  ]
  for (const path of [...plain, 'src/[...slug]/(x)/page.tsx', '...rest']) {
    expect(await guard.forRead(path)).toBe(join(root, path))
    expect(await guard.forWrite(path)).toBe(join(root, path))
  }
  expect(await guard.forRead('')).toBe(root)
  expect(await guard.forRead('src/a.ts/below')).toBe(join(root, 'src/a.ts/below'))
  await expect(guard.forWrite('')).rejects.toMatchObject(deniedError)
  await expect(guard.forRead('x'.repeat(300))).rejects.toMatchObject(deniedError)
})

describe('links', () => {
  test('[GUARD-2] D04: a link that leads outside is refused, as file, folder, chain or parent of what is new', async () => {
    await symlink(outside, join(root, 'out'))
    await symlink(join(outside, 'secret'), join(root, 'file'))
    await symlink('out', join(root, 'chain'))
    await symlink('../..', join(root, 'src', 'up'))
    await symlink('/', join(root, 'slash'))
    for (const path of [
      'out',
      'out/secret',
      'out/new/x',
      'file',
      'chain/secret',
      'src/up/outside',
      'slash/etc/passwd',
    ]) {
      await expect(guard.forRead(path)).rejects.toMatchObject(deniedError)
      await expect(guard.forWrite(path)).rejects.toMatchObject(deniedError)
    }
    expect(await readFile(naive('out/secret'), 'utf8')).toBe('secret')
  })

  test('[GUARD-2] a link to nothing and a circle of links are refused', async () => {
    await symlink(join(outside, 'later'), join(root, 'dangling'))
    await symlink('circle', join(root, 'circle'))
    for (const path of ['dangling', 'dangling/x', 'circle', 'circle/x']) {
      await expect(guard.forWrite(path)).rejects.toMatchObject(deniedError)
    }
    await writeFile(naive('dangling'), 'escaped')
    expect(await readdir(outside)).toContain('later')
  })

  test('[GUARD-2] a link inside resolves to what it means; one with a neighbour of like name does not', async () => {
    await symlink('src', join(root, 'alias'))
    expect(await guard.forWrite('alias/a.ts')).toBe(join(root, 'src', 'a.ts'))
    await mkdir(`${root}-two`)
    await symlink(`${root}-two`, join(root, 'two'))
    await expect(guard.forRead('two/x')).rejects.toMatchObject(deniedError)
  })

  test('[GUARD-2] a workspace reached through a link is its real folder', async () => {
    await symlink(root, join(base, 'alias'))
    const aliased = createPathGuard(join(base, 'alias'))
    expect(aliased.root).toBe(root)
    expect(await aliased.forRead('src/a.ts')).toBe(join(root, 'src', 'a.ts'))
  })

  test('[GUARD-3] C01: an innocent name that leads to a protected one is refused', async () => {
    await symlink('.git', join(root, 'vcs'))
    await symlink('.git/hooks', join(root, 'src', 'hooks'))
    for (const path of ['vcs/config', 'vcs', 'src/hooks/pre-commit']) {
      await expect(guard.forRead(path)).rejects.toMatchObject(deniedError)
      await expect(guard.forWrite(path)).rejects.toMatchObject(deniedError)
    }
    await writeFile(naive('vcs/config'), 'x')
    expect(await readFile(join(root, '.git', 'config'), 'utf8')).toBe('x')
  })
})

test.each(hiddenPaths)('[GUARD-3] C02: %j is refused for reading and writing', async (path) => {
  await expect(guard.forRead(path)).rejects.toMatchObject(deniedError)
  await expect(guard.forWrite(path)).rejects.toMatchObject(deniedError)
})

test('[GUARD-3] comparing names as they are written would let most spellings through', () => {
  const caught = hiddenPaths.filter((path) =>
    path.split('/').some((part) => part === '.git' || part === '.tandem'),
  )
  expect(caught.length).toBeLessThan(hiddenPaths.length / 3)
})

test('[GUARD-4] C01: what steers the server is read, never written', async () => {
  for (const path of ['tandem.config.json', 'sub/Tandem.Config.JSON', 'ｔandem.config.json']) {
    expect(await guard.forRead(path)).toBe(join(root, path))
    await expect(guard.forWrite(path)).rejects.toMatchObject(deniedError)
  }
  await expect(guard.forWrite('two\nlines.ts')).rejects.toMatchObject(deniedError)
  expect(await guard.forWrite('tandem.config.ts')).toBe(join(root, 'tandem.config.ts'))
})

describe('between check and use', () => {
  async function swapForLink(): Promise<void> {
    await rename(join(root, 'src'), join(root, 'was'))
    await symlink(outside, join(root, 'src'))
  }

  test('[GUARD-5] D04: a folder swapped for a link after the check is not written through', async () => {
    const path = await guard.forWrite('src/new.ts')
    await swapForLink()
    await expect(writeAtomic(path, Buffer.from('x'))).rejects.toThrow()
    expect(await readdir(outside)).toEqual(['secret'])
    await writeFile(path, 'x')
    expect(await readdir(outside)).toEqual(['new.ts', 'secret'])
  })

  test('[GUARD-5] D04: nor is one higher up, nor is it read through', async () => {
    await mkdir(join(outside, 'deep'))
    await writeFile(join(outside, 'deep', 'b.ts'), 'secret')
    await writeFile(join(root, 'src', 'deep', 'b.ts'), 'b')
    const path = await guard.forRead('src/deep/b.ts')
    await swapForLink()
    await expect(writeAtomic(path, Buffer.from('x'))).rejects.toMatchObject(deniedError)
    await expect(openGuarded(path)).rejects.toMatchObject(deniedError)
    expect(await readFile(path, 'utf8')).toBe('secret')
  })

  test.runIf(process.platform === 'linux')('[GUARD-5] D04: a held folder stays itself', async () => {
    const folder = await holdFolder(join(root, 'src'))
    await swapForLink()
    await writeFile(folder.at('kept.ts'), 'x')
    await folder.close()
    expect(await readdir(outside)).toEqual(['secret'])
    expect(await readdir(join(root, 'was'))).toContain('kept.ts')
  })

  test('[GUARD-5] D04: a file swapped for a link is not read through', async () => {
    const path = await guard.forRead('src/a.ts')
    await rm(path)
    await symlink(join(outside, 'secret'), path)
    await expect(openGuarded(path)).rejects.toMatchObject(deniedError)
    expect(await readFile(path, 'utf8')).toBe('secret')
  })

  test('[GUARD-5] D04: writing a hard link leaves the other name as it was', async () => {
    await link(join(outside, 'secret'), join(root, 'hard'))
    await writeAtomic(await guard.forWrite('hard'), Buffer.from('mine'))
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret')
    expect(await readFile(join(root, 'hard'), 'utf8')).toBe('mine')
  })
})

test('[GUARD-7] a link is renamed or removed itself, wherever it leads', async () => {
  await symlink(outside, join(root, 'out'))
  await symlink('nowhere', join(root, 'src', 'dangling'))
  expect(await guard.forEntry('out')).toBe(join(root, 'out'))
  expect(await guard.forEntry('src/dangling')).toBe(join(root, 'src', 'dangling'))
  expect(await guard.forEntry('src/a.ts')).toBe(join(root, 'src', 'a.ts'))
  for (const path of ['', 'out/secret', '.GIT', 'src/.git', '../outside', 'tandem.config.json', 'vcs\nx']) {
    await expect(guard.forEntry(path)).rejects.toMatchObject(deniedError)
  }
  await expect(guard.forWrite('out')).rejects.toMatchObject(deniedError)
})

const part = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    'src',
    'out',
    'alias',
    '.git',
    '.GIT',
    'GIT~1',
    'a.ts',
    'new',
    'deep',
    '.g\u200cit',
    '\\',
    '/',
  ),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
)

test('[GUARD-6] whatever path is asked for, what is granted lies inside and is not protected', async () => {
  await symlink(outside, join(root, 'out'))
  await symlink('src', join(root, 'alias'))
  await symlink('../../outside', join(root, 'src', 'deep', 'out'))
  let granted = 0
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      const path = await guard.forWrite(parts.join('/')).catch((error) => {
        expect(error).toMatchObject(deniedError)
      })
      if (path === undefined) return
      granted += 1
      expect(path.startsWith(root + sep)).toBe(true)
      expect(
        path
          .slice(root.length + 1)
          .split(sep)
          .map(foldName),
      ).not.toContain('.git')
      expect(await realParent(path)).toMatch(new RegExp(`^${root}(/|$)`))
    }),
    { numRuns: 500, seed: 4 },
  )
  expect(granted).toBeGreaterThan(20)
})

async function realParent(path: string): Promise<string> {
  const parent = dirname(path)
  return await realpath(parent).catch(() => realParent(parent))
}
