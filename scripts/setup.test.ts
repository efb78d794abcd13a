import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pages, server, sourceHash } from './lib/build.mjs'
import { isInstalled, noteInstalled } from './lib/install.mjs'
import { missingPlatformPackages } from './lib/lockfile.mjs'
import { root } from './lib/root.mjs'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: unknown) {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}

function lock(version: string) {
  write('package-lock.json', {
    packages: {
      '': {},
      'node_modules/a': { version },
      'node_modules/elsewhere': { version: '1.0.0', optional: true },
    },
  })
}

function installed(version: string) {
  write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version } } })
  write('node_modules/a/package.json', { version })
}

test('[START-1] packages installed by hand are recognised, other platforms’ left out', () => {
  lock('1.0.0')
  expect(isInstalled(folder)).toBe(false)
  installed('1.0.0')
  expect(isInstalled(folder)).toBe(true)
})

test('[START-1] a changed lockfile asks for an install', () => {
  lock('1.0.0')
  installed('1.0.0')
  noteInstalled(folder)
  expect(isInstalled(folder)).toBe(true)
  lock('2.0.0')
  expect(isInstalled(folder)).toBe(false)
})

test('[START-2] an install that was interrupted is done anew', () => {
  lock('1.0.0')
  installed('1.0.0')
  noteInstalled(folder)
  rmSync(join(folder, 'node_modules/a'), { recursive: true })
  expect(isInstalled(folder)).toBe(false)
  installed('1.0.0')
  rmSync(join(folder, 'node_modules/.package-lock.json'))
  expect(isInstalled(folder)).toBe(false)
})

test('[START-3] a change in what the browser runs makes the build stale, a change in tests does not', () => {
  write('core/a.ts', 'export {}')
  const before = sourceHash(folder, pages)
  write('core/a.test.ts', 'export {}')
  write('core/SPEC.md', '# Rules')
  expect(sourceHash(folder, pages)).toBe(before)
  write('core/a.ts', 'export const a = 1')
  const changed = sourceHash(folder, pages)
  expect(changed).not.toBe(before)
  write('client/b.ts', 'export {}')
  expect(sourceHash(folder, pages)).not.toBe(changed)
})

test('[START-8] a change in what serves makes its bundle stale, a change in pages or tests does not', () => {
  write('server/a.ts', 'export {}')
  const before = sourceHash(folder, server)
  write('server/a.test.ts', 'export {}')
  write('components/b.tsx', 'export {}')
  expect(sourceHash(folder, server)).toBe(before)
  write('server/a.ts', 'export const a = 1')
  const changed = sourceHash(folder, server)
  expect(changed).not.toBe(before)
  write('core/c.ts', 'export {}')
  expect(sourceHash(folder, server)).not.toBe(changed)
})

test('[START-4] the lockfile names the packages of other machines too, so that `npm ci` accepts it everywhere', () => {
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  expect(missingPlatformPackages(lockfile.packages)).toEqual({})
  delete lockfile.packages['node_modules/@next/swc-darwin-arm64']
  expect(Object.keys(missingPlatformPackages(lockfile.packages))).toEqual([
    'node_modules/@next/swc-darwin-arm64',
  ])
})
