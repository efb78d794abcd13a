import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compressFiles } from './compress.mjs'
import { withSetupLock } from './lock.mjs'
import { runWithProgress } from './progress.mjs'
import { bundledServer, root } from './root.mjs'
import { runtimeNode, toolEnvironment } from './runtime.mjs'

/** @typedef {{ title: string, mark: string, result: string, inputs: readonly string[], args: readonly string[], finish?: () => Promise<void> }} Product */

/** What runs in the browser. @type {Product} */
export const pages = {
  title: 'Building',
  mark: join(root, '.next', 'tandem-build.json'),
  result: join(root, '.next', 'BUILD_ID'),
  inputs: [
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
    'scripts/lib/compress.mjs',
  ],
  args: [join(root, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build'],
  finish: () => compressFiles(join(root, '.next', 'static')),
}

/** What serves it. @type {Product} */
export const server = {
  title: 'Bundling the server',
  mark: join(dirname(bundledServer), 'tandem-build.json'),
  result: bundledServer,
  inputs: ['core', 'server', 'scripts/bundle-server.mjs', 'package-lock.json'],
  args: [join(root, 'scripts', 'bundle-server.mjs')],
}

/** Builds what its sources changed of since the last build. Ends the process when that fails. */
export async function ensureBuilt() {
  await ensure(pages)
  await ensureServerBuilt()
}

/** The server alone, for what needs no pages. */
export function ensureServerBuilt() {
  return ensure(server)
}

/** @param {Product} product */
async function ensure(product) {
  if (!isStale(product)) return
  await withSetupLock(async () => {
    const hash = sourceHash(root, product)
    if (!isStale(product)) return
    const { title, mark, args } = product
    rmSync(mark, { force: true })
    const done = await runWithProgress({
      title,
      command: runtimeNode(),
      args: [...args],
      env: { ...toolEnvironment(), NODE_ENV: 'production', NO_COLOR: '1' },
      advice:
        'The build failed, so nothing was started. The lines above say where; run the same command again when fixed.',
    })
    if (!done) process.exit(1)
    await product.finish?.()
    mkdirSync(dirname(mark), { recursive: true })
    writeFileSync(mark, `${JSON.stringify({ sources: hash })}\n`)
  })
}

/** @param {Product} product */
function isStale(product) {
  if (!existsSync(product.mark) || !existsSync(product.result)) return true
  try {
    return JSON.parse(readFileSync(product.mark, 'utf8')).sources !== sourceHash(root, product)
  } catch {
    return true
  }
}

/**
 * Hash of everything that goes into it; tests and rules do not.
 *
 * @param {string} folder
 * @param {Pick<Product, 'inputs'>} product
 */
export function sourceHash(folder, { inputs }) {
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
