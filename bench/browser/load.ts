import type { Browser } from '@playwright/test'
import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { type Row, row } from '../lib/row.ts'
import { type NextFile, openFile } from './window.ts'

/** From the address to a file in the editor, with nothing cached. */
export async function measureLoad(options: {
  readonly browser: Browser
  readonly tandem: TandemProcess
  readonly runs: number
  readonly nextFile: NextFile
}): Promise<readonly Row[]> {
  const times: number[] = []
  for (let run = 0; run < options.runs; run++) {
    const context = await options.browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-US',
    })
    const page = await context.newPage()
    const startedAt = performance.now()
    await page.goto(options.tandem.url, { waitUntil: 'commit' })
    const file = options.nextFile()
    await openFile(page, file.name, file.text)
    times.push(performance.now() - startedAt)
    await context.close()
  }
  return [row('browser.load', 'ms', times, 2500)]
}
