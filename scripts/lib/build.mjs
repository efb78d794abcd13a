import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withSetupLock } from './lock.mjs'
import { runWithProgress } from './progress.mjs'
import { root } from './root.mjs'
import { runtimeNode, toolEnvironment } from './runtime.mjs'

const mark = join(root, '.next', 'tandem-build.json')

/** What the browser's bundle is made of. */
const inputs = [
  'app',
  'components',
  'client',
  'core',
  'public',
  'next.config.ts',
  'postcss.config.mjs',
  'tsconfig.json',
  'tsconfig.base.json',
  'package-lock.json',
]

/** Builds the browser's part when its sources changed since the last build. Ends the process when that fails. */
export async function ensureBuilt() {
  if (!isStale()) return
  await withSetupLock(async () => {
    const hash = sourceHash(root)
    if (!isStale()) return
    rmSync(mark, { force: true })
    const done = await runWithProgress({
      title: 'Building',
      command: runtimeNode(),
      args: [join(root, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build'],
      env: { ...toolEnvironment(), NODE_ENV: 'production', NO_COLOR: '1' },
      advice:
        'The build failed, so nothing was started. The lines above say where; run the same command again when fixed.',
    })
    if (!done) process.exit(1)
    mkdirSync(join(root, '.next'), { recursive: true })
    writeFileSync(mark, `${JSON.stringify({ sources: hash })}\n`)
  })
}

function isStale() {
  if (!existsSync(mark) || !existsSync(join(root, '.next', 'BUILD_ID'))) return true
  try {
    return JSON.parse(readFileSync(mark, 'utf8')).sources !== sourceHash(root)
  } catch {
    return true
  }
}

/** Hash of everything that goes into the bundle; tests and rules do not. @param {string} folder */
export function sourceHash(folder) {
  const hash = createHash('sha256')
  for (const input of inputs) {
    for (const path of filesBelow(join(folder, input))) {
      hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path)).update('\0')
    }
  }
  return hash.digest('hex')
}

/** @param {string} path @returns {string[]} */
function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return /\.test\.tsx?$|\.md$/.test(path) ? [] : [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}
