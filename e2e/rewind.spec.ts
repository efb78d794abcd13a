import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

test.use({ files: { 'notes.md': sections } })

test('[WEB-50] files are rewound to before an earlier turn, what was typed since stays, and the rewind is undone', async ({
  page,
  model,
  tandem,
}) => {
  const edit = (from: string, to: string) =>
    rule(`make ${to}`, [{ type: 'customCall', name: 'apply_patch', text: patchTo('notes.md', [from], [to]) }])
  model.script = [
    edit('The first section.', 'First.'),
    edit('First.', 'First again.'),
    edit('The second section.', 'Second.'),
  ]
  await openFile(page, 'notes.md')
  for (const [n, to] of ['First.', 'First again.', 'Second.'].entries()) {
    await ask(page, `make ${to}`)
    await expect(chat(page).getByText('Done.', { exact: true })).toHaveCount(n + 1)
  }
  await editor(page).getByText('The end.').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' By hand.')
  await expect.poll(() => tandem.read('notes.md')).toContain('By hand.')
  const all = tandem.read('notes.md')
  await chat(page).getByRole('button', { name: 'Rewind files to here' }).nth(1).click()
  const byHand = (text: string) => text.replace('The end.', 'The end. By hand.')
  const first = byHand(sections.replace('The first section.', 'First.'))
  await expect.poll(() => tandem.read('notes.md')).toBe(first)
  await page.getByRole('button', { name: 'Undo rewind' }).click()
  await expect.poll(() => tandem.read('notes.md')).toBe(all)
})
