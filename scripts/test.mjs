// npm test: everything CI runs, on a fresh clone too. Ends with one line: `tests: N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { runChecks } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { root } from './lib/root.mjs'
import { runtimeNode, toolEnvironment } from './lib/runtime.mjs'
import { ensureTestPrograms } from './lib/system.mjs'

await ensureInstalled()
await ensureTestPrograms()
const unit = await runChecks()
await ensureBuilt()
const browser = runBrowserTests()

const passed = unit.passed + browser.passed
const failed = unit.failed + browser.failed
if (!unit.ok) console.log('npm run check failed, see above')
if (!browser.ok) console.log('the browser tests failed, see above')
console.log(`tests: ${passed} passed, ${failed} failed`)
process.exitCode = unit.ok && browser.ok && failed === 0 ? 0 : 1

function runBrowserTests() {
  const report = join(root, '.cache', 'e2e.json')
  rmSync(report, { force: true })
  const { status } = spawnSync(
    runtimeNode(),
    [join(root, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', '--reporter=list,json'],
    { cwd: root, stdio: 'inherit', env: { ...toolEnvironment(), PLAYWRIGHT_JSON_OUTPUT_NAME: report } },
  )
  const stats = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8')).stats
    : { expected: 0, unexpected: 0, flaky: 0 }
  return { ok: status === 0, passed: stats.expected + stats.flaky, failed: stats.unexpected }
}
