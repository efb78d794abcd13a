import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, rule } from './fixtures/workbench.ts'

const pane = (page: Page) => page.getByRole('region', { name: 'Threads', exact: true })

async function choose(page: Page, title: string, action: string): Promise<void> {
  await pane(page)
    .getByRole('button', { name: `Actions for ${title}` })
    .click()
  await page.getByRole('menuitem', { name: action }).click()
}

test.beforeEach(async ({ page, model }) => {
  model.script = [
    rule('apples', [{ type: 'text', text: 'Apples are **red**.' }]),
    rule('pears', [{ type: 'text', text: 'Pears are 绿色的 green.' }]),
  ]
  await page.getByRole('button', { name: 'Threads', exact: true }).click()
  await ask(page, 'Tell me of apples')
  await expect(chat(page)).toContainText('Apples are red.')
  await pane(page).getByRole('button', { name: 'New thread' }).click()
  await ask(page, 'Tell me of pears')
  await expect(chat(page)).toContainText('green.')
})

test('[WEB-55] a thread is pinned, renamed, archived and brought back, by menu and keys', async ({
  page,
  context,
  tandem,
}) => {
  const links = pane(page).getByRole('link')
  await expect(links).toContainText(['pears', 'apples'])
  await choose(page, 'Tell me of apples', 'Pin')
  await expect(links).toContainText(['apples', 'pears'])
  await choose(page, 'Tell me of apples', 'Rename')
  await page.getByRole('textbox', { name: 'New name' }).fill('Fruit')
  await page.keyboard.press('Enter')
  const fruit = pane(page).getByRole('link', { name: /Fruit/ })
  await expect(fruit).toBeFocused()
  const other = await tandem.openPage(context)
  await expect(pane(other).getByRole('link')).toContainText(['Fruit', 'pears'])
  await page.keyboard.press('Delete')
  await expect(pane(other).getByRole('link')).toContainText(['pears'])
  await expect(fruit).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(links).toContainText(['Fruit', 'pears'])
  await choose(page, 'Fruit', 'Archive')
  await pane(page).getByRole('button', { name: 'Archived (1)' }).click()
  await choose(page, 'Fruit', 'Bring back')
  await expect(pane(page).getByRole('button', { name: /Archived/ })).toHaveCount(0)
  await expect(links).toContainText(['Fruit', 'pears'])
})

test('[WEB-56] a thread is exported as Markdown and as JSON', async ({ page }) => {
  const markdown = page.waitForEvent('download')
  await choose(page, 'Tell me of apples', 'Export as Markdown')
  const file = await markdown
  expect(file.suggestedFilename()).toBe('Tell-me-of-apples.md')
  const text = readFileSync(await file.path(), 'utf8')
  expect(text).toContain('> Tell me of apples\n\nApples are **red**.')
  const json = page.waitForEvent('download')
  await choose(page, 'Tell me of apples', 'Export as JSON')
  const parsed: unknown = JSON.parse(readFileSync(await (await json).path(), 'utf8'))
  expect(parsed).toMatchObject({ format: 'tandem-thread', thread: { title: 'Tell me of apples' } })
})

test('[WEB-57] a search finds what was said in any thread and opens it there; a link leads to the same turn', async ({
  page,
  model,
}) => {
  const tall = Array.from({ length: 60 }, (_, n) => `Line ${n}.`).join('\n\n')
  model.script = [rule('long', [{ type: 'text', text: tall }])]
  await pane(page)
    .getByRole('link', { name: /apples/ })
    .click()
  await ask(page, 'Something long')
  await expect(chat(page)).toContainText('Line 59.')
  await pane(page).getByRole('link', { name: /pears/ }).click()
  await expect(chat(page)).toContainText('绿色的')
  const field = pane(page).getByRole('searchbox', { name: 'Search threads' })
  await field.fill('绿色')
  const found = pane(page).getByRole('list', { name: 'Found' }).getByRole('link')
  await expect(found).toContainText(['Pears are 绿色的'])
  await field.fill('ARE **RED')
  await expect(found).toContainText(['Apples are **red**.'])
  await found.click()
  await expect(chat(page).getByText('Apples are red.')).toBeInViewport()
  await expect(chat(page).getByText('Line 59.')).not.toBeInViewport()
  const link = await found.getAttribute('href')
  await page.goto(new URL(link ?? '', page.url()).href)
  await expect(chat(page).getByText('Apples are red.')).toBeInViewport()
  await field.fill('nowhere at all')
  await expect(pane(page).getByText('Nothing found.')).toBeVisible()
  await field.press('Escape')
  await expect(pane(page).getByRole('link')).toHaveCount(2)
})
