import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

test.use({ files: { 'notes.md': sections } })

const edit = (from: string, to: string) =>
  rule(`make ${to}`, [{ type: 'customCall', name: 'apply_patch', text: patchTo('notes.md', [from], [to]) }])

const edits = [
  edit('The first section.', 'First.'),
  edit('First.', 'First again.'),
  edit('The second section.', 'Second.'),
]
const prompts = ['make First.', 'make First again.', 'make Second.']

test.beforeEach(async ({ page, model }) => {
  model.script = edits
  await openFile(page, 'notes.md')
  for (const [n, prompt] of prompts.entries()) {
    await ask(page, prompt)
    await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(n + 1)
  }
})

test('[WEB-50] files are rewound to before an earlier turn, what was typed since stays, and the rewind is undone', async ({
  page,
  tandem,
}) => {
  await editor(page).getByText('The end.').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' By hand.')
  await expect.poll(() => tandem.read('notes.md')).toContain('By hand.')
  const all = tandem.read('notes.md')
  await chat(page).getByRole('button', { name: 'Rewind to here' }).nth(1).click()
  const dialog = page.getByRole('dialog', { name: 'Rewind to before this turn' })
  await dialog.getByRole('radio', { name: 'Files only' }).check()
  await dialog.getByRole('button', { name: 'Rewind' }).click()
  const byHand = (text: string) => text.replace('The end.', 'The end. By hand.')
  const first = byHand(sections.replace('The first section.', 'First.'))
  await expect.poll(() => tandem.read('notes.md')).toBe(first)
  await expect(chat(page).getByText('make Second.')).toBeVisible()
  await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => tandem.read('notes.md')).toBe(all)
})

test('[WEB-51] a rewind shows what it will change, Enter confirms it, and it is undone where it stands', async ({
  page,
  tandem,
  browser,
}) => {
  const all = tandem.read('notes.md')
  await chat(page).getByRole('button', { name: 'Rewind to here' }).nth(1).click()
  const dialog = page.getByRole('dialog', { name: 'Rewind to before this turn' })
  await expect(dialog.getByText('2 turns with 4 messages leave the conversation.')).toBeVisible()
  await expect(dialog.getByRole('list', { name: 'Files' })).toContainText('2 lines added')
  await expect(dialog.getByRole('button', { name: 'Rewind' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect.poll(() => tandem.read('notes.md')).toBe(sections.replace('The first section.', 'First.'))
  await expect(chat(page).getByText('make Second.')).toHaveCount(0)
  // Others see it, and it outlives the notice.
  const again = await tandem.openPage(await browser.newContext())
  const bar = chat(again).getByRole('region', { name: 'Rewound' })
  await expect(bar).toContainText('2 turns left the conversation')
  await bar.getByRole('button', { name: 'Undo rewind' }).click()
  await expect(chat(page).getByText('make Second.')).toBeVisible()
  expect(tandem.read('notes.md')).toBe(all)
  await expect(bar).toHaveCount(0)
})

test('[WEB-52] a file that was deleted since is named before and after, and left', async ({
  page,
  tandem,
}) => {
  tandem.git('rm', '-fq', 'notes.md')
  await chat(page).getByRole('button', { name: 'Rewind to here' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Rewind to before this turn' })
  await expect(dialog.getByText('deleted or renamed since: stays as it is')).toBeVisible()
  await dialog.getByRole('radio', { name: 'Files and conversation' }).check()
  await page.keyboard.press('Enter')
  const notices = page.getByRole('region', { name: 'Notices' })
  await expect(notices.getByRole('alert')).toContainText('notes.md')
  await expect(chat(page).getByText('make Second.')).toHaveCount(0)
})

test('[WEB-53] an earlier message is edited where it stands and runs again with the files as they were; undone, all is back', async ({
  page,
  tandem,
  model,
}) => {
  const all = tandem.read('notes.md')
  model.script = [edit('First.', 'Otherwise.')]
  const pencil = chat(page).getByRole('button', { name: 'Edit and run again' }).nth(1)
  await pencil.focus()
  await page.keyboard.press('Enter')
  const field = chat(page).getByRole('textbox', { name: 'Edit message' })
  await expect(field).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(field).toHaveCount(0)
  await chat(page).getByRole('button', { name: 'Edit and run again' }).nth(1).click()
  await expect(chat(page).getByRole('radio', { name: 'Restore 1 file' })).toBeChecked()
  await field.fill('make Otherwise.')
  await field.press('Enter')
  await expect.poll(() => tandem.read('notes.md')).toBe(sections.replace('The first section.', 'Otherwise.'))
  await expect(chat(page).getByText('make First again.')).toHaveCount(0)
  await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(2)
  await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
  await expect(chat(page).getByText('make First again.')).toBeVisible()
  await expect.poll(() => tandem.read('notes.md')).toBe(all)
})

test('[WEB-54] a thread is forked from a turn, opened with a link to where it comes from, and goes on by itself', async ({
  page,
  tandem,
  model,
}) => {
  model.script = [{ match: 'go on', steps: [{ type: 'text', text: 'Going on.' }] }]
  const origin = new URL(page.url()).searchParams.get('t')
  await chat(page).getByRole('button', { name: 'Fork from here' }).nth(1).click()
  await expect(chat(page).getByText('make First again.')).toBeVisible()
  await expect(chat(page).getByText('make Second.')).toHaveCount(0)
  await expect(chat(page).getByRole('button', { name: 'Undo turn' })).toHaveCount(0)
  await expect(message(page)).toBeFocused()
  await ask(page, 'go on')
  await expect(chat(page).getByText('Going on.')).toBeVisible()
  await expect.poll(() => tandem.read('notes.md')).toContain('Second.')
  const link = chat(page).getByRole('link', { name: 'make First.' })
  await link.click()
  await expect(chat(page).getByText('make Second.')).toBeVisible()
  expect(new URL(page.url()).searchParams.get('t')).toBe(origin)
})
