// npm run crash -- --kills N --seed S: kills a server (`kill -9`) at named points of jobs, with 61 kills to a seed once at
// each of those that one server can come to, and looks whether every job was done once. A seed that failed can be run
// again alone.
import { parseArgs } from 'node:util'
import { type CrashResult, runCrashPoints } from './lib/crash-run.ts'
import { count, print } from './lib/table.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '61' },
    seed: { type: 'string', default: '1' },
  },
})

const killsPerSeed = 61
const kills = count('--kills', values.kills)
const first = count('--seed', values.seed)
const nodeFlags = ['--import', new URL('./lib/without-pages.mjs', import.meta.url).href]

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const results: CrashResult[] = []
for (let seed = first, left = kills; left > 0; seed++, left -= killsPerSeed) {
  const startedAt = performance.now()
  const result = await runCrashPoints({ seed, kills: Math.min(left, killsPerSeed), nodeFlags })
  results.push(result)
  const { problems, unreached } = result
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  const missed = unreached.length === 0 ? '' : `, never came to ${unreached.join(', ')}`
  const asked = `${result.calls} requests for ${result.steps} steps`
  print(
    `seed ${seed}`,
    `${result.kills} kills in ${seconds} s, ${asked}, ${problems.length} problems${missed}`,
  )
  for (const { kind, what, kill } of problems.slice(0, 12)) print('', `after kill ${kill}, ${kind}: ${what}`)
}

const problems = results.flatMap((result) => result.problems)
const recovery = results.flatMap((result) => result.recoveryMs).toSorted((a, b) => a - b)
const at = (share: number) => Math.round(recovery[Math.ceil(recovery.length * share) - 1] ?? 0)
const summary = {
  kills: sum((result) => result.kills),
  jobs: sum((result) => result.jobs),
  steps: sum((result) => result.steps),
  requests: sum((result) => result.calls),
  lost: problems.filter(({ kind }) => kind === 'lost').length,
  duplicateEffects: problems.filter(({ kind }) => kind === 'doubled').length,
  otherwiseWrong: problems.filter(({ kind }) => kind === 'broken').length,
  recoveryMsP50: at(0.5),
  recoveryMsP95: at(0.95),
  failures: results.filter(hasFailed).map(({ seed }) => seed),
}
print('kills', `${summary.kills}, seeds ${first} to ${first + results.length - 1}`)
print('jobs', `${summary.jobs}: ${summary.requests} requests for ${summary.steps} steps`)
print('lost', `${summary.lost}`)
print('duplicate effects', `${summary.duplicateEffects}`)
print('otherwise wrong', `${summary.otherwiseWrong}`)
print(
  'to the next step',
  `p50 ${summary.recoveryMsP50} ms, p95 ${summary.recoveryMsP95} ms (${recovery.length})`,
)
for (const seed of summary.failures)
  print(`seed ${seed}`, `failed (again: npm run crash -- --kills ${killsPerSeed} --seed ${seed})`)
console.log(JSON.stringify(summary))
process.exit(summary.failures.length === 0 ? 0 : 1)

/** Less than a round of kills does not come to every point. */
function hasFailed({ problems, unreached }: CrashResult): boolean {
  return problems.length > 0 || unreached.length > 0
}

function sum(of: (result: CrashResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0)
}
