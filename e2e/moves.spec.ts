import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { FakeModel } from '../bench/fake-model/fake-model.ts'
import type { Rule } from '../bench/fake-model/script.ts'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, rule } from './fixtures/workbench.ts'

const lines = Array.from({ length: 20 }, (_, n) => `export const limit${n} = ${n}`)
const text = (...changed: number[]) =>
  `${lines.map((line, n) => (changed.includes(n) ? `${line}00` : line)).join('\n')}\n`
const change = (n: number) => ['@@', `-${lines[n]}`, `+${lines[n]}00`]
const patch = (...body: string[]) => ['*** Begin Patch', ...body, '*** End Patch', ''].join('\n')

const raise = rule('raise', [
  {
    type: 'customCall',
    name: 'apply_patch',
    text: patch('*** Update File: core/limits.ts', ...change(3), ...change(12)),
  },
])

/** The model has changed two lines of the open file. */
async function openRaised(page: Page, model: FakeModel, ...rules: readonly Rule[]): Promise<void> {
  model.script = [raise, ...rules]
  await openFile(page, 'core/limits.ts')
  await ask(page, 'raise them')
  await expect(chat(page)).toContainText('Done.')
}

async function renameInTree(page: Page, name: string): Promise<void> {
  await page.getByRole('tree', { name: 'Files' }).focus()
  for (const key of ['Home', 'ArrowDown', 'F2']) await page.keyboard.press(key)
  await page.getByRole('textbox', { name: 'Rename' }).fill(name)
  await page.keyboard.press('Enter')
}

const changes = (page: Page) => editor(page).getByRole('group', { name: 'Changes in core/bounds.ts' })

test.use({ files: { 'core/limits.ts': text(), 'notes.md': 'Notes.\n' } })

test('[WEB-300] changes from before the model renamed a file are marked and judged where the file is, and the tab goes along', async ({
  page,
  model,
  tandem,
}) => {
  const move = patch('*** Update File: core/limits.ts', '*** Move to: core/bounds.ts', ...change(17))
  await openRaised(page, model, rule('rename', [{ type: 'customCall', name: 'apply_patch', text: move }]))
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
  await openRaised(page, model)
  const other = await context.newPage()
  await other.goto(page.url())
  await openFile(other, 'core/limits.ts')
  await editor(page).getByText('limit6 = 6').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' // by hand')
  await renameInTree(page, 'bounds.ts')
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
  await openRaised(page, model)
  await expect.poll(() => tandem.read('core/limits.ts')).toBe(text(3, 12))
  renameSync(join(tandem.workspace, 'core/limits.ts'), join(tandem.workspace, 'core/bounds.ts'))
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('Renamed: limits.ts → bounds.ts')
  await expect(page.getByRole('tab', { name: 'bounds.ts' })).toHaveAttribute('aria-selected', 'true')
  await expect(changes(page)).toContainText('2 unreviewed')
  await expect(editor(page)).not.toContainText('deleted by another program')
  await changes(page).getByRole('button', { name: 'Undo all' }).click()
  await expect.poll(() => tandem.read('core/bounds.ts')).toBe(text())
})

