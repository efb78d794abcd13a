// npm run fuzz -- --runs N --seed S [--seed-only S]: people, models and a dying server in one document, from N seeds.
import { parseArgs } from 'node:util'
import { type SimulationResult, simulateDocument } from '../core/testing/document-simulation.ts'
import { count, print } from './lib/table.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    'seed-only': { type: 'string' },
  },
})

const only = values['seed-only']
const first = count('--seed', only ?? values.seed)
const runs = only === undefined ? count('--runs', values.runs) : 1

const failed: SimulationResult[] = []
let converged = 0
let typed = 0
let lostCharacters = 0
let undoExact = 0
const startedAt = performance.now()
for (let seed = first; seed < first + runs; seed++) {
  const result = simulateDocument(seed)
  if (result.converged) converged++
  if (result.undoExact) undoExact++
  typed += result.typedCharacters
  lostCharacters += result.lostCharacters
  if (result.problem !== undefined) failed.push(result)
}

print('runs', `${runs}, seeds ${first} to ${first + runs - 1}`)
print('converged', `${converged}`)
print('typed characters', `${typed}`)
print('lost characters', `${lostCharacters}`)
print('undo and redo exact', `${undoExact}`)
print('seconds', ((performance.now() - startedAt) / 1000).toFixed(1))
for (const { seed, problem } of failed.slice(0, 20)) {
  print(`seed ${seed}`, `${problem} (again: npm run fuzz -- --seed-only ${seed})`)
}
const failures = failed.map((result) => result.seed)
console.log(JSON.stringify({ converged, runs, lostCharacters, undoExact, failures }))
process.exitCode = failures.length === 0 ? 0 : 1
