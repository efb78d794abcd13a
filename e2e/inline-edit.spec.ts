import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule, sections } from './fixtures/workbench.ts'

const field = (page: Page) => editor(page).getByRole('textbox', { name: 'Edit in place' })
const status = (page: Page) => editor(page).getByRole('group', { name: 'Edit in place' }).getByRole('status')

/** Opens the field at a line of the code and asks. */
async function askAt(page: Page, line: string, prompt: string): Promise<void> {
  await editor(page).getByText(line).click()
  await page.keyboard.press('ControlOrMeta+k')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type(prompt)
  await page.keyboard.press('Enter')
}

const edit = (match: string, from: string, to: string, speed?: number) =>
  rule(match, [
    {
      type: 'customCall',
      name: 'apply_patch',
      text: patchTo('notes.md', [from], to.split('\n')),
      ...(speed !== undefined && { tokensPerSecond: speed }),
    },
  ])

const first = 'The first section.'
const second = 'The second section.'
const long = Array.from({ length: 60 }, (_, i) => `Line ${i} of a long text.`).join('\n')

test.use({ files: { 'notes.md': sections, 'other.md': sections } })

test('[WEB-60] an edit in place streams into its lines while they stay where they are, and Tab keeps it', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [edit('louder', second, 'THE SECOND\nSECTION.')]
  await openFile(page, 'notes.md')
  const line = editor(page).getByText(second)
  await line.click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  const before = await line.boundingBox()
  await page.keyboard.press('ControlOrMeta+i')
  await expect(field(page)).toBeFocused()
  // Whatever moves has come to rest.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)))
  expect((await line.boundingBox())?.y).toBe(before?.y)
  await page.keyboard.type('louder')
  await page.keyboard.press('Enter')
  await expect(editor(page)).toContainText('THE SECOND')
  await expect(status(page)).toContainText('+2 −1 lines')
  const { body } = await model.waitFor((request) => JSON.stringify(request.body).includes('louder'))
  expect(JSON.stringify(body)).toContain('edit in place, in the active file: line 7.')
  await page.keyboard.press('Tab')
  await expect(field(page)).toHaveCount(0)
  await expect(page.getByRole('button', { name: /unreviewed/ })).toHaveCount(0)
  await expect.poll(() => tandem.read('notes.md')).toBe(sections.replace(second, 'THE SECOND\nSECTION.'))
  await expect(page.getByRole('region', { name: 'Chat' })).not.toContainText('louder')
  // The keyboard is the editor's again.
  await page.keyboard.type('x')
  await expect.poll(() => tandem.read('notes.md')).toContain('x')
})

test('[WEB-61] Esc takes it out to the byte, what was typed since stays; while it streams Esc gives the words back', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [edit('quick', first, 'Done at once.'), edit('slow', first, long, 60)]
  await openFile(page, 'notes.md')
  await askAt(page, first, 'slow please')
  await expect(editor(page)).toContainText('Line 3 of a long text.')
  await page.keyboard.press('Escape')
  await expect(editor(page)).not.toContainText('Line 3 of a long text.')
  await expect(field(page)).toHaveValue('slow please')
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
  await field(page).fill('quick now')
  await page.keyboard.press('Enter')
  await expect(editor(page)).toContainText('Done at once.')
  await expect(status(page)).toContainText('Tab keeps')
  await page.keyboard.press('Escape')
  await expect(field(page)).toHaveCount(0)
  await expect(editor(page)).toContainText(first)
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
})

test('[WEB-62] a second prompt refines the edit; Esc then takes out all of it', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    edit('alpha', first, 'Changed by alpha.'),
    edit('beta', 'Changed by alpha.', 'Changed by beta.'),
  ]
  await openFile(page, 'notes.md')
  await askAt(page, first, 'alpha')
  await expect(editor(page)).toContainText('Changed by alpha.')
  await expect(status(page)).toContainText('Tab keeps')
  await page.keyboard.type('beta')
  await page.keyboard.press('Enter')
  await expect(editor(page)).toContainText('Changed by beta.')
  await expect(status(page)).toContainText('Tab keeps')
  const { body } = await model.waitFor((request) => JSON.stringify(request.body).includes('beta'))
  expect(JSON.stringify(body)).toContain('in the active file: at line 3.')
  await expect.poll(() => tandem.read('notes.md')).toContain('Changed by beta.')
  await page.keyboard.press('Escape')
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
})

