// npm run screenshot: docs/screenshot.png, the first minute with the sample project, no model configured.
import { join } from 'node:path'
import { expect, chromium as playwright } from '@playwright/test'
import { chromium } from './lib/chromium.ts'
import { root } from './lib/root.mjs'
import { createScratch } from './lib/scratch.ts'
import { startTandem } from './lib/tandem-process.ts'

const scratch = createScratch({ files: {} })
const tandem = await startTandem({ ...scratch, workspaces: [] })
const browser = await playwright.launch(chromium())
try {
  const page = await browser.newPage({
    viewport: { width: 1680, height: 945 },
    colorScheme: 'dark',
    locale: 'en-US',
  })
  await page.goto(tandem.url)
  const files = page.getByRole('region', { name: 'Files' })
  await files.getByText('styles.css').click()
  await page.getByRole('region', { name: 'Editor' }).getByText('--button').first().waitFor()
  const preview = page.getByRole('button', { name: 'Preview', exact: true }).first()
  if ((await preview.getAttribute('aria-pressed')) !== 'true') await preview.click()
  await page.frameLocator('iframe').getByRole('link', { name: 'Reserve yours' }).waitFor()
  const ask = async (prompt: string, turns: number) => {
    await page.getByRole('textbox', { name: 'Message' }).fill(prompt)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await expect(page.getByRole('article').getByText('Done', { exact: true })).toHaveCount(turns)
  }
  // The figures in the status bar are the last turn's: nobody's second one is as slow as their first.
  await ask('make the button rounder', 1)
  await ask('make the button teal', 2)
  await page.getByRole('button', { name: 'Undo turn' }).first().waitFor()
  // Colour swatches and diagnostics come a moment after the text.
  await page.waitForTimeout(2000)
  await page.screenshot({ path: join(root, 'docs', 'screenshot.png'), animations: 'disabled' })
} finally {
  await browser.close()
  await tandem.end()
  scratch.remove()
}
