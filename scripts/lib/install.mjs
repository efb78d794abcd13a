import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withSetupLock } from './lock.mjs'
import { runWithProgress } from './progress.mjs'
import { root } from './root.mjs'
import { npmCommand } from './runtime.mjs'

/** Installs the locked packages unless they are all there. Ends the process when that fails. */
export async function ensureInstalled() {
  if (isInstalled(root)) return
  await withSetupLock(async () => {
    if (isInstalled(root)) return
    rmSync(markFile(root), { force: true })
    const npm = npmCommand()
    const done = await runWithProgress({
      title: 'Installing packages',
      command: npm.command,
      // Building needs the development packages too, whatever NODE_ENV says.
      args: [...npm.args, 'ci', '--include=dev', '--include=optional', '--no-progress'],
      env: npm.env,
      detail: countInstalled,
      advice:
        'Nothing was started. Check the network and the disk, then run the same command again; it begins anew.',
    })
    if (!done) process.exit(1)
    noteInstalled(root)
  })
}

/**
 * True when the packages of the lockfile are on disk. An install that was interrupted leaves no mark or leaves
 * gaps; one made by hand with npm is recognised by what npm notes itself.
 *
 * @param {string} folder
 */
export function isInstalled(folder) {
  const listed = installedPackages(folder)
  if (listed === undefined) return false
  if (!Object.keys(listed).every((path) => existsSync(join(folder, path, 'package.json')))) return false
  if (readText(markFile(folder)) === lockHash(folder)) return true
  if (!agrees(listed, lockedPackages(folder))) return false
  noteInstalled(folder)
  return true
}

/** @param {string} folder */
export function noteInstalled(folder) {
  writeFileSync(markFile(folder), lockHash(folder))
}

/** @typedef {Record<string, { version?: string, optional?: boolean, link?: boolean }>} Packages */

/** @param {Packages} listed @param {Packages} locked */
function agrees(listed, locked) {
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    const found = listed[path]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

/** @param {string} folder @returns {Packages | undefined} */
function installedPackages(folder) {
  const text = readText(join(folder, 'node_modules', '.package-lock.json'))
  try {
    return text === undefined ? undefined : JSON.parse(text).packages
  } catch {
    return undefined
  }
}

/** @param {string} folder @returns {Packages} */
function lockedPackages(folder) {
  return JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
}

/** @param {string} folder */
function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
}

/** @param {string} folder */
function markFile(folder) {
  return join(folder, 'node_modules', '.tandem-install')
}

/** @param {string} path */
function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function countInstalled() {
  const modules = join(root, 'node_modules')
  if (!existsSync(modules)) return ''
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'))
  const scopes = names.filter((name) => name.startsWith('@'))
  const inScopes = scopes.reduce((sum, name) => sum + readdirSync(join(modules, name)).length, 0)
  return `${names.length - scopes.length + inScopes} packages`
}
