// npm run chaos -- --kills N --seed S [--bare]: kills a working server N times, four to a seed, and asks after each
// restart for all it had acknowledged. A seed that failed: npm run chaos -- --kills 4 --seed S --keep.
import { parseArgs } from 'node:util'
import { type JobChaosResult, runJobChaos } from './lib/chaos-jobs.ts'
import { type ChaosResult, runChaos } from './lib/chaos-run.ts'
import { count, print } from './lib/table.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    /** Without the pages: starts sooner and needs no build. */
    bare: { type: 'boolean', default: false },
    /** Leaves the folders of failed runs behind. */
    keep: { type: 'boolean', default: false },
  },
})

const killsPerSeed = 4
const kills = count('--kills', values.kills)
const first = count('--seed', values.seed)
const nodeFlags = values.bare ? ['--import', new URL('./lib/without-pages.mjs', import.meta.url).href] : []

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const results: ChaosResult[] = []
for (let seed = first, left = kills; left > 0; seed++, left -= killsPerSeed) {
  const result = await runChaos({ seed, kills: Math.min(left, killsPerSeed), nodeFlags, keep: values.keep })
  results.push(result)
  const { problems } = result
  print(
    `seed ${seed}`,
    `${result.kills} kills, ${result.acknowledged} acknowledged, ${problems.length} problems`,
  )
  for (const { kind, what, kill } of problems.slice(0, 12)) print('', `after kill ${kill}, ${kind}: ${what}`)
}

// Jobs by themselves: each kill meets all of them at once.
const jobResults: JobChaosResult[] = []
for (let seed = first, left = Math.ceil(kills / 4); left > 0; seed++, left -= killsPerSeed) {
  const result = await runJobChaos({ seed, kills: Math.min(left, killsPerSeed), nodeFlags })
  jobResults.push(result)
  const { problems } = result
  print(
    `jobs, seed ${seed}`,
    `${result.kills} kills, ${result.calls} requests for ${result.steps} steps, ${problems.length} problems`,
  )
  for (const { kind, what, kill } of problems.slice(0, 12)) print('', `after kill ${kill}, ${kind}: ${what}`)
}

const problems = [...results, ...jobResults].flatMap((result) => result.problems)
const recovery = [...results, ...jobResults].flatMap((result) => result.recoveryMs).toSorted((a, b) => a - b)
const summary = {
  kills: sum((result) => result.kills) + jobResults.reduce((total, { kills: own }) => total + own, 0),
  acknowledged: sum((result) => result.acknowledged),
  lost: problems.filter(({ kind }) => kind === 'lost').length,
  duplicateEffects: problems.filter(({ kind }) => kind === 'doubled').length,
  recoveryMsP95: Math.round(recovery[Math.ceil(recovery.length * 0.95) - 1] ?? 0),
  jobSteps: jobResults.reduce((total, { steps }) => total + steps, 0),
  jobRequests: jobResults.reduce((total, { calls }) => total + calls, 0),
  failures: [...results, ...jobResults]
    .filter((result) => result.problems.length > 0)
    .map(({ seed }) => seed),
}
print('kills', `${summary.kills}, seeds ${first} to ${first + results.length - 1}`)
print('acknowledged', `${summary.acknowledged}, of these ${sum(({ typed }) => typed)} typed characters`)
print('lost', `${summary.lost}`)
print('duplicate effects', `${summary.duplicateEffects}`)
print('otherwise wrong', `${problems.filter(({ kind }) => kind === 'broken').length}`)
print('slots rewritten', `${sum(({ hunks }) => hunks)}`)
print('job steps', `${summary.jobSteps}, ${summary.jobRequests} requests`)
print('recovery p95', `${summary.recoveryMsP95} ms`)
for (const seed of summary.failures)
  print(`seed ${seed}`, `failed (again: npm run chaos -- --kills ${killsPerSeed} --seed ${seed})`)
console.log(JSON.stringify(summary))
process.exit(summary.failures.length === 0 ? 0 : 1)

function sum(of: (result: ChaosResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0)
}
