import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

/** About 7 MB. */
const big = Array.from({ length: 160_000 }, (_, n) => `Line ${n} of a text that is longer than most.\n`).join(
  '',
)

test.use({
  files: {
    'big.txt': big,
    'notes.md': sections,
    'a.txt': 'one\ntwo\n',
    'closed.txt': 'one\n',
    'docs/guide/first-steps.md': 'one\n',
  },
})

test('[WEB-35] what another program does to open files is told, and the notice leads there', async ({
  page,
  tandem,
}) => {
  await openFile(page, 'a.txt')
  await expect(editor(page)).toContainText('two')
  await openFile(page, 'notes.md')
  await editor(page).getByText('# Notes').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' by hand')
  await expect.poll(() => tandem.read('notes.md')).toContain('# Notes by hand')
  const notices = page.getByRole('region', { name: 'Notices' })
  await expect(notices).toHaveCount(0)
  tandem.write('closed.txt', 'changed\n')
  tandem.write('notes.md', tandem.read('notes.md').replace('The end.', 'The very end.'))
  tandem.write('a.txt', 'one\nTWO\n')
  await expect(notices).toContainText(/(notes\.md, a\.txt|a\.txt, notes\.md) were changed by another program/)
  await expect(notices.getByRole('status')).toHaveCount(1)
  await expect(editor(page)).toContainText('The very end.')
  await expect(editor(page)).toContainText('# Notes by hand')
  await notices.getByRole('button', { name: 'Show' }).click()
  await expect(notices).toHaveCount(0)
  await openFile(page, 'a.txt')
  await expect(editor(page)).toContainText('TWO')
  await editor(page).getByText('TWO').click()
  // Before what was typed is on disk the file is gone.
  await page.keyboard.type('typed ')
  rmSync(join(tandem.workspace, 'a.txt'))
  await expect(notices).toContainText('a.txt was deleted by another program')
  await expect.poll(() => tandem.read('a.txt')).toContain('typed ')
})

test('[WEB-276] why a text is not on disk stands in full below the code, with what to do; the path stays whole', async ({
  page,
  tandem,
}) => {
  await openFile(page, 'docs/guide/first-steps.md')
  await expect(editor(page)).toContainText('one')
  rmSync(join(tandem.workspace, 'docs/guide/first-steps.md'))
  const bar = editor(page).getByRole('status').filter({ hasText: 'deleted by another program' })
  await expect(bar).toBeVisible()
  const tab = editor(page).getByRole('tab', { name: 'first-steps.md' })
  const isCut = (element: Element) => element.scrollWidth > element.clientWidth
  for (const width of [1440, 1024, 390]) {
    await page.setViewportSize({ width, height: 800 })
    // A phone shows one pane at a time; the tree does not lead to a file that is gone, its tab does.
    if (width === 390) {
      await page.getByRole('navigation', { name: 'Panes' }).getByRole('button', { name: 'Files' }).click()
      await openFile(page, 'a.txt')
      await tab.click()
    }
    await expect(bar).toBeVisible()
    expect(await bar.getByText('deleted by another program').evaluate(isCut)).toBe(false)
    const path = editor(page).getByTitle('docs/guide/first-steps.md', { exact: true })
    // The tab has the same title.
    expect(await path.getByText('first-steps.md').last().evaluate(isCut)).toBe(false)
  }
  await page.setViewportSize({ width: 1440, height: 800 })
  await bar.getByRole('button', { name: 'Save again' }).click()
  await expect(bar).toHaveCount(0)
  expect(tandem.read('docs/guide/first-steps.md')).toBe('one\n')
  // What comes and goes between two looks at the disk is told by nobody.
  await expect(page.getByRole('treeitem', { name: 'first-steps.md' })).toBeVisible()
  rmSync(join(tandem.workspace, 'docs/guide/first-steps.md'))
  await bar.getByRole('button', { name: 'Close tab' }).click()
  await expect(tab).toHaveCount(0)
})

