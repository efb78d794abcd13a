// npm test: everything CI runs, on a fresh clone too. Ends with one line: `tests: N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureServerBuilt } from './lib/build.mjs'
import { runChecks } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { root } from './lib/root.mjs'
import { runtimeNode, toolEnvironment } from './lib/runtime.mjs'
import { ensureTestPrograms } from './lib/system.mjs'

await ensureInstalled()
await ensureTestPrograms()
const unit = await runChecks({ again: true })
// A killed server leaves the machine half idle while the next one starts: the pages are built meanwhile.
await ensureServerBuilt()
const [crash] = await Promise.all([runCrashes(), ensureBuilt()])
const browser = runBrowserTests()

const passed = unit.passed + crash.passed + browser.passed
const failed = unit.failed + crash.failed + browser.failed
if (!unit.ok) console.log('npm run check failed, see above')
if (crash.failed > 0) console.log('jobs did not survive every kill, see above')
if (!browser.ok) console.log('the browser tests failed, see above')
for (const title of [...unit.flaky, ...browser.flaky])
  console.log(`passed only when it was run again: ${title}`)
console.log(`tests: ${passed} passed, ${failed} failed`)
process.exitCode = unit.ok && browser.ok && failed === 0 ? 0 : 1

/** A server killed at each named point of its jobs. */
async function runCrashes() {
  const kills = spawn(runtimeNode(), [join(root, 'scripts', 'crash.ts'), '--kills', '61'], {
    cwd: root,
    stdio: 'inherit',
    env: toolEnvironment(),
  })
  const [status] = await once(kills, 'exit')
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 }
}

// Browser, server and model share the machine with whatever else it does: a test that fails is run once more, and named.
function runBrowserTests() {
  const report = join(root, '.cache', 'e2e.json')
  rmSync(report, { force: true })
  const { status } = spawnSync(
    runtimeNode(),
    [
      join(root, 'node_modules', '@playwright', 'test', 'cli.js'),
      'test',
      '--reporter=list,json',
      '--retries=1',
    ],
    { cwd: root, stdio: 'inherit', env: { ...toolEnvironment(), PLAYWRIGHT_JSON_OUTPUT_NAME: report } },
  )
  if (!existsSync(report)) return { ok: false, passed: 0, failed: 0, flaky: [] }
  const { stats, suites } = JSON.parse(readFileSync(report, 'utf8'))
  const flaky = specsOf(suites).filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
  return {
    ok: status === 0,
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    flaky: flaky.map(({ title }) => title),
  }
}

/**
 * @typedef {{ title: string, tests: { status: string }[] }} Spec
 * @typedef {{ specs?: Spec[], suites?: Suite[] }} Suite
 */

/**
 * @param {Suite[]} suites
 * @returns {Spec[]}
 */
function specsOf(suites) {
  return suites.flatMap(({ specs = [], suites: inner = [] }) => [...specs, ...specsOf(inner)])
}
