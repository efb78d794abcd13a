// npm run screenshot: docs/screenshot.png, taken of the sample project while a model writes into it.
import { join } from 'node:path'
import { chromium as playwright } from '@playwright/test'
import { createFakeModel } from '../bench/fake-model/fake-model.ts'
import { chromium } from './lib/chromium.ts'
import { root } from './lib/root.mjs'
import { createScratch } from './lib/scratch.ts'
import { startTandem } from './lib/tandem-process.ts'

const patch = `*** Begin Patch
*** Update File: styles.css
@@
 * {
+  /* One accent for everything that can be pressed. */
*** End Patch
`
const model = await createFakeModel({ tokensPerSecond: 400 })
const scratch = createScratch({ files: {}, modelUrl: model.url })
const tandem = await startTandem({ ...scratch, workspaces: [] })
const browser = await playwright.launch(chromium())
console.log(tandem.url, patch.length)
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, deviceScaleFactor: 2 })
await page.goto(tandem.url)
await page.getByRole('textbox', { name: 'Message' }).waitFor()
await page.screenshot({ path: join(root, 'docs', 'screenshot.png') })
await browser.close()
await tandem.end()
await model.close()
scratch.remove()