test('[WEB-363] a disk that takes nothing is told on every page, which stays connected; what is typed is there when there is room', async ({
  page,
  context,
  tandem,
  model,
}) => {
  const bar = (of: Page) => of.getByRole('alert').filter({ hasText: 'cannot write to its disk' })
  await openFile(page, 'a.txt')
  // No file of the process may be longer, as if there were no room for more.
  const bound = (bytes: string) => execFileSync('prlimit', ['--pid', `${tandem.pid}`, `--fsize=${bytes}:`])
  bound('1')
  await editor(page).click()
  await page.keyboard.type('typed on a full disk ')
  await expect(bar(page)).toBeVisible()
  const other = await tandem.openPage(context)
  await expect(bar(other)).toBeVisible()
  await message(page).fill('hello there')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/could not write to its disk/).first()).toBeVisible()
  // It is not asked, and its words are there to be sent again.
  await expect(message(page)).toHaveValue('hello there')
  expect(model.requests.filter(({ body }) => JSON.stringify(body).includes('hello there'))).toEqual([])
  await expect(page.getByText('Connected', { exact: true })).toBeVisible()
  expect(tandem.read('a.txt')).not.toContain('typed')
  bound('unlimited')
  await expect(bar(page)).toBeHidden({ timeout: 20_000 })
  await expect(bar(other)).toBeHidden()
  await expect.poll(() => tandem.read('a.txt'), { timeout: 20_000 }).toContain('typed on a full disk ')
  await expect(editor(page)).toContainText('typed on a full disk')
})

test('[WEB-333] a notice and the bar of a text that is not on disk cover nothing of each other', async ({
  page,
  tandem,
}) => {
  await openFile(page, 'notes.md')
  await openFile(page, 'docs/guide/first-steps.md')
  await expect(editor(page)).toContainText('one')
  rmSync(join(tandem.workspace, 'docs/guide/first-steps.md'))
  const bar = editor(page).getByRole('status').filter({ hasText: 'deleted by another program' })
  const notice = page.getByRole('region', { name: 'Notices' }).getByRole('status')
  for (const width of [1440, 1024]) {
    await page.setViewportSize({ width, height: 800 })
    await expect(bar).toBeVisible()
    tandem.write('notes.md', `At ${width} pixels.\n`)
    await expect(notice).toContainText('notes.md was changed')
    const [below, above] = await Promise.all([bar.boundingBox(), notice.boundingBox()])
    expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0)
    await notice.getByRole('button', { name: 'Dismiss' }).click()
    await expect(notice).toHaveCount(0)
  }
})

test('[WEB-114] a file another program changed while the server was down, and text was not on disk, is told after the restart, once', async ({
  page,
  context,
  tandem,
}) => {
  const notices = page.getByRole('region', { name: 'Notices' })
  const changed = /a\.txt was changed by another program/
  await openFile(page, 'a.txt')
  await editor(page).getByText('one').click()
  await page.keyboard.press('End')
  // Something else than text stands in the way: what is typed now stays in the document.
  tandem.write('a.txt', '\0')
  await page.keyboard.type(' typed')
  await expect(editor(page)).toContainText('the file holds something else than text')
  await tandem.kill()
  tandem.write('a.txt', 'one\nTWO\n')
  await tandem.restart()
  await expect(notices).toContainText(changed)
  await expect(editor(page)).toContainText('one typed')
  await expect(editor(page)).toContainText('TWO')
  await expect.poll(() => tandem.read('a.txt')).toBe('one typed\nTWO\n')
  await page.close()
  await tandem.kill()
  tandem.write('a.txt', '\0')
  await tandem.restart()
  const other = await tandem.openPage(context)
  await expect(editor(other)).toContainText('This file is not text')
})

test('[LIVE-20] a file of 7 MB is typed in, edited by the model and undone in the browser', async ({
  page,
  model,
  tandem,
}) => {
  const [old, now] = ['Line 2 of a text that is longer than most.', 'Line 2, rewritten.']
  model.script = [
    rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: patchTo('big.txt', [old], [now]) }]),
  ]
  await openFile(page, 'big.txt')
  await editor(page).getByText('Line 0 of a text').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' Typed.')
  await ask(page, 'rewrite it')
  await expect(chat(page)).toContainText('Done.')
  await expect(editor(page)).toContainText(now)
  await expect.poll(() => tandem.read('big.txt').slice(0, 200)).toContain('most. Typed.')
  expect(tandem.read('big.txt').slice(0, 200)).toContain(now)
  await chat(page).getByRole('button', { name: 'Undo turn' }).click()
  await expect.poll(() => tandem.read('big.txt')).toBe(big.replace('most.\n', 'most. Typed.\n'))
  await expect(editor(page)).toContainText(old)
})
