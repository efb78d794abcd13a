import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runWithProgress } from './progress.mjs'
import { onPath } from './runtime.mjs'

/** The browser for tests and measurements: the system's, else the one Playwright has downloaded. */
export function findChromium() {
  const system = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap(onPath)
  return [...system, ...playwrightBrowsers()].find(works)
}

/** `chromium-browser` of some systems is a stub that only advises. @param {string} path */
function works(path) {
  return spawnSync(path, ['--version', '--no-sandbox'], { timeout: 30_000 }).status === 0
}

function playwrightBrowsers() {
  const folders = [process.env.PLAYWRIGHT_BROWSERS_PATH, join(homedir(), '.cache', 'ms-playwright')]
  const binaries = ['chrome-linux64/chrome', 'chrome-linux/chrome', 'chrome-linux/headless_shell']
  return folders
    .filter((folder) => folder !== undefined && existsSync(folder))
    .flatMap((folder) =>
      readdirSync(`${folder}`)
        .filter((name) => name.startsWith('chromium'))
        .sort()
        .reverse()
        .flatMap((name) => binaries.map((binary) => join(`${folder}`, name, binary))),
    )
    .filter((path) => existsSync(path))
}

/** Installs what the tests need from the system, where that is possible. Ends the process when the browser is missing. */
export async function ensureTestPrograms() {
  const missing = []
  if (findChromium() === undefined) missing.push('chromium')
  if (process.platform === 'linux' && onPath('bwrap').length === 0) missing.push('bubblewrap')
  if (onPath('git').length === 0) missing.push('git')
  if (missing.length > 0) await installPackages(missing)
  if (findChromium() !== undefined) return
  console.error(
    'The browser tests need Chromium. Install it (`apt install chromium`, or `npx playwright install chromium`).',
  )
  process.exit(1)
}

/** Installs what commands run in, where that is possible. Without it the server starts all the same and runs none. */
export async function ensureSandbox() {
  const wanted = process.platform === 'linux' && process.env.TANDEM_SANDBOX !== 'unsafe-none'
  if (!wanted || onPath('bwrap').length > 0) return
  await installPackages(['bubblewrap'])
  if (onPath('bwrap').length > 0) return
  console.error(
    'Without bubblewrap Tandem runs no commands. Install it (`apt install bubblewrap`, `dnf install bubblewrap`, `pacman -S bubblewrap`); no restart is needed.',
  )
}

/** @param {string[]} names */
async function installPackages(names) {
  const aptGet = onPath('apt-get')[0]
  const isRoot = process.getuid?.() === 0
  const sudo = isRoot ? undefined : onPath('sudo')[0]
  const missing = `Missing on this machine: ${names.join(', ')}.`
  if (aptGet === undefined || (!isRoot && sudo === undefined)) return console.error(missing)
  const apt = sudo === undefined ? [aptGet] : [sudo, '-n', aptGet]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const advice = `${missing} Install them by hand and run the same command again.`
  const [command = aptGet, ...args] = apt
  await runWithProgress({ title: 'Reading package lists', command, args: [...args, 'update'], env, advice })
  await runWithProgress({
    title: `Installing ${names.join(', ')}`,
    command,
    args: [...args, 'install', '-y', '--no-install-recommends', ...names],
    env,
    advice,
  })
}
