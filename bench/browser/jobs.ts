import type { Page } from '@playwright/test'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'
import type { Seen } from './probe.ts'
import type { StreamingOptions } from './streaming.ts'
import { openPage } from './window.ts'

type JobsOptions = Pick<StreamingOptions, 'browser' | 'tandem' | 'runs'>

const jobs = 500
const done = 40
const steps = 240

/** The list of 500 jobs scrolled from end to end by the wheel while four of them work. */
export async function measureJobsList(options: JobsOptions): Promise<readonly Row[]> {
  const { browser, tandem, runs } = options
  const client = await RelayClient.connect(tandem)
  await fill(client)
  const seen: Seen[] = []
  const page = await openPage(browser, tandem)
  await page.keyboard.press('Alt+j')
  await page.getByRole('region', { name: 'Jobs' }).getByRole('listitem').first().waitFor()
  await page.waitForTimeout(2000)
  for (let run = 0; run < runs; run++) seen.push(await scroll(page, run % 2 === 0 ? 1 : -1))
  await page.context().close()
  client.close()
  const name = `browser.jobs.${jobs}`
  return [
    row(
      `${name}.frame.p95`,
      'ms',
      seen.map(({ frames }) => quantile(frames, 0.95)),
      16.9,
    ),
    row(
      `${name}.frame.max`,
      'ms',
      seen.map(({ frames }) => Math.max(...frames)),
    ),
    row(
      `${name}.longTasks`,
      'count',
      seen.map(({ longTasks }) => longTasks.length),
      0,
    ),
  ]
}

/** The first ones have ended, four work for as long as this takes, the others wait for them. */
async function fill(client: RelayClient): Promise<void> {
  const { workspaceId } = client
  const start = (tokens: number, rate: number) => {
    const task = taskPrompt({ kind: 'prose', tokens, rate })
    return client.request('job/start', { workspaceId, task, conversation: false })
  }
  for (let n = 0; n < done; n++) await start(100, 5000)
  const ended = async () =>
    (await client.request('job/list', { workspaceId })).jobs.filter(({ state }) => state === 'done').length
  while ((await ended()) < done) await new Promise((resolve) => setTimeout(resolve, 200))
  for (let n = done; n < jobs; n++) await start(1_000_000, 20)
}

async function scroll(page: Page, direction: 1 | -1): Promise<Seen> {
  const list = await page.getByRole('region', { name: 'Jobs' }).boundingBox()
  if (!list) throw new Error('The list of jobs is not there.')
  await page.mouse.move(list.x + list.width / 2, list.y + list.height / 2)
  await page.evaluate(() => window.benchProbe.start())
  for (let step = 0; step < steps; step++) {
    await page.mouse.wheel(0, direction * 120)
    await page.waitForTimeout(8)
  }
  return page.evaluate(() => window.benchProbe.stop())
}