test('[WEB-63] it runs beside a turn of the chat; a click elsewhere leaves it to be judged, also after a reload', async ({
  page,
  model,
  tandem,
}) => {
  let goOn = () => {}
  const hold = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const patch = patchTo('other.md', [first], ['Written by the chat.'])
  model.script = [
    edit('in place', first, 'Written in place.'),
    rule('the other', [
      { type: 'customCall', name: 'apply_patch', text: patch },
      { type: 'hold', until: hold },
    ]),
  ]
  await openFile(page, 'notes.md')
  await editor(page).getByText(first).click()
  await ask(page, 'change the other')
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await askAt(page, first, 'in place')
  await expect(editor(page)).toContainText('Written in place.')
  await expect(status(page)).toContainText('Tab keeps')
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  goOn()
  await expect(chat(page)).toContainText('Done.')
  await editor(page).getByText('The end.').click()
  await expect(field(page)).toHaveCount(0)
  await expect(page.getByRole('button', { name: '2 unreviewed' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: '2 unreviewed' })).toBeVisible()
  await openFile(page, 'notes.md')
  await editor(page).getByText('Written in place.').click()
  await editor(page).getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(page.getByRole('button', { name: '1 unreviewed' })).toBeVisible()
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
  await page.getByRole('button', { name: 'Take back' }).click()
  await expect(editor(page)).toContainText('Written in place.')
  await expect(page.getByRole('button', { name: '2 unreviewed' })).toBeVisible()
})

test('[WEB-64] composition, drafts, history, several cursors, and an answer without an edit', async ({
  page,
  model,
}) => {
  model.script = [rule('why', [{ type: 'text', text: 'Because it says so.' }])]
  await openFile(page, 'notes.md')
  await editor(page).getByText(first).click()
  await editor(page).getByRole('button', { name: 'Edit in place' }).click()
  await expect(field(page)).toBeFocused()
  await field(page).fill('ni hao')
  await field(page).dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true })
  await field(page).dispatchEvent('keydown', { key: 'Enter', keyCode: 13, isComposing: true })
  await expect(field(page)).toHaveValue('ni hao')
  expect(model.requests.some(({ body }) => JSON.stringify(body).includes('ni hao'))).toBe(false)
  await page.keyboard.press('Escape')
  await expect(field(page)).toHaveCount(0)

  await editor(page).getByText(first).click()
  await editor(page)
    .getByText(second)
    .click({ modifiers: ['Alt'] })
  await page.keyboard.press('ControlOrMeta+k')
  await expect(field(page)).toHaveValue('ni hao')
  await field(page).fill('why')
  await page.keyboard.press('Enter')
  await expect(status(page)).toContainText('Because it says so.')
  await expect(field(page)).toHaveValue('')
  const { body } = await model.waitFor((request) => JSON.stringify(request.body).includes('why'))
  expect(JSON.stringify(body)).toMatch(/at line [37]; at line [37]\./)
  await page.keyboard.press('ArrowUp')
  await expect(field(page)).toHaveValue('why')
  await page.keyboard.press('ArrowDown')
  await expect(field(page)).toHaveValue('')
})

