import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'
import type { Seen } from './probe.ts'
import type { StreamingOptions } from './streaming.ts'
import { openPage, send, waitUntilSettled } from './window.ts'

const hunksEach = 50
const files = 10
const steps = 120

/** Walking and judging 500 unreviewed changes in the deck by keys, as fast as a held key repeats. */
export async function measureDeck(
  options: Pick<StreamingOptions, 'browser' | 'tandem' | 'runs' | 'nextFile'>,
): Promise<readonly Row[]> {
  const seen: Seen[] = []
  for (let run = 0; run < options.runs; run++) seen.push(await once(options))
  const all = (of: (each: Seen) => number) => seen.map(of)
  const name = `browser.deck.${hunksEach * files}`
  return [
    row(
      `${name}.frame.p95`,
      'ms',
      all(({ frames }) => quantile(frames, 0.95)),
      17.5,
    ),
    row(
      `${name}.key.p95`,
      'ms',
      all(({ keys }) => quantile(keys, 0.95)),
      50,
    ),
    row(
      `${name}.longTasks`,
      'count',
      all(({ longTasks }) => longTasks.length),
    ),
  ]
}

async function once({
  browser,
  tandem,
  nextFile,
}: Pick<StreamingOptions, 'browser' | 'tandem' | 'nextFile'>): Promise<Seen> {
  const page = await openPage(browser, tandem)
  for (let file = 0; file < files; file++) {
    await send(page, taskPrompt({ kind: 'hunks', hunks: hunksEach, rate: 5000, path: nextFile().name }))
    const count = `${(file + 1) * hunksEach} unreviewed`
    await page.getByRole('button', { name: count }).waitFor({ timeout: 60_000 })
    await waitUntilSettled(page)
  }
  await page.keyboard.press('Alt+r')
  await page.getByRole('region', { name: 'Review' }).waitFor()
  await page.waitForTimeout(2000)
  await page.evaluate(() => window.benchProbe.start())
  for (let step = 0; step < steps; step++) {
    await page.keyboard.press(step % 4 === 3 ? 'y' : 'j')
    await page.waitForTimeout(33)
  }
  const seen = await page.evaluate(() => window.benchProbe.stop())
  await page.context().close()
  return seen
}
