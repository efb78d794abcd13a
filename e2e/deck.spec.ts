import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, rule, sections } from './fixtures/workbench.ts'

const patch = [
  '*** Begin Patch',
  '*** Update File: notes.md',
  '@@',
  '-The first section.',
  '+The first section, rewritten.',
  '@@',
  '-The second section.',
  '+The second section, rewritten.',
  '*** Update File: src/auth.ts',
  '@@',
  '-export const limit = 3',
  '+export const limit = 300',
  '*** End Patch',
  '',
].join('\n')

test.use({ files: { 'notes.md': sections, 'src/auth.ts': 'export const limit = 3\n' } })

test('[WEB-32] the deck is judged by the keyboard alone, and a comment reaches the model with its place', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: patch }]),
    rule('name it', [{ type: 'text', text: 'I will.' }]),
  ]
  await ask(page, 'rewrite all')
  await expect(chat(page)).toContainText('Done.')
  await page.keyboard.press('Alt+r')
  const deck = page.getByRole('region', { name: 'Review' })
  await expect(deck.getByRole('article', { name: 'src/auth.ts:1' })).toContainText('security-relevant')
  await expect(deck).toContainText('3 of 3 unreviewed')
  await page.keyboard.press('n')
  await expect(deck.getByRole('article', { name: 'notes.md:3' })).toContainText('rewritten')
  await page.keyboard.press('y')
  await expect(deck).toContainText('1 of 3 unreviewed')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 3\n')
  await page.keyboard.press('k')
  await expect(deck.getByRole('article', { name: 'notes.md:3' })).toContainText('kept')
  await page.keyboard.press('u')
  await expect(deck).toContainText('2 of 3 unreviewed')
  await page.keyboard.press('u')
  await expect(deck.getByRole('article', { name: 'src/auth.ts:1' })).toContainText('limit = 300')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  await page.keyboard.press('c')
  await page.keyboard.type('name it maximum instead')
  await page.keyboard.press('Enter')
  const { body } = await model.waitFor((request) => JSON.stringify(request.body).includes('name it maximum'))
  expect(JSON.stringify(body)).toContain('src/auth.ts, lines 1–1')
  await expect(deck.getByRole('textbox')).toHaveCount(0)
  await page.setViewportSize({ width: 390, height: 844 })
  await deck.getByRole('button', { name: 'Next change' }).click()
  await expect(deck.getByRole('article', { name: 'notes.md:3' })).toBeVisible()
  await deck.focus()
  await page.keyboard.press('Enter')
  await expect(deck).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Editor' })).toContainText('The first section, rewritten.')
})
