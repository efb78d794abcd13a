import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, rule, sections } from './fixtures/workbench.ts'

test('[WEB-180] the end of an answer draws nothing of it anew', async ({ page, model }) => {
  const rest = Promise.withResolvers<void>()
  model.script = [
    rule('hello', [
      { type: 'text', text: 'The first paragraph.\n\n```ts\nconst one = 1\n```\n\nThe last ' },
      { type: 'hold', until: rest.promise },
      { type: 'text', text: 'words.' },
    ]),
  ]
  await ask(page, 'hello')
  const first = chat(page).getByText('The first paragraph.')
  const code = chat(page).getByText('const one = 1')
  await expect(chat(page)).toContainText('The last')
  const [paragraph, line] = [await first.elementHandle(), await code.elementHandle()]
  rest.resolve()
  await expect(chat(page)).toContainText('words.')
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeHidden()
  for (const drawn of [paragraph, line])
    expect(await drawn?.evaluate((element) => element.isConnected)).toBe(true)
})

const numbered = Array.from({ length: 120 }, (_, n) => `${n + 1}. A line of the list.`).join('\n')

test('[WEB-311] who sends a prompt is taken to the end, wherever they had scrolled to', async ({
  page,
  model,
}) => {
  model.script = [rule(/./, [{ type: 'text', text: `${numbered}\n\nThat was all.` }])]
  const latest = page.getByRole('button', { name: 'Jump to latest' })
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('That was all.')
  await chat(page).getByText('A line of the list.').nth(90).hover()
  await page.mouse.wheel(0, -1500)
  await expect(latest).toBeVisible()
  await ask(page, 'again')
  await expect(latest).toBeHidden()
  await expect(chat(page).getByText('That was all.').nth(1)).toBeInViewport()
  await expect(latest).toBeHidden()
})

test('[WEB-312] the numbers of a long list are seen whole', async ({ page, model }) => {
  model.script = [rule(/./, [{ type: 'text', text: `${numbered}\n\nThat was all.` }])]
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('That was all.')
  const room = await chat(page)
    .locator('ol')
    .first()
    .evaluate((list) => {
      const number = document.createElement('span')
      number.textContent = `${list.children.length}.\u00a0`
      list.firstElementChild?.append(number)
      const { width } = number.getBoundingClientRect()
      number.remove()
      return { width, padding: Number.parseFloat(getComputedStyle(list).paddingLeft) }
    })
  expect(room.width).toBeGreaterThan(20)
  expect(room.padding).toBeGreaterThanOrEqual(room.width)
})

test('[WEB-313] F1 shows all commands and Ctrl+comma the settings, also from the editor', async ({
  page,
}) => {
  await openFile(page, 'notes.md')
  await editor(page).getByText('The first section.').click()
  for (const [key, opened] of [
    ['F1', page.getByRole('dialog', { name: 'Commands' })],
    ['Control+,', page.getByRole('menu')],
  ] as const) {
    await page.keyboard.press(key)
    await expect(opened).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(opened).toBeHidden()
  }
})

test.use({ files: { 'notes.md': sections } })
