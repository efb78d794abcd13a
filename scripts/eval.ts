// npm run eval -- [--tier live|background|both] [--model NAME] [--task ID]… [--json FILE]: small tasks with hidden
// checkers, each by the product's own loop with a model of yours. --scripted: by a model that knows the answers.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type EvalResult, type EvalTier, readConfigFile, runEval } from './lib/eval-run.ts'
import { readTasks } from './lib/eval-tasks.ts'

const { values } = parseArgs({
  options: {
    tier: { type: 'string', default: 'both' },
    model: { type: 'string' },
    task: { type: 'string', multiple: true },
    json: { type: 'string' },
    config: { type: 'string', default: 'tandem.config.json' },
    minutes: { type: 'string', default: '20' },
    scripted: { type: 'boolean', default: false },
  },
})

const tiers: readonly EvalTier[] =
  values.tier === 'live' ? ['live'] : values.tier === 'background' ? ['background'] : ['live', 'background']
const all = readTasks()
const chosen = values.task ?? all.map(({ id }) => id)
const unknown = chosen.filter((id) => !all.some((task) => task.id === id))
if (unknown.length > 0) {
  console.error(`There is no task ${unknown.join(', ')}. There are: ${all.map(({ id }) => id).join(', ')}.`)
  process.exit(2)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const results = await runEval({
  tasks: all.filter(({ id }) => chosen.includes(id)),
  tiers,
  config: values.scripted ? undefined : (readConfigFile(values.config) ?? {}),
  model: values.model,
  env: process.env,
  minutes: Number(values.minutes),
  nodeFlags: ['--import', new URL('./lib/without-pages.mjs', import.meta.url).href],
  onResult: ({ task, tier, outcome, note }) => console.error(`${task} ${tier}: ${outcome} ${note}`),
})
printTable(results)
const summary = Object.fromEntries(tiers.map((tier) => [tier, sumOf(tier)]))
if (values.json) writeFileSync(values.json, `${JSON.stringify({ summary, results }, null, 2)}\n`)
console.log(JSON.stringify(summary))

function printTable(rows: readonly EvalResult[]): void {
  const head = ['task'.padEnd(16), ...tiers.map((tier) => `${tier}: outcome, s, tokens, $`.padEnd(36))]
  console.log(head.join('  '))
  for (const id of new Set(rows.map(({ task }) => task))) {
    const cells = tiers.map((tier) => {
      const row = rows.find((other) => other.task === id && other.tier === tier)
      return (row ? cellOf(row) : '').padEnd(36)
    })
    console.log([id.padEnd(16), ...cells].join('  ').trimEnd())
  }
}

function cellOf({ outcome, note, seconds, tokens, cost }: EvalResult): string {
  if (outcome === 'skipped') return `skipped: ${note.slice(0, 26)}`
  return `${outcome.padEnd(9)} ${seconds.toFixed(1).padStart(6)} ${String(tokens).padStart(8)} ${cost === undefined ? 'no price' : cost.toFixed(4)}`
}

function sumOf(tier: EvalTier) {
  const own = results.filter((result) => result.tier === tier)
  const run = own.filter(({ outcome }) => outcome !== 'skipped')
  const costs = run.map(({ cost }) => cost)
  return {
    tasks: own.length,
    solved: run.filter(({ outcome }) => outcome === 'solved').length,
    skipped: own.length - run.length,
    seconds: Math.round(run.reduce((sum, { seconds }) => sum + seconds, 0) * 10) / 10,
    tokens: run.reduce((sum, { tokens }) => sum + tokens, 0),
    cost:
      costs.reduce((sum, cost) => (sum === undefined || cost === undefined ? undefined : sum + cost), 0) ??
      null,
  }
}
