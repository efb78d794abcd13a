import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemTimers } from '../timers.ts'
import type { Places } from './places.ts'
import { ran, runnerContract } from './runner.contract.ts'
import { seatbeltProfile } from './seatbelt-profile.ts'
import { createSeatbeltRunner } from './seatbelt-runner.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'tandem-seatbelt-'))
const own = { node: '/opt/node/bin/node', scratch: '/private/tmp/home' }

/** How macOS reads a profile: of the rules that match the last one counts. */
function allows(profile: string, operation: string, path: string): boolean {
  let isAllowed = false
  for (const [, verdict, rule = ''] of profile.matchAll(/^\((allow|deny) (.*)\)$/gm)) {
    const names = rule.split(' (')[0]?.split(' ') ?? []
    const isMeant = names.some((name) => name === 'default' || operation.startsWith(name.replace('*', '')))
    const filters = [...rule.matchAll(/\((literal|subpath) "((?:[^"\\]|\\.)*)"\)/g)].map(
      ([, how, text = '']) => ({
        how,
        target: text.replaceAll(/\\(.)/g, '$1'),
      }),
    )
    const isThere =
      !rule.includes(' (') ||
      filters.some(
        ({ how, target }) => path === target || (how === 'subpath' && path.startsWith(`${target}/`)),
      )
    if (isMeant && isThere) isAllowed = verdict === 'allow'
  }
  return isAllowed
}

function placesIn(folder: string, more: Partial<Places> = {}): Places {
  return { folder, writable: [folder], readOnly: [], protectedPaths: [], hidden: [], ...more }
}

test('[SANDBOX-65] the profile for macOS denies what it does not name: the network, files of people, and writing anywhere but in the folder', () => {
  const folder = '/Users/a/project "x"\\y'
  const places = placesIn(folder, { readOnly: ['/Users/a/cache'] })
  const profile = seatbeltProfile(places, own)
  const can = (operation: string, path: string) => allows(profile, operation, path)
  expect(can('file-write-create', `${folder}/made`)).toBe(true)
  expect(can('file-read-data', `${folder}/made`)).toBe(true)
  expect(can('file-read-data', '/usr/bin/git')).toBe(true)
  expect([can('file-read-data', '/Users/a/cache/x'), can('file-write-data', '/Users/a/cache/x')]).toEqual([
    true,
    false,
  ])
  for (const path of [
    '/Users/a/.ssh/id',
    '/Users/a/project',
    '/private/etc/master.passwd',
    '/Users/a/other/x',
    '/x',
  ])
    expect([path, can('file-read-data', path), can('file-write-data', path)]).toEqual([path, false, false])
  expect([can('network-outbound', ''), can('network-bind', ''), can('mach-register', '')]).toEqual([
    false,
    false,
    false,
  ])
  expect(can('file-write-data', '/usr/bin/git')).toBe(false)
  // Without its first rules nothing of it would hold.
  expect(allows(profile.replace('(deny default)', '(allow default)'), 'network-outbound', '')).toBe(true)
})

test('[SANDBOX-65] what steers git and the server cannot be changed, and the server’s data is out of sight, inside the folder too', () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'data'))
  const git = join(folder, '.git')
  const data = join(folder, 'data')
  const places = placesIn(folder, { protectedPaths: [git], hidden: [data] })
  const profile = seatbeltProfile(places, own)
  expect([git, `${git}/hooks/x`].map((path) => allows(profile, 'file-write-unlink', path))).toEqual([
    false,
    false,
  ])
  expect(allows(profile, 'file-read-data', `${git}/config`)).toBe(true)
  expect([data, `${data}/db`].map((path) => allows(profile, 'file-read-data', path))).toEqual([false, false])
  const weak = seatbeltProfile(placesIn(folder), own)
  expect([allows(weak, 'file-write-unlink', git), allows(weak, 'file-read-data', `${data}/db`)]).toEqual([
    true,
    true,
  ])
})

test('[SANDBOX-65] D14 where there is no sandbox-exec nothing runs, and what to do is said', async () => {
  const runner = createSeatbeltRunner({
    timers: systemTimers,
    ownFolder: newFolder(),
    hidden: [],
    program: '/no/exec',
  })
  const folder = newFolder()
  await expect(ran(runner, { command: 'touch ran', folder })).rejects.toThrow(
    /not on this machine.*TANDEM_SANDBOX=bwrap/,
  )
})

/** Takes the profile and holds nobody to it: what is left is how the runner starts, watches and ends commands. */
function withoutProfile(): string {
  const file = join(newFolder(), 'sandbox-exec')
  writeFileSync(file, '#!/bin/sh\n[ "$1" = -p ] || exit 64\nshift 2\nexec "$@"\n')
  chmodSync(file, 0o755)
  return file
}

runnerContract(process.platform === 'darwin' ? 'by sandbox-exec' : 'as sandbox-exec is called', () =>
  createSeatbeltRunner({
    timers: systemTimers,
    ownFolder: newFolder(),
    hidden: [],
    ...(process.platform !== 'darwin' && { program: withoutProfile() }),
  }),
)