test('[WEB-64a] two models write beside each other; 1 and 2 change which answer is in the file, and only that one stays', async ({
  page,
  model,
  tandem,
}) => {
  let goOn = () => {}
  const hold = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const own = sections.replace(first, `${long}\nThe FIRST section.`)
  const patch = patchTo('notes.md', [first], [...long.split('\n'), 'The FIRST section.'])
  model.script = [
    rule('replace', [
      { type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 400 },
      { type: 'hold', until: hold },
    ]),
  ]
  const rival = sections.replace('first', 'very first')
  await openFile(page, 'notes.md')
  await editor(page).getByText(first).click()
  await page.keyboard.press('ControlOrMeta+Shift+p')
  await page.getByPlaceholder('Type a command').fill('Edit in place')
  await page.keyboard.press('Enter')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type('replace "first" with "very first"')
  await page.keyboard.press('ControlOrMeta+Enter')
  const takes = editor(page).getByRole('group', { name: 'Answers of two models' }).getByRole('button')
  await expect(takes).toHaveCount(2)
  // The second is done while the first one writes; it is in no file.
  await expect(takes.last()).toContainText('The very first section.')
  await expect(takes.first()).toContainText('writing')
  await expect(takes.first()).toContainText('Line 3 of a long text.')
  await expect(status(page)).toContainText('1 done')
  expect(tandem.read('notes.md')).not.toContain('very first')
  await expect(takes.first()).toContainText('The FIRST section.')
  goOn()
  await expect(status(page)).toContainText('Tab keeps')
  await expect(takes.first()).toHaveAttribute('aria-pressed', 'true')
  await expect.poll(() => tandem.read('notes.md')).toBe(own)
  await page.keyboard.press('2')
  await expect(takes.last()).toHaveAttribute('aria-pressed', 'true')
  await expect.poll(() => tandem.read('notes.md')).toBe(rival)
  // Faster than the file can follow: the last one counts.
  await page.keyboard.press('1')
  await page.keyboard.press('2')
  await page.keyboard.press('1')
  await expect(takes.first()).toContainText('in the file')
  await expect.poll(() => tandem.read('notes.md')).toBe(own)
  await page.keyboard.press('2')
  await expect.poll(() => tandem.read('notes.md')).toBe(rival)
  await page.keyboard.press('Tab')
  await expect(field(page)).toHaveCount(0)
  await expect(page.getByRole('button', { name: /unreviewed/ })).toHaveCount(0)
  await expect.poll(() => tandem.read('notes.md')).toBe(rival)
})

test('[WEB-115] after a reload both answers are offered again beside their lines, and 1 and 2 change which is in the file', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [edit('replace', second, 'The SECOND section.')]
  await openFile(page, 'notes.md')
  await editor(page).getByText(second).click()
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('replace "second" with "very second"')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(status(page)).toContainText('Tab keeps')
  const [own, rival] = ['SECOND', 'very second'].map((word) => sections.replace('second', word))
  await expect.poll(() => tandem.read('notes.md')).toBe(own)
  await page.reload()
  const takes = editor(page).getByRole('group', { name: 'Answers of two models' }).getByRole('button')
  await expect(takes).toHaveCount(2)
  await expect(takes.first()).toHaveAttribute('aria-pressed', 'true')
  await expect(takes.first()).toContainText('The SECOND section.')
  await expect(takes.last()).toContainText('The very second section.')
  const line = await page.locator('.view-lines').getByText('The SECOND section.').boundingBox()
  const box = await editor(page).getByRole('group', { name: 'Edit in place' }).boundingBox()
  expect(Math.abs((box?.y ?? 0) + (box?.height ?? 0) - (line?.y ?? 0))).toBeLessThan(40)
  await field(page).focus()
  await page.keyboard.press('2')
  await expect.poll(() => tandem.read('notes.md')).toBe(rival)
  await page.keyboard.press('Escape')
  await expect(field(page)).toHaveCount(0)
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
  await page.reload()
  await expect(editor(page)).toContainText('The second section.')
  await expect(field(page)).toHaveCount(0)
})

test.describe('with no model', () => {
  test.use({ api: 'none' })

  test('[WEB-60] the built-in assistant edits in place', async ({ page, tandem }) => {
    await openFile(page, 'notes.md')
    await askAt(page, first, 'replace "first" with "very first"')
    await expect(editor(page)).toContainText('The very first section.')
    await expect(status(page)).toContainText('Tab keeps')
    await page.keyboard.press('Enter')
    await expect(field(page)).toHaveCount(0)
    await expect.poll(() => tandem.read('notes.md')).toContain('The very first section.')
  })
})
