import type { Browser, Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, patchTo, rule } from './fixtures/workbench.ts'

const edit = patchTo('src/greeting.ts', ["  return 'Hello, ' + name"], ["  return 'Hi, ' + name"])

test.beforeEach(async ({ page, model }) => {
  model.script = [
    rule('please edit', [{ type: 'customCall', name: 'apply_patch', text: edit }], 'Greeted.'),
    rule('please answer', [{ type: 'text', text: 'Hello to all.' }]),
  ]
  await ask(page, 'please edit')
  await expect(chat(page)).toContainText('Greeted.')
})

/** Makes a link and answers its address. */
async function share(page: Page, role: 'Watch' | 'Prompt' | 'Edit'): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('radio', { name: role, exact: true }).check()
  await page.getByRole('button', { name: 'Make link' }).click()
  const field = page.getByRole('textbox', { name: 'Link to this thread' })
  await expect(field).toHaveValue(/\/join#[\w-]{43}$/)
  const link = await field.inputValue()
  await page.keyboard.press('Escape')
  return link
}

/** Somebody else's browser, come by the link. */
async function join(browser: Browser, link: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(link)
  await expect(page.getByRole('note')).toBeVisible()
  return page
}

test('[WEB-45] who has a link to watch sees chat, files of the thread and edits live, is told what it is, and can do nothing', async ({
  page,
  browser,
}) => {
  const theirs = await join(browser, await share(page, 'Watch'))
  await expect(theirs.getByRole('note')).toContainText(/shared this thread with you\. You can watch it\./)
  expect(theirs.url()).not.toContain('#')
  await expect(chat(theirs)).toContainText('Greeted.')
  const empty = editor(theirs)
  await expect(empty.getByRole('button', { name: 'Find a file' })).toBeVisible()
  await expect(empty.getByRole('button', { name: /New file|Ask for a change/ })).toHaveCount(0)
  await openFile(theirs, 'src/greeting.ts')
  const files = theirs.getByRole('region', { name: 'Files' })
  await expect(files.getByRole('treeitem')).toHaveText([/src/, /greeting\.ts/])
  await openFile(page, 'src/greeting.ts')
  await editor(page).getByText('Hi, ').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' // by its owner')
  await expect(editor(theirs)).toContainText('by its owner')
  await expect(message(theirs)).toHaveCount(0)
  for (const name of ['New thread', 'Undo turn', 'Share', 'New file', 'Keep', 'Undo']) {
    await expect(theirs.getByRole('button', { name, exact: true })).toHaveCount(0)
  }
  await editor(theirs).getByText('Hi, ').click()
  await theirs.keyboard.type('intruder')
  await expect(editor(theirs)).toContainText('Cannot edit in read-only editor')
  await ask(page, 'please answer')
  await expect(chat(theirs)).toContainText('Hello to all.')
  await expect(editor(page)).not.toContainText('intruder')
})

test('[WEB-46] who has a link to prompt asks and queues; the owner sees who it was', async ({
  page,
  browser,
}) => {
  const theirs = await join(browser, await share(page, 'Prompt'))
  await theirs.getByRole('button', { name: /^People here/ }).click()
  await theirs.getByRole('textbox', { name: 'Your name, as others see it' }).fill('Bo')
  await theirs.keyboard.press('Enter')
  await theirs.keyboard.press('Escape')
  await ask(theirs, 'please answer')
  for (const each of [page, theirs]) {
    await expect(chat(each).getByRole('heading', { name: 'Bo, a guest' })).toBeVisible()
    await expect(chat(each)).toContainText('Hello to all.')
  }
  await expect(theirs.getByRole('button', { name: 'Undo turn' })).toHaveCount(0)
})

test('[WEB-47] who has a link to edit types in the thread’s files, and it reaches the disk', async ({
  page,
  browser,
  tandem,
}) => {
  const theirs = await join(browser, await share(page, 'Edit'))
  await openFile(theirs, 'src/greeting.ts')
  await editor(theirs).getByText('Hi, ').click()
  await theirs.keyboard.press('End')
  await theirs.keyboard.type(' // by a guest')
  await expect.poll(() => tandem.read('src/greeting.ts')).toContain('by a guest')
  await openFile(page, 'src/greeting.ts')
  await expect(editor(page)).toContainText('by a guest')
  await theirs.getByRole('button', { name: 'Undo turn' }).click()
  await expect.poll(() => tandem.read('src/greeting.ts')).toContain("'Hello, ' + name")
})

test('[WEB-48] a link that is withdrawn while its guest is there ends at once, and nobody gets in by it again', async ({
  page,
  browser,
}) => {
  const link = await share(page, 'Edit')
  const theirs = await join(browser, link)
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText('1 guest here')).toBeVisible()
  await page.getByRole('button', { name: /^Withdraw the link to Edit/ }).click()
  await expect(theirs.getByRole('heading', { name: 'This link has ended' })).toBeVisible({ timeout: 2000 })
  await expect(page.getByText('Nobody can come in by a link yet.')).toBeVisible()
  await theirs.reload()
  await expect(theirs.getByText('was withdrawn or has expired')).toBeVisible()
  await theirs.goto('about:blank')
  await theirs.goto(link)
  await expect(theirs.getByText('This link was withdrawn.')).toBeVisible()
})

test('[WEB-49] a link that is not whole says what to do', async ({ tandem, browser }) => {
  const theirs = await (await browser.newContext()).newPage()
  await theirs.goto(`${tandem.origin}/join`)
  await expect(theirs.getByText('This link is not complete')).toBeVisible()
  await theirs.goto('about:blank')
  await theirs.goto(`${tandem.origin}/join#nonsense`)
  await expect(theirs.getByText('was never made here')).toBeVisible()
})
