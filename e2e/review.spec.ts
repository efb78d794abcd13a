import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, rule, sections } from './fixtures/workbench.ts'

const twoHunks = [
  '*** Begin Patch',
  '*** Update File: notes.md',
  '@@',
  '-The first section.',
  '+The first section, rewritten.',
  '@@',
  '-The second section.',
  '+The second section, rewritten.',
  '*** End Patch',
  '',
].join('\n')

test.use({ files: { 'notes.md': sections } })

test.beforeEach(async ({ page, model }) => {
  model.script = [rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: twoHunks }])]
  await openFile(page, 'notes.md')
  await ask(page, 'rewrite both')
  await expect(chat(page)).toContainText('Done.')
})

test('[WEB-30] a hunk is kept, another undone, in the editor; what was judged is so after a reload and in other tabs', async ({
  page,
  browser,
  tandem,
}) => {
  await expect(page.getByRole('button', { name: '2 unreviewed' })).toBeVisible()
  const other = await tandem.openPage(await browser.newContext())
  await expect(other.getByRole('button', { name: '2 unreviewed' })).toBeVisible()
  await editor(page).getByText('The first section, rewritten.').click()
  await editor(page).getByRole('button', { name: 'Keep', exact: true }).click()
  await expect(page.getByRole('button', { name: '1 unreviewed' })).toBeVisible()
  await editor(page).getByText('The second section, rewritten.').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' By hand.')
  await editor(page).getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(editor(page)).toContainText('The second section.')
  await expect(page.getByRole('button', { name: /unreviewed/ })).toHaveCount(0)
  await expect(other.getByRole('button', { name: /unreviewed/ })).toHaveCount(0)
  const judged = tandem.read('notes.md')
  expect(judged).toContain('The first section, rewritten.')
  await expect.poll(() => tandem.read('notes.md')).toContain('By hand.')
  await expect.poll(() => tandem.read('notes.md')).not.toContain('second section, rewritten')
  await page.reload()
  await expect(editor(page)).toContainText('By hand.')
  await expect(page.getByRole('button', { name: /unreviewed/ })).toHaveCount(0)
})

test('[WEB-31] by keys: next change, undo, and the way back from the notice', async ({ page, tandem }) => {
  await editor(page).getByText('# Notes').click()
  await page.keyboard.press('Alt+F5')
  await page.keyboard.press('Alt+Backspace')
  await expect(editor(page)).not.toContainText('The first section, rewritten.')
  await expect.poll(() => tandem.read('notes.md')).not.toContain('first section, rewritten')
  await page.getByRole('button', { name: 'Take back' }).click()
  await expect(editor(page)).toContainText('The first section, rewritten.')
  await page.keyboard.press('Escape')
  await chat(page).getByRole('button', { name: 'Undo file' }).click()
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
})

test('[WEB-95] the card of a file in the chat leads to each of its changes, wherever it has moved since', async ({
  page,
}) => {
  await editor(page).getByText('# Notes').click()
  await page.keyboard.press('Home')
  await page.keyboard.type('above\n'.repeat(3))
  const places = chat(page).getByRole('list', { name: 'Changes in notes.md' }).getByRole('button')
  await expect(places).toHaveCount(2)
  await places.last().click()
  await expect(editor(page).getByRole('button', { name: 'Keep', exact: true })).toBeVisible()
  await editor(page).getByRole('button', { name: 'Keep', exact: true }).click()
  await expect(page.getByRole('button', { name: '1 unreviewed' })).toBeVisible()
  await places.first().click()
  await editor(page).getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(editor(page)).toContainText('The first section.')
  await expect(editor(page)).toContainText('The second section, rewritten.')
})
