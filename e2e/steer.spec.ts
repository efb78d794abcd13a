import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, rule } from './fixtures/workbench.ts'

const words = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `word${from + n}`).join(' ')

/** Enter does what is chosen here while the model works. */
async function chooseWay(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'What Enter does while the model works' }).click()
  await page.getByRole('menuitemradio', { name }).click()
}

/** The words the chat shows, as one text. */
async function textOf(page: Page): Promise<string> {
  const text = await page.getByRole('log', { name: 'Conversation' }).textContent()
  return (text ?? '').replace(/\s+/g, ' ')
}

test('[WEB-41] words added while the model works show how far they have come and join its next request; those of a turn that is stopped are back in the message', async ({
  page,
  model,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [
    rule('begin', [
      { type: 'text', text: 'The first part.' },
      { type: 'hold', until: promise },
    ]),
    rule('mind the tests', [{ type: 'text', text: words(0, 2000), tokensPerSecond: 40 }]),
  ]
  await ask(page, 'begin')
  await expect(chat(page)).toContainText('The first part.')
  await chooseWay(page, /^Add/)
  await message(page).fill('mind the tests')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(message(page)).toHaveValue('')
  await expect(chat(page)).toContainText('Joins at the next step')
  const place = () => page.getByText('mind the tests', { exact: true }).boundingBox()
  const before = await place()
  resolve()
  await expect(chat(page)).toContainText('The model has it')
  expect((await place())?.height).toBe(before?.height)
  await expect(chat(page)).toContainText('word5')
  const request = JSON.stringify(model.requests.at(-1)?.body)
  expect(request).toContain('mind the tests')

  await message(page).fill('and the names')
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('Joins at the next step')
  await message(page).fill('typed since')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(message(page)).toHaveValue('and the names\ntyped since')
  await expect(chat(page)).toContainText('Not used')
  await expect(page.getByText('Your words are back in the message.')).toBeVisible()
  await page.reload()
  await expect(message(page)).toHaveValue('and the names\ntyped since')
})

test('[WEB-42] Escape pauses, and Resume goes on without a missing character; Escape twice stops', async ({
  page,
  model,
}) => {
  let sent = 0
  const onToken = () => {
    sent += 1
  }
  model.script = [rule('count', [{ type: 'text', text: words(0, 400), tokensPerSecond: 150, onToken }])]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('word9')
  const controls = () => page.getByRole('button', { name: 'Stop', exact: true }).boundingBox()
  const before = await controls()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: /^Resume/ })).toBeVisible()
  await expect(chat(page)).toContainText('Paused')
  expect(await controls()).toEqual(before)
  const shown = await textOf(page)
  // The model goes on meanwhile.
  const paused = sent
  await expect.poll(() => sent).toBeGreaterThan(paused + 50)
  expect(await textOf(page)).toBe(shown)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Pause/ })).toBeVisible()
  await expect(chat(page)).toContainText('word399')
  expect(await textOf(page)).toContain(words(0, 400))

  await ask(page, 'count')
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible()
})

test('[WEB-42] a pause nobody ends stops the turn; words said meanwhile redirect it', async ({
  page,
  model,
}) => {
  model.script = [
    rule('count', [{ type: 'text', text: words(0, 2000), tokensPerSecond: 60 }]),
    rule('backwards', [{ type: 'text', text: 'Three, two, one.' }]),
  ]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('word5')
  await page.keyboard.press('Escape')
  await message(page).fill('backwards')
  await page.getByRole('button', { name: 'Redirect' }).click()
  await expect(chat(page)).toContainText('Three, two, one.')

  await ask(page, 'count')
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible({ timeout: 8000 })
})

test('[WEB-43] a click on a line of the answer, or a key, and then words redirect the model from there', async ({
  page,
  model,
}) => {
  const { promise } = Promise.withResolvers<void>()
  const answer =
    'First this.\n\n- second that\n- third there\n\n```ts\nconst a = 1\nconst b = 2\n```\n\nLast words.'
  model.script = [
    rule('plan', [
      { type: 'text', text: answer },
      { type: 'hold', until: promise },
    ]),
    rule('otherwise', [{ type: 'text', text: 'As you say.' }]),
  ]
  await ask(page, 'plan')
  await expect(chat(page)).toContainText('Last words.')
  await chat(page)
    .getByText('const b = 2')
    .click({ position: { x: 10, y: 27 } })
  await expect(chat(page)).toContainText('From: “const b = 2”')
  await chat(page).getByText('second that').click()
  await expect(chat(page)).toContainText('From: “second that”')
  await expect(message(page)).toBeFocused()
  await page.getByRole('button', { name: 'Do not point at this line' }).click()
  await expect(chat(page)).not.toContainText('From:')
  await page.keyboard.press('Alt+l')
  await expect(chat(page)).toContainText('From: “Last words.”')
  await page.keyboard.press('Alt+l')
  await expect(chat(page)).toContainText('From: “const b = 2”')
  await message(page).fill('otherwise')
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('As you say.')
  expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('> const b = 2')
})

test('[WEB-44] a queued prompt is dragged to another place', async ({ page, model }) => {
  model.script = [rule('count', [{ type: 'text', text: words(0, 2000), tokensPerSecond: 30 }])]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('word2')
  for (const text of ['one', 'two', 'three']) {
    await message(page).fill(text)
    await page.keyboard.press('Control+Enter')
    await expect(message(page)).toHaveValue('')
  }
  const queue = page.getByRole('region', { name: 'Queue' })
  const texts = () =>
    queue.getByRole('textbox').evaluateAll((all) => all.map((one) => (one as HTMLTextAreaElement).value))
  await expect.poll(texts).toEqual(['one', 'two', 'three'])
  const handles = queue.getByTitle('Drag to another place')
  await handles.nth(2).hover()
  await page.mouse.down()
  await handles.nth(0).hover({ position: { x: 4, y: 2 } })
  await page.mouse.up()
  await expect.poll(texts).toEqual(['three', 'one', 'two'])
  await handles.nth(0).hover()
  await page.mouse.down()
  await handles.nth(1).hover({ position: { x: 4, y: 20 } })
  await page.mouse.up()
  await expect.poll(texts).toEqual(['one', 'three', 'two'])
})

test('[WEB-41] without an answer the page asks what to do with added words; sent again they are there once', async ({
  page,
  context,
  model,
}) => {
  let cuts = true
  await context.routeWebSocket(/\/relay/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((frame) => {
      if (cuts && typeof frame === 'string' && frame.includes('turn/steer')) {
        cuts = false
        void socket.close()
      } else server.send(frame)
    })
  })
  await page.reload()
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [
    rule('begin', [
      { type: 'text', text: 'The first part.' },
      { type: 'hold', until: promise },
    ]),
    rule('mind the tests', [{ type: 'text', text: 'I will.' }]),
  ]
  await ask(page, 'begin')
  await expect(chat(page)).toContainText('The first part.')
  await chooseWay(page, /^Add/)
  await message(page).fill('mind the tests')
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('Not known whether it arrived')
  await page.getByRole('button', { name: 'Send again' }).click()
  await expect(chat(page)).toContainText('Joins at the next step')
  await expect(chat(page).getByText('mind the tests', { exact: true })).toHaveCount(1)
  resolve()
  await expect(chat(page)).toContainText('I will.')
})
