import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule } from './fixtures/workbench.ts'

const line = (n: number) => `Line ${n} of a log that has grown for weeks, as logs do when nobody looks.\n`
/** About 12 MB, and a little more than a document may have. */
const large = Array.from({ length: 170_000 }, (_, n) => line(n)).join('')
const tooLarge = Buffer.alloc(21 * 1024 * 1024, line(0))
const latin = Buffer.from('Gr\xfc\xdfe aus K\xf6ln\n', 'latin1')
const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 73, 72, 68, 82])

/** What stands where the text would. */
const notice = (page: Page) => editor(page).getByRole('status').filter({ hasText: 'This file' })

test.use({ files: { 'README.md': '# Sample\n' } })

test.beforeEach(({ tandem }) => {
  const write = (path: string, bytes: Buffer | string) => writeFileSync(join(tandem.workspace, path), bytes)
  write('large.log', large)
  write('huge.log', tooLarge)
  write('old.txt', latin)
  write('mark.png', image)
})

test('[WEB-160] a file of 12 MB is written in; a larger one says how large it is, how large one may be, and that it was left', async ({
  page,
  tandem,
}) => {
  await openFile(page, 'large.log')
  await editor(page).getByText('Line 0 of a log').click()
  await page.keyboard.press('Home')
  await page.keyboard.type('Typed. ')
  await expect
    .poll(() => readFileSync(join(tandem.workspace, 'large.log'), 'utf8').slice(0, 20))
    .toContain('Typed. Line 0')
  await openFile(page, 'huge.log')
  await expect(notice(page)).toContainText(
    'This file is too large to edit here (21 MB; the limit is 20 MB). It was left as it is.',
  )
  await notice(page).getByRole('button', { name: 'Close tab' }).click()
  await expect(editor(page).getByRole('tab', { name: 'huge.log' })).toHaveCount(0)
  await expect(editor(page)).toContainText('Typed. Line 0')
  expect(readFileSync(join(tandem.workspace, 'huge.log')).equals(tooLarge)).toBe(true)
})

test('[WEB-161] a file that is no text says so and that it is safe', async ({ page, tandem }) => {
  await openFile(page, 'mark.png')
  await expect(notice(page)).toContainText(
    'This file is not text (16 bytes). It is safe on disk; Tandem shows text files only.',
  )
  await notice(page).getByRole('button', { name: 'Close tab' }).click()
  await expect(editor(page).getByRole('tab')).toHaveCount(0)
  expect(readFileSync(join(tandem.workspace, 'mark.png')).equals(image)).toBe(true)
})

test('[WEB-162] text in another encoding says what to do, and why the model could not edit it stands with the file', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    rule('greet', [{ type: 'customCall', name: 'apply_patch', text: patchTo('old.txt', ['Gr'], ['Hallo']) }]),
  ]
  await openFile(page, 'old.txt')
  await expect(notice(page)).toContainText(
    'This file is text in another encoding than UTF-8 (15 bytes). It was left as it is; convert it to UTF-8 to edit it here.',
  )
  await ask(page, 'greet them')
  await expect(chat(page)).toContainText('Done.')
  await expect(chat(page)).toContainText('not applied')
  await expect(chat(page)).toContainText('did not contain valid UTF-8')
  expect(readFileSync(join(tandem.workspace, 'old.txt')).equals(latin)).toBe(true)
})