test.describe('over another file', () => {
  test.use({ files: { 'core/limits.ts': text(), 'core/other.ts': 'export const other = 1\n' } })

  test('[WEB-321] changes in a file another one is moved over wait until that is undone, and the chat says so', async ({
    page,
    model,
    tandem,
  }) => {
    const lines = ['@@', '-export const other = 1', '+export const other = 2']
    const move = patch('*** Update File: core/other.ts', '*** Move to: core/limits.ts', ...lines)
    await openRaised(page, model, rule('move', [{ type: 'customCall', name: 'apply_patch', text: move }]))
    await ask(page, 'move it')
    const inLimits = editor(page).getByRole('group', { name: 'Changes in core/limits.ts' })
    await expect(inLimits).toContainText('1 unreviewed')
    await expect(editor(page)).toContainText('other = 2')
    await expect(chat(page)).toContainText('Another file was moved over it.')
    await expect(chat(page).getByRole('button', { name: 'Open core/limits.ts' })).toBeDisabled()
    await chat(page).getByRole('button', { name: 'Undo turn' }).last().click()
    await expect(page.getByRole('tab', { name: 'other.ts' })).toHaveAttribute('aria-selected', 'true')
    await expect(editor(page)).toContainText('other = 1')
    await expect(chat(page)).not.toContainText('Another file was moved over it.')
    await openFile(page, 'core/limits.ts')
    await expect(inLimits).toContainText('2 unreviewed')
    await expect.poll(() => tandem.read('core/limits.ts')).toBe(text(3, 12))
    await inLimits.getByRole('button', { name: 'Undo all' }).click()
    await expect.poll(() => tandem.read('core/limits.ts')).toBe(text())
    expect(tandem.read('core/other.ts')).toBe('export const other = 1\n')
  })
})

test.describe('in a long file', () => {
  const long = Array.from({ length: 200 }, (_, n) => `export const row${n} = ${n}\n`).join('')
  test.use({ files: { 'core/limits.ts': long, 'notes.md': 'Notes.\n' } })

  test('[WEB-320] Ctrl+Z takes back what was typed before the file moved, by whomever and back again, and the place in it stays', async ({
    page,
    model,
    tandem,
  }) => {
    const move = patch(
      '*** Update File: core/limits.ts',
      '*** Move to: core/bounds.ts',
      '@@',
      '-export const row3 = 3',
      '+export const row3 = 300',
    )
    model.script = [rule('move', [{ type: 'customCall', name: 'apply_patch', text: move }])]
    const code = (name: string) => editor(page).getByRole('textbox', { name: `Code of core/${name}` })
    const line = (text: string) => editor(page).getByText(text)
    await openFile(page, 'core/limits.ts')
    await page.getByRole('button', { name: 'Following' }).click()
    await line('row3 = 3').click()
    await page.keyboard.press('Control+g')
    await expect(code('limits.ts')).not.toBeFocused()
    await page.keyboard.type('120')
    await page.keyboard.press('Enter')
    await expect(code('limits.ts')).toBeFocused()
    await page.keyboard.press('End')
    await page.keyboard.insertText(' // one')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    await page.keyboard.insertText(' // two')
    await page.keyboard.press('Shift+Home')

    /** The selection is where it was, and undo and redo go on as if nothing had been. */
    async function goesOn(name: string): Promise<void> {
      await expect(page.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true')
      await expect(line('row120 = 120 // two')).toBeInViewport()
      await code(name).focus()
      await page.keyboard.type('X')
      await expect(line('row119 = 119 // one')).toBeInViewport()
      await expect(editor(page)).not.toContainText('row120')
      for (const [shown, gone] of [['// two'], ['// one', '// two'], ['row119 = 119', '// one']] as const) {
        await page.keyboard.press('Control+z')
        await expect(editor(page)).toContainText(shown)
        if (gone) await expect(editor(page)).not.toContainText(gone)
      }
      for (const shown of ['// one', '// two']) {
        await page.keyboard.press('Control+Shift+z')
        await expect(editor(page)).toContainText(shown)
      }
      await page.keyboard.press('Shift+Home')
    }

    await ask(page, 'move it')
    await goesOn('bounds.ts')
    await chat(page).getByRole('button', { name: 'Undo turn' }).click()
    await goesOn('limits.ts')
    await renameInTree(page, 'caps.ts')
    await goesOn('caps.ts')
    const typed = long.replace('row119 = 119', '$& // one').replace('row120 = 120', '$& // two')
    await expect.poll(() => tandem.read('core/caps.ts')).toBe(typed)
    renameSync(join(tandem.workspace, 'core/caps.ts'), join(tandem.workspace, 'core/tops.ts'))
    await goesOn('tops.ts')
    await expect.poll(() => tandem.read('core/tops.ts')).toBe(typed)
  })
})
