import { expect, test } from './fixtures/tandem.ts'
import { editor, openFile } from './fixtures/workbench.ts'

test('[WEB-25] people see who is here and where, by the names they give themselves', async ({
  page,
  context,
  tandem,
  browser,
}) => {
  await openFile(page, 'src/greeting.ts')
  const other = await browser.newContext()
  const theirs = await tandem.openPage(other)
  await theirs.getByRole('button', { name: /^People here/ }).click()
  await theirs.getByRole('textbox', { name: 'Your name, as others see it' }).fill('Ada')
  await theirs.keyboard.press('Enter')
  await theirs.keyboard.press('Escape')
  await openFile(theirs, 'src/greeting.ts')
  await editor(theirs).getByText('Hello').click()
  await expect(page.getByRole('button', { name: 'People here: 1 other here' })).toBeVisible()
  await expect(editor(page).getByText('Ada', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: /^People here/ }).click()
  await expect(page.getByRole('button', { name: 'Follow Ada' })).toContainText('in src/greeting.ts')
  await other.close()
  await expect(page.getByText('Nobody else has this workspace open.')).toBeVisible()
  expect(context.pages().length).toBe(1)
})

test('[WEB-26] following somebody shows the file they are in, wherever they go', async ({
  page,
  tandem,
  browser,
}) => {
  const other = await browser.newContext()
  const theirs = await tandem.openPage(other)
  await theirs.getByRole('button', { name: /^People here/ }).click()
  await theirs.getByRole('textbox', { name: 'Your name, as others see it' }).fill('Ada')
  await theirs.keyboard.press('Enter')
  await theirs.keyboard.press('Escape')
  await openFile(theirs, 'README.md')
  await page.getByRole('button', { name: /^People here/ }).click()
  await page.getByRole('button', { name: 'Follow Ada' }).click()
  await expect(editor(page).getByRole('tab', { name: 'README.md' })).toBeVisible()
  await openFile(theirs, 'src/main.ts')
  await expect(editor(page).getByRole('tab', { name: 'main.ts' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop following Ada' })).toBeVisible()
  await other.close()
})
