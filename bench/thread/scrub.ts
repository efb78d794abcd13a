import type { Page } from '@playwright/test'
import { seededRandom } from '../../core/lib/random.ts'
import { Timeline } from '../../core/state/timeline.ts'
import { installProbe } from '../browser/probe.ts'
import { dragReplay } from '../browser/replay.ts'
import { openBrowser } from '../browser/window.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import type { StoredThread } from './open.ts'
import { serve, threadTitle } from './stored-thread.ts'

/** A replay of the whole thread: how long its log takes to come, and how quickly one moves about in it. */
export async function measureScrub(stored: StoredThread): Promise<readonly Row[]> {
  const tandem = await serve(stored.scratch)
  try {
    const client = await RelayClient.connect(tandem)
    const rows = await measureTimeline(stored, client)
    client.close()
    return [...rows, ...(await measurePage(stored, tandem.url))]
  } finally {
    await tandem.end()
  }
}

/** In this process, without drawing: the thread at places chosen by dice. */
async function measureTimeline(
  { name, threadId, quick }: StoredThread,
  client: RelayClient,
): Promise<readonly Row[]> {
  const timeline = new Timeline()
  let told = 0
  const startedAt = performance.now()
  for (let since = 0, head = 1; since < head; ) {
    const page = await client.request('thread/history', { threadId, since, limit: 1000 })
    timeline.append(page.rows)
    told += page.rows.length
    since = page.upTo
    head = page.head
  }
  const read = performance.now() - startedAt
  const random = seededRandom(1)
  const times: number[] = []
  for (let i = 0; i < (quick ? 300 : 3000); i++) {
    const time = random.next() * timeline.durationMs
    const askedAt = performance.now()
    timeline.viewAt(time)
    times.push(performance.now() - askedAt)
  }
  return [
    row(`thread.replay.${name}.rows`, 'rows', [told]),
    row(`thread.replay.${name}.read`, 'ms', [read]),
    row(`thread.scrub.${name}.state`, 'ms', times),
    row(`thread.scrub.${name}.stateP95`, 'ms', [quantile(times, 0.95)], 8),
  ]
}

/** In the page: from a click on the thread to its last turn, and frames while the thumb is dragged through all of it. */
async function measurePage({ name, quick }: StoredThread, url: string): Promise<readonly Row[]> {
  const browser = await openBrowser()
  const opened: number[] = []
  const p50: number[] = []
  const p95: number[] = []
  try {
    for (let run = 0; run < (quick ? 1 : 5); run++) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
      const page = await context.newPage()
      await page.addInitScript(installProbe)
      await page.goto(url)
      await page.getByRole('button', { name: 'New thread' }).first().click()
      await page.getByRole('button', { name: 'Threads', exact: true }).click()
      // The editor's code comes after the page: who opens a thread in the first second waits for both.
      await page.waitForTimeout(3000)
      opened.push(await openThread(page))
      const frames = await drag(page)
      p50.push(quantile(frames, 0.5))
      p95.push(quantile(frames, 0.95))
      await context.close()
    }
  } finally {
    await browser.close()
  }
  return [
    row(`browser.thread.${name}.open`, 'ms', opened, 1000),
    row(`browser.scrub.${name}.frame.p50`, 'ms', p50, 33.4),
    row(`browser.scrub.${name}.frame.p95`, 'ms', p95, 50),
  ]
}

async function openThread(page: Page): Promise<number> {
  const link = page
    .getByRole('region', { name: 'Threads', exact: true })
    .getByRole('link', { name: threadTitle })
  await link.waitFor()
  const startedAt = performance.now()
  await link.click()
  await page.getByRole('region', { name: 'Chat' }).getByRole('article').last().waitFor()
  return performance.now() - startedAt
}

/** The lengths of frames, in milliseconds. */
async function drag(page: Page): Promise<readonly number[]> {
  await page.getByRole('button', { name: `Actions for ${threadTitle}` }).click()
  await page.getByRole('menuitem', { name: 'Replay', exact: true }).click()
  return dragReplay(page)
}
