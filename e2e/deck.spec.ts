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

const long = Array.from({ length: 3000 }, (_, n) => `Line ${n} of a long text.`)
const longPatch = [
  '*** Begin Patch',
  '*** Add File: long.md',
  ...long.map((line) => `+${line}`),
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

test('[WEB-33] changes stand by file and are judged by file and all at once, each taken back as one; diffs, questions and places by keys', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: patch }]),
    rule('Explain', [{ type: 'text', text: 'Because.' }]),
  ]
  await ask(page, 'rewrite all')
  await expect(chat(page)).toContainText('Done.')
  await page.keyboard.press('Alt+r')
  const deck = page.getByRole('region', { name: 'Review' })
  const list = deck.getByRole('list', { name: 'Changes' })
  await expect(list.getByRole('listitem')).toHaveCount(5)
  await expect(list.getByRole('listitem').first()).toContainText('auth.ts')
  await list.getByRole('button', { name: 'Undo the changes in notes.md' }).click()
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
  await expect(deck).toContainText('1 of 3 unreviewed')
  await page.keyboard.press('u')
  await expect.poll(() => tandem.read('notes.md')).toContain('The second section, rewritten.')
  await expect(deck).toContainText('3 of 3 unreviewed')
  await expect(deck.getByRole('article', { name: 'notes.md:3' })).toContainText(
    'The first section, rewritten.',
  )
  await deck.getByRole('button', { name: 'Keep all' }).click()
  await expect(deck).toContainText('All reviewed')
  await page.keyboard.press('u')
  await expect(deck).toContainText('3 of 3 unreviewed')
  await deck.getByRole('button', { name: 'Undo all' }).click()
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 3\n')
  await page.keyboard.press('u')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await expect(deck.getByRole('article', { name: 'src/auth.ts:1' })).toBeVisible()
  const sides = deck.getByRole('button', { name: 'Side by side' })
  const space = deck.getByRole('button', { name: 'Ignore white space' })
  for (const pressed of ['true', 'false']) {
    await page.keyboard.press('d')
    await page.keyboard.press('w')
    await expect(sides).toHaveAttribute('aria-pressed', pressed)
    await expect(space).toHaveAttribute('aria-pressed', pressed)
  }
  await page.keyboard.press('e')
  await expect(deck).toHaveCount(0)
  const { body } = await model.waitFor((request) => JSON.stringify(request.body).includes('Explain this'))
  for (const sent of ['src/auth.ts, lines 1–1', 'export const limit = 300', 'export const limit = 3\\n'])
    expect(JSON.stringify(body)).toContain(sent)
  await expect(chat(page)).toContainText('Because.')
  await expect(chat(page).getByRole('figure').getByText('export const limit = 300')).toBeVisible()
  await expect(chat(page)).not.toContainText('```')
  await page.keyboard.press('Alt+r')
  await page.keyboard.press('o')
  await expect(deck).toHaveCount(0)
  await expect(page.getByRole('tab', { name: 'auth.ts' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Alt+r')
  await expect(deck).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(deck).toHaveCount(0)
})

test('[WEB-34] on a phone the list is one button away, with Keep all, and no key is named', async ({
  page,
  model,
}) => {
  model.script = [rule('rewrite', [{ type: 'customCall', name: 'apply_patch', text: patch }])]
  await ask(page, 'rewrite all')
  await expect(chat(page)).toContainText('Done.')
  await page.keyboard.press('Alt+r')
  await page.setViewportSize({ width: 390, height: 844 })
  const deck = page.getByRole('region', { name: 'Review' })
  await expect(deck.getByRole('article', { name: 'src/auth.ts:1' })).toBeVisible()
  await expect(page.locator('kbd:visible')).toHaveCount(0)
  await deck.getByRole('button', { name: 'Changes', exact: true }).click()
  await deck
    .getByRole('list', { name: 'Changes' })
    .getByRole('button', { name: /line 7/ })
    .click()
  await expect(deck.getByRole('article', { name: 'notes.md:7' })).toBeVisible()
  await deck.getByRole('button', { name: 'Changes', exact: true }).click()
  await deck.getByRole('button', { name: 'Keep all' }).click()
  await expect(deck).toContainText('All reviewed')
  await deck.getByRole('button', { name: 'Take back' }).click()
  await expect(deck).toContainText('3 of 3 unreviewed')
})

test('[WEB-36] of a change of thousands of lines only those in view are drawn', async ({ page, model }) => {
  model.script = [
    rule('long', [{ type: 'customCall', name: 'apply_patch', text: longPatch, tokensPerSecond: 0 }]),
  ]
  await ask(page, 'write a long one')
  await expect(chat(page)).toContainText('Done.')
  await page.keyboard.press('Alt+r')
  const card = page.getByRole('region', { name: 'Review' }).getByRole('article')
  await expect(card.getByText('Line 3 of a long text.', { exact: true })).toBeVisible()
  expect(await card.getByText(/^Line \d+ of a long text\.$/).count()).toBeLessThan(200)
  await card.getByText('Line 3 of a long text.', { exact: true }).hover()
  await page.mouse.wheel(0, 100_000)
  await expect(card.getByText('Line 2999 of a long text.', { exact: true })).toBeVisible()
  expect(await card.getByText(/^Line \d+ of a long text\.$/).count()).toBeLessThan(200)
})
