// npm run nightly: what takes too long for every change: 10,000 seeds of documents, a server killed 200 times at work
// and 1,000 times at the named points of its jobs. Each prints its table as it goes; the last line is one JSON object
// of all. --seed S begins elsewhere, as each night should.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { root } from './lib/root.mjs'
import { runtimeNode } from './lib/runtime.mjs'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '200' },
    crashes: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
})

await ensureInstalled()
await ensureBuilt()
const { runs, kills, crashes, seed } = values
const fuzz = await run('scripts/fuzz.ts', ['--runs', runs, '--seed', seed])
const chaos = await run('scripts/chaos.ts', ['--kills', kills, '--seed', seed])
const crash = await run('scripts/crash.ts', ['--kills', crashes, '--seed', seed])
const ok = fuzz.ok && chaos.ok && crash.ok
console.log(
  JSON.stringify({
    ok,
    seed: Number(seed),
    fuzz: fuzz.figures,
    chaos: chaos.figures,
    crash: crash.figures,
  }),
)
process.exitCode = ok ? 0 : 1

/**
 * @param {string} script
 * @param {readonly string[]} args
 * The figures are its last line; without any it died, and that is its failure.
 */
async function run(script, args) {
  console.log(`\n${script} ${args.join(' ')}`)
  const child = spawn(runtimeNode(), [resolve(root, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    process.stdout.write(text)
  })
  const code = await new Promise((done) => child.once('close', done))
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  const figures = last.startsWith('{') ? JSON.parse(last) : null
  return { ok: code === 0 && figures !== null, figures }
}
