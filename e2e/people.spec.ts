import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule } from './fixtures/workbench.ts'

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

test('[WEB-334] the name beside a caret is there when it moves, goes after two seconds, and comes back with the next move', async ({
  page: theirs,
  tandem,
  browser,
}) => {
  await theirs.getByRole('button', { name: /^People here/ }).click()
  await theirs.getByRole('textbox', { name: 'Your name, as others see it' }).fill('Ada')
  await theirs.keyboard.press('Enter')
  await theirs.keyboard.press('Escape')
  await openFile(theirs, 'src/greeting.ts')
  const mine = await browser.newContext()
  await mine.clock.install()
  const page = await tandem.openPage(mine)
  await openFile(page, 'src/greeting.ts')
  const name = editor(page).getByText('Ada', { exact: true })
  const stepMs = 50
  const opacityLater = async () => {
    await page.clock.runFor(stepMs)
    return (await name.count()) > 0 ? name.evaluate((flag) => getComputedStyle(flag).opacity) : '0'
  }
  const intervals = [stepMs]
  await editor(theirs).getByText('Hello').click()
  await expect(name).toBeVisible()
  // From here on the page's time, its frames included, goes on only where the test says so.
  await page.clock.pauseAt(Date.now() + 2000)
  await expect.poll(opacityLater, { intervals }).toBe('0')
  for (const key of ['ArrowLeft', 'ArrowRight']) {
    await theirs.keyboard.press(key)
    // It fades in: when that is seen it has been there for two steps at most.
    await expect.poll(opacityLater, { intervals }).not.toBe('0')
    await page.clock.runFor(2000 - 4 * stepMs)
    await expect(name).toHaveCSS('opacity', '1')
    await page.clock.runFor(4 * stepMs)
    await expect(name).toHaveCSS('opacity', '0')
  }
  await mine.close()
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

test('[WEB-246] where a model writes its name and caret stand, also for who has another thread open, and go when it is done', async ({
  page,
  tandem,
  browser,
  model,
}) => {
  const lines = Array.from({ length: 40 }, (_, i) => `Line ${i} of the model.`)
  const patch = patchTo('README.md', ['A small project.'], lines)
  model.script = [
    rule('write', [{ type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 60 }]),
  ]
  const theirs = await tandem.openPage(await browser.newContext())
  for (const each of [theirs, page]) await openFile(each, 'README.md')
  await ask(page, 'write')
  for (const each of [theirs, page]) {
    await expect(editor(each).getByText('fake-fast')).toBeVisible()
    await expect(each.locator('.tandem-model-caret')).toHaveCount(1)
  }
  await expect(chat(page)).toContainText('Done.')
  for (const each of [theirs, page]) {
    await expect(editor(each).getByText('fake-fast')).toHaveCount(0)
    await expect(each.locator('.tandem-model-caret')).toHaveCount(0)
  }
})
