import type { Browser, Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message } from './fixtures/workbench.ts'

const panel = (page: Page) => page.getByRole('dialog', { name: 'Where the time goes' })
const latency = (page: Page) => page.getByRole('status', { name: 'Latency' }).getByRole('button')

/** The figures of a column, top to bottom. */
async function column(page: Page, index: number): Promise<readonly number[]> {
  const rows = panel(page).getByRole('table').first().locator('tbody tr')
  const texts = await rows.evaluateAll(
    (all, at) => all.map((row) => row.querySelectorAll('td')[at]?.textContent ?? ''),
    index,
  )
  return texts.map(Number)
}

test('[WEB-86] the way of a turn is shown from key to paint and sums to the whole, by the keyboard alone', async ({
  page,
  model,
}) => {
  model.script = () => [
    { type: 'pause', ms: 120 },
    { type: 'text', tokens: 40, tokensPerSecond: 200 },
  ]
  await message(page).fill('how long?')
  await page.keyboard.press('Enter')
  await expect(latency(page)).toContainText('tok/s')
  await latency(page).focus()
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('rowheader')).toHaveText([
    'Key to send',
    'Page to relay',
    'Preparing the request',
    'Waiting in line',
    'Connecting to the model',
    'Sending the request',
    'Model, first token',
    'Handing it on',
    'Relay to page',
    'Reading the message',
    'Applying, next frame',
    'Painting',
    'First token, in all',
  ])
  const hops = await column(page, 1)
  const whole = Number(await panel(page).locator('tfoot td').nth(1).textContent())
  const sum = hops.reduce((all, hop) => all + hop, 0)
  // Each figure is rounded for the eye.
  expect(Math.abs(sum - whole)).toBeLessThan(3)
  expect(hops[6]).toBeGreaterThanOrEqual(115)
  await expect(panel(page)).toContainText('Relay per token')
  await page.keyboard.press('Escape')
  await expect(panel(page)).toBeHidden()
})

test('[WEB-87] the figures are copied as text; after a reload the page says what it does not know', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await latency(page).click()
  await expect(panel(page)).toContainText('Nothing was measured in this thread yet')
  await page.keyboard.press('Escape')
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  await latency(page).click()
  await panel(page).getByRole('button', { name: 'Copy as text' }).click()
  await expect(panel(page).getByRole('button', { name: 'Copied' })).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toMatch(/^Model, first token +[\d.]+ +[\d.]+ +[\d.]+$/m)
  expect(copied).toMatch(/^Connection: (reused|opened for this turn), WebSocket$/m)
  await page.reload()
  await latency(page).click()
  await expect(panel(page)).toContainText('This page was opened after the turn')
  await expect(panel(page).getByRole('rowheader').first()).toHaveText('Preparing the request')
})

test('[WEB-88] a comparison says what it costs, then stands beside the turn', async ({ page, model }) => {
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  await latency(page).click()
  const before = model.requests.length
  await panel(page).getByRole('switch', { name: 'Compare with a new HTTP request per turn' }).click()
  await expect(panel(page)).toContainText('it counts, and may cost')
  expect(model.requests.length).toBe(before)
  await panel(page).getByRole('button', { name: 'Run it once' }).click()
  const table = panel(page).getByRole('table').last()
  await expect(table.getByRole('columnheader')).toHaveText(['This turn', 'New HTTP request', 'Difference'])
  await expect(
    table
      .getByRole('row', { name: /To the first token/ })
      .getByRole('cell')
      .nth(1),
  ).toHaveText(/\d/)
  expect(model.requests.at(-1)).toMatchObject({ kind: 'responses-sse', reused: false })
  await expect(panel(page).getByRole('button', { name: 'Run it again' })).toBeEnabled()
  await page.keyboard.press('Escape')
  await expect(chat(page).getByText('You said: hello')).toHaveCount(1)
})

test('[WEB-89] on a phone the panel opens by a slash command and fits, in Chinese too; a guest sees it without the comparison', async ({
  page,
  tandem,
  browser,
}) => {
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  await page.setViewportSize({ width: 390, height: 844 })
  await message(page).fill('/latency')
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('rowheader').last()).toHaveText('First token, in all')
  const inside = await panel(page).evaluate((element) => element.scrollWidth <= element.clientWidth)
  expect(inside).toBe(true)
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 1280, height: 800 })
  const guest = await guestOf(page, browser)
  await guest.getByRole('status', { name: 'Latency' }).getByRole('button').click()
  await expect(panel(guest).getByRole('rowheader').last()).toHaveText('First token, in all')
  await expect(panel(guest).getByRole('switch')).toHaveCount(0)
  const chinese = await browser.newContext({ locale: 'zh-CN' })
  const theirs = await tandem.openPage(chinese)
  await theirs.getByRole('status', { name: '延迟' }).getByRole('button').click()
  await expect(theirs.getByRole('dialog', { name: '时间去向' })).toContainText('首个词元合计')
  for (const context of [chinese, guest.context()]) await context.close()
})

async function guestOf(page: Page, browser: Browser): Promise<Page> {
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('radio', { name: 'Watch', exact: true }).check()
  await page.getByRole('button', { name: 'Make link' }).click()
  const field = page.getByRole('textbox', { name: 'Link to this thread' })
  await expect(field).toHaveValue(/\/join#/)
  const context = await browser.newContext({ locale: 'en-US' })
  const guest = await context.newPage()
  await guest.goto(await field.inputValue())
  await expect(guest.getByRole('note')).toBeVisible()
  await page.keyboard.press('Escape')
  return guest
}
