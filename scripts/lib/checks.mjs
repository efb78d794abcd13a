import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'
import { runtimeNode, toolEnvironment } from './runtime.mjs'

/** @typedef {{ name: string, script: string, args: string[] }} Check */

const unitReport = join(root, '.cache', 'unit.json')
const layers = ['core', 'client', 'server', 'scripts', '.']

/** @type {Check} */
const unitTests = {
  name: 'unit tests',
  script: 'vitest/vitest.mjs',
  args: [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${unitReport}`,
    '--silent=passed-only',
  ],
}

/** Two at a time, the longest first. @type {Check[]} */
const checks = [
  unitTests,
  {
    name: 'layers',
    script: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: [
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
      'app',
      'components',
      'client',
      'core',
      'server',
    ],
  },
  { name: 'dead code', script: 'knip/bin/knip.js', args: ['--no-progress'] },
  {
    name: 'biome',
    script: '@biomejs/biome/bin/biome',
    args: ['check', '--max-diagnostics=50', '--diagnostic-level=warn', '--error-on-warnings'],
  },
  ...layers.map((layer) => ({
    name: `types ${layer === '.' ? 'app' : layer}`,
    script: 'typescript7/bin/tsc',
    args: ['-p', layer],
  })),
]

/**
 * Runs every check (or one), prints a line each and the output of those that fail. `again`: the machine may do other
 * things meanwhile, so unit tests that fail are run once more by themselves, and named when they pass then.
 *
 * @param {{ only?: string | undefined, again?: boolean }} [options]
 * @returns {Promise<{ ok: boolean, passed: number, failed: number, flaky: string[] }>}
 */
export async function runChecks({ only, again = false } = {}) {
  const chosen = checks.filter((check) => only === undefined || check.name.includes(only))
  const started = Date.now()
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(unitReport, { force: true })
  prepareNextTypes()
  const node = runtimeNode()
  const waiting = [...chosen]
  /** @type {string[]} */
  const failed = []
  /** @type {string[]} */
  let flaky = []

  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      let { ok, output, seconds } = await run(node, check)
      const { titles, files } = !ok && again && check === unitTests ? failedUnitTests() : noTests
      if (files.length > 0) {
        console.log(`${output.trimEnd()}\n\nOnce more: ${titles.join(', ')}`)
        ;({ ok, output } = await run(node, { ...check, args: ['run', '--silent=passed-only', ...files] }))
        if (ok) flaky = titles
      }
      console.log(`${check.name.padEnd(16)} ${seconds.padStart(6)} s  ${ok ? 'ok' : 'FAILED'}`)
      if (ok) continue
      failed.push(check.name)
      console.log(`${output.trimEnd()}\n`)
    }
  }
  await Promise.all([worker(), worker()])

  const total = ((Date.now() - started) / 1000).toFixed(1)
  console.log(
    failed.length === 0 ? `check: ok in ${total} s` : `check: FAILED (${failed.join(', ')}) in ${total} s`,
  )
  const { passed, failed: failedTests } = unitCounts()
  return { ok: failed.length === 0, passed: passed + flaky.length, failed: failedTests - flaky.length, flaky }
}

/** @param {string} node @param {Check} check @returns {Promise<{ ok: boolean, output: string, seconds: string }>} */
function run(node, check) {
  const started = Date.now()
  return new Promise((resolve) => {
    const child = spawn(node, [join(root, 'node_modules', check.script), ...check.args], {
      cwd: root,
      env: { ...toolEnvironment(), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    /** @param {boolean} ok */
    const end = (ok) => resolve({ ok, output, seconds: ((Date.now() - started) / 1000).toFixed(1) })
    child.on('error', (error) => {
      output += error.message
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}

/** Next writes this file when it builds; types are checked before that. */
function prepareNextTypes() {
  const file = join(root, 'next-env.d.ts')
  if (existsSync(file)) return
  writeFileSync(file, '/// <reference types="next" />\n/// <reference types="next/image-types/global" />\n')
}

/** @type {{ titles: string[], files: string[] }} */
const noTests = { titles: [], files: [] }

/**
 * None when there is no report, or when a file could not be run at all.
 *
 * @returns {typeof noTests}
 */
function failedUnitTests() {
  if (!existsSync(unitReport)) return noTests
  /** @type {{ testResults: { name: string, status: string, assertionResults: { status: string, title: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(unitReport, 'utf8'))
  const failed = testResults.filter(({ status }) => status === 'failed')
  const titles = failed.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ title }) => title),
  )
  const isWhole = failed.every(({ assertionResults }) => assertionResults.length > 0)
  return { titles, files: isWhole ? failed.map(({ name }) => name) : [] }
}

function unitCounts() {
  if (!existsSync(unitReport)) return { passed: 0, failed: 0 }
  const report = JSON.parse(readFileSync(unitReport, 'utf8'))
  return { passed: report.numPassedTests, failed: report.numFailedTests }
}
