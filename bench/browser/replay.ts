import type { Page } from '@playwright/test'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { taskPrompt } from '../lib/task.ts'
import type { StreamingOptions } from './streaming.ts'
import { openPage, send, waitUntilSettled } from './window.ts'

type ReplayOptions = Pick<StreamingOptions, 'browser' | 'tandem' | 'runs' | 'nextFile'>

const turns = 6

/** The thumb of a replay dragged over turns that wrote code: its file is shown as it was, in colours. */
export async function measureReplay(options: ReplayOptions): Promise<readonly Row[]> {
  const runs: (readonly number[])[] = []
  for (let run = 0; run < options.runs; run++) runs.push(await once(options))
  const name = 'browser.replay.frame'
  return [
    row(
      `${name}.p50`,
      'ms',
      runs.map((frames) => quantile(frames, 0.5)),
      33.4,
    ),
    row(
      `${name}.p95`,
      'ms',
      runs.map((frames) => quantile(frames, 0.95)),
      50,
    ),
  ]
}

async function once({ browser, tandem, nextFile }: ReplayOptions): Promise<readonly number[]> {
  const page = await openPage(browser, tandem)
  const { name: path } = nextFile()
  for (let turn = 0; turn < turns; turn++) {
    await send(page, taskPrompt({ kind: 'edits', tokens: 3000, rate: 5000, path }))
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor()
    await waitUntilSettled(page)
  }
  await page.getByRole('button', { name: 'Threads', exact: true }).click()
  await page
    .getByRole('button', { name: /^Actions for / })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Replay', exact: true }).click()
  const file = page.getByRole('document', { name: `Text of ${path} in the replay` })
  await dragReplay(page)
  await file.waitFor()
  const frames = await dragReplay(page)
  await page.context().close()
  return frames
}

/** Drags the thumb to the beginning, the end and places between. Answers the lengths of frames, in milliseconds. */
export async function dragReplay(page: Page): Promise<readonly number[]> {
  await page.getByText('The thread as it was.').waitFor({ timeout: 120_000 })
  const slider = page.getByRole('slider', { name: 'Position in the replay' })
  const thumb = await slider.boundingBox()
  const track = await slider.locator('xpath=../..').boundingBox()
  if (!thumb || !track) throw new Error('The replay has no slider.')
  await page.mouse.move(thumb.x + thumb.width / 2, thumb.y + thumb.height / 2)
  await page.mouse.down()
  await page.evaluate(() => window.benchProbe.start())
  for (const there of [0, 1, 0.3, 0.8]) {
    await page.mouse.move(track.x + track.width * there, thumb.y + thumb.height / 2, { steps: 120 })
  }
  const { frames } = await page.evaluate(() => window.benchProbe.stop())
  await page.mouse.up()
  return frames
}
