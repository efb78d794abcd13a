import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from '@playwright/test'
import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { type Task, taskPrompt } from '../lib/task.ts'
import { watch } from './streaming.ts'
import { type NextFile, openFile, openPage, send, waitUntilSettled } from './window.ts'

export interface TypingOptions {
  readonly browser: Browser
  readonly tandem: TandemProcess
  readonly name: string
  readonly task: (path: string) => Task
  readonly runs: number
  readonly nextFile: NextFile
}

const text = 'const typedMeanwhile = [1, 2, 3].map((n) => n * 2)'

/** From a key to the paint after it, in the editor, while the model streams. */
export async function measureTyping({
  browser,
  tandem,
  name,
  task,
  runs,
  nextFile,
}: TypingOptions): Promise<readonly Row[]> {
  const p50: number[] = []
  const p95: number[] = []
  for (let run = 0; run < runs; run++) {
    const page = await openPage(browser, tandem)
    const open = nextFile()
    await openFile(page, open.name, open.text)
    await send(page, taskPrompt({ kind: 'prose', tokens: 100, rate: 1000 }))
    await waitUntilSettled(page)
    // The first suggestions of a page load code; nobody meets that twice.
    await type(page, 'const first = [1].map(')
    await page.waitForTimeout(3000)
    const seen = await watch(page, undefined, taskPrompt(task(open.name)), async () => {
      await type(page, text)
    })
    p50.push(quantile(seen.keys, 0.5))
    p95.push(quantile(seen.keys, 0.95))
    await page.context().close()
  }
  return [row(`${name}.p50`, 'ms', p50), row(`${name}.p95`, 'ms', p95, 50)]
}

/** At the top of the file, as fast as quick typists do, wherever the view has gone with the model. */
async function type(page: Page, words: string): Promise<void> {
  await page.getByRole('region', { name: 'Editor' }).locator('.view-line').first().click()
  await page.keyboard.press('Control+Home')
  for (const key of words) {
    await page.keyboard.type(key)
    await wait(60)
  }
}
