import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, rule } from './fixtures/workbench.ts'

const lines = Array.from({ length: 20 }, (_, n) => `export const limit${n} = ${n}`)
const text = (...changed: number[]) =>
  `${lines.map((line, n) => (changed.includes(n) ? `${line}00` : line)).join('\n')}\n`
const change = (n: number) => ['@@', `-${lines[n]}`, `+${lines[n]}00`]
const patch = (...body: string[]) => ['*** Begin Patch', ...body, '*** End Patch', ''].join('\n')

const changes = (page: Page) => editor(page).getByRole('group', { name: 'Changes in core/bounds.ts' })

test.use({ files: { 'core/limits.ts': text(), 'notes.md': 'Notes.\n' } })

test('[WEB-300] changes from before the model renamed a file are marked and judged where the file is, and the tab goes along', async ({
  page,
  model,
  tandem,
}) => {
  const write = patch('*** Update File: core/limits.ts', ...change(3), ...change(12))
  const move = patch('*** Update File: core/limits.ts', '*** Move to: core/bounds.ts', ...change(17))
  model.script = [
    rule('raise', [{ type: 'customCall', name: 'apply_patch', text: write }]),
    rule('rename', [{ type: 'customCall', name: 'apply_patch', text: move }]),
  ]
  await openFile(page, 'core/limits.ts')
  await ask(page, 'raise them')
  await expect(chat(page)).toContainText('Done.')
  await editor(page).getByText('limit6 = 6').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' // by hand')
  await ask(page, 'rename it')
  await expect(page.getByRole('tab', { name: 'bounds.ts' })).toHaveAttribute('aria-selected', 'true')
  await expect.poll(() => existsSync(join(tandem.workspace, 'core/bounds.ts'))).toBe(true)
  await expect.poll(() => tandem.read('core/bounds.ts')).toContain('limit17 = 1700')
  await expect(page.getByRole('tab', { name: 'limits.ts' })).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('Renamed: limits.ts → bounds.ts')
  await expect(editor(page)).toContainText('// by hand')
  await expect(editor(page)).not.toContainText('not yet on disk')
  await expect(changes(page)).toContainText('3 unreviewed')
  await page.keyboard.press('Alt+r')
  const deck = page.getByRole('region', { name: 'Review' })
  await deck
    .getByRole('list', { name: 'Changes' })
    .getByRole('button', { name: /line 4/ })
    .click()
  await expect(deck.getByRole('article', { name: 'core/bounds.ts:4' })).toBeVisible()
  await deck.focus()
  await page.keyboard.press('n')
  const typed = (source: string) => source.replace('limit6 = 6', 'limit6 = 6 // by hand')
  await expect.poll(() => tandem.read('core/bounds.ts')).toBe(typed(text(12, 17)))
  expect(() => tandem.read('core/limits.ts')).toThrow()
  await page.keyboard.press('Escape')
  await expect(editor(page)).toContainText('limit3 = 3')
  await page.reload()
  await expect(page.getByRole('tab', { name: 'bounds.ts' })).toHaveAttribute('aria-selected', 'true')
  await expect(changes(page)).toContainText('2 unreviewed')
  await expect(page.getByRole('tab', { name: 'limits.ts' })).toHaveCount(0)
})

test('[WEB-301] a file renamed in the tree keeps its tab, what was just typed and the changes to review, for other people too', async ({
  page,
  context,
  model,
  tandem,
}) => {
  const write = patch('*** Update File: core/limits.ts', ...change(3), ...change(12))
  model.script = [rule('raise', [{ type: 'customCall', name: 'apply_patch', text: write }])]
  await openFile(page, 'core/limits.ts')
  await ask(page, 'raise them')
  await expect(chat(page)).toContainText('Done.')
  const other = await context.newPage()
  await other.goto(page.url())
  await openFile(other, 'core/limits.ts')
  await editor(page).getByText('limit6 = 6').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' // by hand')
  await page.getByRole('tree', { name: 'Files' }).focus()
  for (const key of ['Home', 'ArrowDown', 'F2']) await page.keyboard.press(key)
  await page.getByRole('textbox', { name: 'Rename' }).fill('bounds.ts')
  await page.keyboard.press('Enter')
  for (const each of [page, other]) {
    await expect(each.getByRole('tab', { name: 'bounds.ts' })).toHaveAttribute('aria-selected', 'true')
    await expect(each.getByRole('tab', { name: 'limits.ts' })).toHaveCount(0)
    await expect(editor(each)).toContainText('// by hand')
    await expect(changes(each)).toContainText('2 unreviewed')
  }
  await expect(other.getByRole('region', { name: 'Notices' })).toContainText('Renamed: limits.ts → bounds.ts')
  await expect(page.getByRole('region', { name: 'Notices' })).toHaveCount(0)
  await changes(page).getByRole('button', { name: 'Undo all' }).click()
  const typed = text().replace('limit6 = 6', 'limit6 = 6 // by hand')
  await expect.poll(() => tandem.read('core/bounds.ts')).toBe(typed)
  expect(() => tandem.read('core/limits.ts')).toThrow()
})

test('[WEB-302] a file another program renames keeps its tab and the changes to review, and a notice says so', async ({
  page,
  model,
  tandem,
}) => {
  const write = patch('*** Update File: core/limits.ts', ...change(3), ...change(12))
  model.script = [rule('raise', [{ type: 'customCall', name: 'apply_patch', text: write }])]
  await openFile(page, 'core/limits.ts')
  await ask(page, 'raise them')
  await expect(chat(page)).toContainText('Done.')
  await expect.poll(() => tandem.read('core/limits.ts')).toBe(text(3, 12))
  renameSync(join(tandem.workspace, 'core/limits.ts'), join(tandem.workspace, 'core/bounds.ts'))
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('Renamed: limits.ts → bounds.ts')
  await expect(page.getByRole('tab', { name: 'bounds.ts' })).toHaveAttribute('aria-selected', 'true')
  await expect(changes(page)).toContainText('2 unreviewed')
  await expect(editor(page)).not.toContainText('deleted by another program')
  await changes(page).getByRole('button', { name: 'Undo all' }).click()
  await expect.poll(() => tandem.read('core/bounds.ts')).toBe(text())
})
