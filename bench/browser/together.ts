import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { type Task, taskPrompt } from '../lib/task.ts'
import type { StreamingOptions } from './streaming.ts'
import { startProfile, watch } from './streaming.ts'
import { openFile, openPage, send, waitUntilSettled } from './window.ts'

const others = 3
const rate = 1200
const tokens = 4000

/** Four models write in the open file at once: the page's own thread, and three that others began. */
export async function measureTogether(
  options: Pick<StreamingOptions, 'browser' | 'tandem' | 'runs' | 'nextFile' | 'profile'>,
): Promise<readonly Row[]> {
  const { browser, tandem, runs, nextFile, profile: folder } = options
  const frames: number[] = []
  const longTasks: number[] = []
  const longest: number[] = []
  for (let run = 0; run < runs; run++) {
    const page = await openPage(browser, tandem)
    const file = nextFile()
    await openFile(page, file.name, file.text)
    await send(page, taskPrompt({ kind: 'prose', tokens: 200, rate: 1000 }))
    await waitUntilSettled(page)
    await page.waitForTimeout(3000)
    const client = await RelayClient.connect(tandem)
    const threads = await Promise.all(Array.from({ length: others }, () => client.openThread()))
    const task: Task = { kind: 'edits', tokens, rate, path: file.name }
    const endProfile = folder === undefined ? undefined : await startProfile(page)
    const seen = await watch(page, '.bench-nowhere', taskPrompt(task), async () => {
      await Promise.all(threads.map((thread) => client.runTurn(thread, task)))
    })
    const profile = await endProfile?.()
    if (profile !== undefined) writeFileSync(join(`${folder}`, 'browser.together.cpuprofile'), profile)
    client.close()
    frames.push(quantile(seen.frames, 0.95))
    longTasks.push(seen.longTasks.length)
    longest.push(Math.max(0, ...seen.longTasks))
    await page.context().close()
  }
  const name = `browser.together.${others + 1}x${rate}`
  return [
    row(`${name}.frame.p95`, 'ms', frames, 33.4),
    row(`${name}.longTasks`, 'count', longTasks, 0),
    row(`${name}.longestTask`, 'ms', longest),
  ]
}
