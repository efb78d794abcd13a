import type { Page } from '@playwright/test'
import { expect, type Tandem, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

const lines = Array.from({ length: 40 }, (_, i) => `Line ${i} of the model.`)

test.use({ files: { 'notes.md': sections } })

/** Types where the model is writing; it waits then. */
async function meet(page: Page): Promise<void> {
  await openFile(page, 'notes.md')
  await ask(page, 'write a lot')
  await expect(editor(page)).toContainText('Line 3 of the model')
  await editor(page).getByText('Line 0 of the model.').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' Mine.')
  await expect(editor(page).getByRole('group', { name: 'The model waits' })).toBeVisible()
}

/** As it ends up on disk, without what the model wrote. */
function withoutModel(tandem: Tandem): string {
  return tandem
    .read('notes.md')
    .split('\n')
    .filter((line) => !line.startsWith('Line '))
    .join('\n')
}

test.beforeEach(({ model }) => {
  const patch = patchTo('notes.md', ['The first section.'], lines)
  model.script = [
    rule('write', [{ type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 60 }]),
  ]
})

test('[WEB-27] the model waits where a person writes in its lines, and goes on when told to', async ({
  page,
  tandem,
}) => {
  await meet(page)
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await expect(chat(page)).toContainText('Done.')
  const written = lines.join('\n').replace('model.', 'model. Mine.')
  await expect.poll(() => tandem.read('notes.md')).toBe(sections.replace('The first section.', written))
})

test('[WEB-28] a person keeps their own: the hunk goes, what was typed stays, the model is told', async ({
  page,
  model,
  tandem,
}) => {
  await meet(page)
  await page.getByRole('button', { name: 'Keep mine' }).click()
  await expect(chat(page)).toContainText('Done.')
  await expect(editor(page)).not.toContainText('Line 3 of the model')
  await expect.poll(() => tandem.read('notes.md')).toContain('Mine.')
  expect(withoutModel(tandem)).toContain('The first section.')
  await model.waitFor((request) => JSON.stringify(request.body).includes('kept their own text'))
})

test('[WEB-116] two people and the model write in one file at once: both see the same, nothing typed is lost, and each undoes only their own', async ({
  page,
  browser,
  model,
  tandem,
}) => {
  const patch = patchTo('notes.md', ['The first section.'], lines)
  model.script = [
    rule('write', [{ type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 30 }]),
  ]
  const theirs = await tandem.openPage(await browser.newContext())
  await openFile(theirs, 'notes.md')
  await openFile(page, 'notes.md')
  await ask(page, 'write a lot')
  await expect(editor(theirs)).toContainText('Line 3 of the model')
  await editor(theirs).getByText('# Notes').click()
  await theirs.keyboard.press('End')
  await theirs.keyboard.type('-theirs', { delay: 20 })
  await editor(page).getByText('# Notes').click()
  await page.keyboard.press('Home')
  await page.keyboard.type('Mine-', { delay: 20 })
  await expect(chat(page)).toContainText('Done.', { timeout: 30_000 })
  const written = sections.replace('The first section.', lines.join('\n'))
  await expect.poll(() => tandem.read('notes.md')).toBe(written.replace('# Notes', 'Mine-# Notes-theirs'))
  for (const each of [page, theirs]) {
    // Who follows the model was taken to its last line.
    await each.keyboard.press('ControlOrMeta+Home')
    await expect(editor(each)).toContainText('Mine-# Notes-theirs')
  }
  await page.keyboard.press('ControlOrMeta+z')
  await expect.poll(() => tandem.read('notes.md')).toBe(written.replace('# Notes', '# Notes-theirs'))
  await theirs.keyboard.press('ControlOrMeta+z')
  await expect.poll(() => tandem.read('notes.md')).toBe(written)
})
