import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message } from './fixtures/workbench.ts'

test.use({ window: { contextWindow: 9000, maxOutputTokens: 1000 } })

const noise = (seed: number) =>
  Array.from({ length: 300 }, (_, n) => `w${(seed * 7919 + n * 104_729) % 9973}`).join(' ')
const isSummary = (body: unknown) => JSON.stringify(body).includes('<conversation>')

test('[WEB-75] a long thread is summarised while typing goes on, and the divider unfolds to what was kept; it can be undone', async ({
  page,
  model,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = ({ body, userText }) =>
    isSummary(body)
      ? [
          { type: 'hold', until: promise },
          { type: 'text', text: 'They **counted** parts.' },
        ]
      : [{ type: 'text', text: `Heard ${userText.slice(0, 6)}.` }]
  for (let turn = 1; turn <= 6; turn++) {
    await ask(page, `part ${turn} ${noise(turn)}`)
    await expect(chat(page)).toContainText(`Heard part ${turn}.`)
    if (turn > 1) continue
    const first = chat(page).getByRole('button', { name: 'Pin: always send this to the model' }).first()
    await first.click()
    await expect(chat(page).getByRole('button', { name: 'Unpin' })).toHaveAttribute('aria-pressed', 'true')
  }
  await model.waitFor(({ body }) => isSummary(body))
  await message(page).pressSequentially('still typing here', { delay: 10 })
  await expect(message(page)).toHaveValue('still typing here')
  const divider = chat(page).getByRole('region', { name: 'Earlier turns summarised' })
  await expect(divider).toBeHidden()
  let since = model.requests.length
  // The connection may be warmed with what the prompt will follow: it goes up once.
  const sent = () => JSON.stringify(model.requests.slice(since).map(({ body }) => body?.input))
  resolve()
  await expect(divider).toBeVisible()
  await expect(message(page)).toHaveValue('still typing here')
  await divider.getByRole('button', { name: 'Earlier turns summarised' }).click()
  await expect(divider.getByText('counted')).toBeVisible()
  await expect(divider).toContainText('1 pinned message')
  await ask(page, 'next')
  await expect(chat(page)).toContainText('Heard next.')
  expect(sent()).toContain('They **counted** parts.')
  expect(sent()).toContain('part 1 ')
  expect(sent()).not.toContain('part 2 ')
  since = model.requests.length
  await divider.getByRole('button', { name: 'Undo summary' }).click()
  await expect(divider).toBeHidden()
  await ask(page, 'again')
  await expect(chat(page)).toContainText('Heard again.')
  expect(sent()).toContain('part 2 ')
  expect(model.refused).toBe(0)
})

test('[WEB-76] what fills the window is shown by part, and a summary is begun and stopped from there', async ({
  page,
  model,
}) => {
  model.script = ({ body, userText }) =>
    isSummary(body)
      ? [{ type: 'hold', until: new Promise(() => undefined) }]
      : [{ type: 'text', text: `Well, ${userText}.` }]
  for (const text of ['one', 'two', 'three']) {
    await ask(page, text)
    await expect(chat(page)).toContainText(`Well, ${text}.`)
  }
  await page.getByRole('status', { name: 'Context' }).getByRole('button').click()
  const panel = page.getByRole('dialog', { name: 'What fills the window' })
  await expect(panel.getByRole('term')).toHaveText([
    'Instructions',
    'Tools',
    'Files and attachments',
    'Summary and pins',
    'Conversation',
    'Kept for the answer',
    'Free',
  ])
  await expect(panel.getByRole('definition')).toContainText([/\d/, /\d/, /0/, /0/, /\d/, /1,000/, /\d/])
  await panel.getByRole('button', { name: 'Summarise earlier turns' }).click()
  await expect(panel.getByRole('status')).toContainText('being summarised')
  await panel.getByRole('button', { name: 'Stop summarising' }).click()
  await expect(panel.getByRole('status')).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
})

test('[WEB-96] on a phone what fills the window is shown beside the message field', async ({
  page,
  model,
}) => {
  model.script = [{ match: 'one', steps: [[{ type: 'text', text: 'Well.' }]] }]
  await page.setViewportSize({ width: 390, height: 844 })
  await ask(page, 'one')
  await expect(chat(page)).toContainText('Well.')
  await page.getByRole('status', { name: 'Context' }).getByRole('button').click()
  const panel = page.getByRole('dialog', { name: 'What fills the window' })
  await expect(panel.getByRole('term')).toHaveCount(7)
  const box = await panel.boundingBox()
  expect(box && box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844).toBe(true)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
})

test('[WEB-77] /compact and /pin do what they say, and say what is missing', async ({ page, model }) => {
  await message(page).fill('/pin')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Say something first')).toBeVisible()
  await message(page).fill('')
  await ask(page, 'The word is xylophone.')
  await expect(chat(page)).toContainText('You said:')
  await message(page).fill('/compact')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/the last two turns are always kept/)).toBeVisible()
  await message(page).fill('/pin')
  await page.keyboard.press('Enter')
  await expect(chat(page).getByRole('button', { name: 'Unpin' })).toHaveCount(1)
  for (const text of ['two', 'three']) {
    await ask(page, text)
    await expect(chat(page)).toContainText(`You said: ${text}`)
  }
  await message(page).fill('/compact')
  await page.keyboard.press('Enter')
  await expect(chat(page).getByRole('region', { name: 'Earlier turns summarised' })).toBeVisible()
  await ask(page, 'four')
  await expect(chat(page)).toContainText('You said: four')
  const sent = model.requests
    .map(({ body }) => JSON.stringify(body?.input))
    .filter((input) => input?.includes('earlier-turns'))
  expect(sent[0]).toContain('The word is xylophone."')
})
