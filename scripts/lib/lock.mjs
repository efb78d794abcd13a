import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from './root.mjs'

const folder = join(root, '.cache')
const file = join(folder, 'setup.lock')
const beatMs = 2_000
const deadAfterMs = 20_000

/**
 * One install or build at a time in this folder. A lock whose owner is gone is taken over; the owner's beat tells,
 * because the number of a dead process may belong to another by now.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(work) {
  mkdirSync(folder, { recursive: true })
  let told = false
  while (!take()) {
    if (!told) process.stderr.write('Waiting for another Tandem command that installs or builds here …\n')
    told = true
    await wait(300)
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), beatMs)
  const release = () => {
    clearInterval(beat)
    rmSync(file, { force: true })
  }
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!ownerLives()) rmSync(file, { force: true })
    return false
  }
}

function ownerLives() {
  try {
    if (Date.now() - statSync(file).mtimeMs > deadAfterMs) return false
    process.kill(Number(readFileSync(file, 'utf8')), 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
