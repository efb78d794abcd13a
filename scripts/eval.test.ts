import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runEval } from './lib/eval-run.ts'
import { Checker, type EvalTask, filesOf, readTasks } from './lib/eval-tasks.ts'

const tasks = readTasks()
const checker = new Checker()
const complaint = await checker.problem()
afterAll(() => checker.close())

async function verdict(task: EvalTask, solved: boolean): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-eval-test-'))
  for (const [path, text] of filesOf(task, { solved })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { solved: isSolved } = await checker.check(task, folder)
  rmSync(folder, { recursive: true, force: true })
  return isSolved
}

test('[EVAL-1] there are at least twelve tasks in three languages: to mend, to add and to put in order', () => {
  expect(tasks.length).toBeGreaterThanOrEqual(12)
  expect(new Set(tasks.map(({ language }) => language)).size).toBeGreaterThanOrEqual(3)
  expect(new Set(tasks.map(({ kind }) => kind))).toEqual(new Set(['fix', 'feature', 'refactor']))
})

test.for(tasks)(
  '[EVAL-2] the checker of $id takes the reference solution and refuses the start',
  {
    timeout: 60_000,
  },
  async (task, { skip }) => {
    skip(complaint !== undefined || (await checker.missing(task)) !== undefined)
    expect(await verdict(task, true)).toBe(true)
    expect(await verdict(task, false)).toBe(false)
  },
)

test('[EVAL-3] tasks run by the product’s own loop in both modes; what is right is solved, what is wrong is not', {
  timeout: 120_000,
}, async ({ skip }) => {
  skip(complaint !== undefined)
  const results = await runEval({
    tasks: tasks.filter(({ id }) => id === 'sh-log' || id === 'js-emitter'),
    tiers: ['live', 'background'],
    config: undefined,
    wrong: ['sh-log'],
    minutes: 1,
    nodeFlags: ['--import', new URL('./lib/without-pages.mjs', import.meta.url).href],
  })
  expect(results.map(({ task, tier, outcome }) => `${task} ${tier} ${outcome}`)).toEqual([
    'js-emitter live solved',
    'js-emitter background solved',
    'sh-log live unsolved',
    'sh-log background unsolved',
  ])
  for (const { tokens, seconds } of results) expect([tokens > 0, seconds > 0]).toEqual([true, true])
})
