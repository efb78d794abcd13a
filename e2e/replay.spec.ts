import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

test.use({ files: { 'notes.md': sections } })

const slider = (page: Page) => page.getByRole('slider', { name: 'Position in the replay' })
const replay = (page: Page) => page.getByRole('region', { name: 'Replay', exact: true })

async function openReplay(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${title}` }).click()
  await page.getByRole('menuitem', { name: 'Replay', exact: true }).click()
  await expect(replay(page)).toContainText('The thread as it was')
}

test.beforeEach(async ({ page, model }) => {
  model.script = [
    rule('apples', [{ type: 'text', text: 'Apples are red. '.repeat(40) }], 'Done.'),
    rule('shorten', [
      {
        type: 'customCall',
        name: 'apply_patch',
        text: patchTo('notes.md', ['The first section.'], ['First.']),
      },
    ]),
  ]
  await page.getByRole('button', { name: 'Threads', exact: true }).click()
  await ask(page, 'Tell me of apples')
  await expect(chat(page).getByText('Apples are red.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeHidden()
  await ask(page, 'shorten it')
  await expect(chat(page).getByText('Done.', { exact: true })).toBeVisible()
})

test('[WEB-70] a finished thread is replayed: by keys, by playing to its end, and left for the thread as it is', async ({
  page,
}) => {
  await openReplay(page, 'Tell me of apples')
  await expect(slider(page)).toBeFocused()
  await expect(message(page)).toBeDisabled()
  await expect(chat(page).getByRole('article')).toHaveCount(2)
  await page.keyboard.press('Home')
  await expect(chat(page).getByRole('article')).toHaveCount(0)
  await page.keyboard.press('PageDown')
  await expect(chat(page).getByText('Tell me of apples')).toBeVisible()
  await expect(chat(page).getByText('Apples are red.')).toHaveCount(0)
  await page.keyboard.press('PageDown')
  await expect(chat(page).getByText('Apples are red.')).toBeVisible()
  await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(0)
  await page.keyboard.press('Home')
  await replay(page).getByRole('button', { name: '16×' }).click()
  await replay(page).getByRole('button', { name: 'Play', exact: true }).click()
  await expect(replay(page).getByRole('button', { name: 'Play', exact: true })).toBeVisible()
  await expect(chat(page).getByText('Done.', { exact: true })).toBeVisible()
  await slider(page).focus()
  await page.keyboard.press('Escape')
  await expect(replay(page)).toHaveCount(0)
  await expect(message(page)).toBeEnabled()
})

test('[WEB-71] playing goes on until it is paused, and the thread is received underneath', async ({
  page,
  browser,
  tandem,
}) => {
  const other = await tandem.openPage(await browser.newContext())
  await openReplay(page, 'Tell me of apples')
  await page.keyboard.press('Home')
  await page.keyboard.press(' ')
  await expect(chat(page).getByText('Apples are red.')).toBeVisible()
  await page.keyboard.press(' ')
  const stopped = await slider(page).getAttribute('aria-valuenow')
  await ask(other, 'Tell me of apples again')
  await expect(other.getByRole('button', { name: 'Stop', exact: true })).toBeHidden()
  expect(await slider(page).getAttribute('aria-valuenow')).toBe(stopped)
  await replay(page).getByRole('button', { name: 'Exit replay' }).click()
  await expect(chat(page).getByText('Tell me of apples again')).toBeVisible()
})

test('[WEB-72] a link leads to the same moment', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await openReplay(page, 'Tell me of apples')
  await page.keyboard.press('Home')
  await page.keyboard.press('PageDown')
  await page.keyboard.press('PageDown')
  await expect(chat(page).getByText('Apples are red.')).toBeVisible()
  await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(0)
  const at = await slider(page).getAttribute('aria-valuenow')
  await replay(page).getByRole('button', { name: 'Copy link to here' }).click()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(new URL(link).searchParams.get('t')).toMatch(/^\d+$/)
  await page.goto(link)
  await expect(slider(page)).toHaveAttribute('aria-valuenow', at ?? '')
  await expect(chat(page).getByText('Apples are red.')).toBeVisible()
  await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(chat(page).getByText('Done.', { exact: true })).toBeVisible()
  expect(new URL(page.url()).searchParams.get('t')).toMatch(/^thr_/)
})

test('[WEB-73] files are shown as their edits were written and stay as they are; a thread forks from there', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    rule('second', [
      {
        type: 'customCall',
        name: 'apply_patch',
        text: patchTo('notes.md', ['The second section.'], ['Second.']),
      },
    ]),
  ]
  await ask(page, 'second one')
  await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(2)
  const onDisk = tandem.read('notes.md')
  await openReplay(page, 'Tell me of apples')
  const files = page.getByRole('region', { name: 'Files in the replay' })
  const text = files.getByRole('document', { name: 'Text of notes.md in the replay' })
  await expect(text).toContainText('First.')
  await expect(text).toContainText('Second.')
  const colour = (words: string) => text.getByText(words).evaluate((it) => getComputedStyle(it).color)
  await expect.poll(() => colour('# Notes')).not.toBe(await colour('First.'))
  await page.keyboard.press('PageUp')
  await expect(text).toContainText('First.')
  await expect(text).toContainText('The second section.')
  await page.keyboard.press('PageUp')
  await expect(files).toContainText('No file had been edited yet.')
  await replay(page).getByRole('button', { name: 'Fork from here' }).click()
  await expect(files).toHaveCount(0)
  await expect(page.getByRole('heading', { name: /Fork of Tell me of apples/ })).toBeVisible()
  await expect(chat(page).getByText('Apples are red.')).toBeVisible()
  await expect(chat(page).getByText('shorten it')).toHaveCount(0)
  expect(tandem.read('notes.md')).toBe(onDisk)
})

test('[WEB-200] two threads rewrite the same lines and a person types: a replay of either shows the file as it was then', async ({
  page,
  model,
}) => {
  const edit = (match: string, from: string, to: string) =>
    rule(match, [{ type: 'customCall', name: 'apply_patch', text: patchTo('notes.md', [from], [to]) }])
  model.script = [
    edit('lengthen', 'First.', 'The first section, longer.'),
    edit('second', 'The second section.', 'Second.'),
  ]
  const threads = page.getByRole('region', { name: 'Threads', exact: true })
  await threads.getByRole('button', { name: 'New thread' }).click()
  await ask(page, 'lengthen it')
  await expect(chat(page).getByText('Done.', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Files', exact: true }).first().click()
  await openFile(page, 'notes.md')
  await editor(page).getByText('The end.').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' By hand.')
  await page.getByRole('button', { name: 'Threads', exact: true }).click()

  const files = page.getByRole('region', { name: 'Files in the replay' })
  const text = files.getByRole('document', { name: 'Text of notes.md in the replay' })
  await openReplay(page, 'Tell me of apples')
  await expect(text).toContainText('First.')
  await expect(text).not.toContainText('longer')
  await expect(text).not.toContainText('By hand.')
  await expect(files).toContainText('The file as it was at this moment, whoever wrote in it.')
  await page.keyboard.press('Escape')
  await openReplay(page, 'lengthen it')
  await expect(text).toContainText('The first section, longer.')
  await expect(text).not.toContainText('First.')
  await expect(text).not.toContainText('By hand.')
  await page.keyboard.press('Escape')

  await threads.getByRole('link', { name: /Tell me of apples/ }).click()
  await ask(page, 'second one')
  await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(2)
  await openReplay(page, 'Tell me of apples')
  await expect(text).toContainText('Second.')
  await expect(text).toContainText('The first section, longer.')
  await expect(text).toContainText('By hand.')
  await expect(text).not.toContainText('First.')
})
