import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, rule } from './fixtures/workbench.ts'

test('[WEB-82] what is being written stays in the page while its connection is made ready, and Enter finds it open', async ({
  page,
  model,
}) => {
  model.script = [rule(/./, [{ type: 'text', text: 'Fine.' }])]
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('Fine.')
  model.dropConnections()
  await message(page).pressSequentially('a secret draft', { delay: 20 })
  const { body } = await model.waitFor((request) => request.body.generate === false)
  expect(body.input).toEqual([])
  expect(JSON.stringify(model.requests)).not.toContain('secret')
  await page.keyboard.press('Enter')
  await expect(chat(page).getByText('Fine.')).toHaveCount(2)
  const last = model.requests.at(-1)
  expect([last?.reused, JSON.stringify(last?.body.input).includes('a secret draft')]).toEqual([true, true])
})

test('[WEB-83] a stopped answer shows its tokens as an estimate, and says why', async ({ page, model }) => {
  model.script = [
    rule('count', [
      { type: 'text', text: 'one two three four five six' },
      { type: 'hold', until: new Promise(() => {}) },
    ]),
  ]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('five six')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  const figure = chat(page).getByText(/^≈ \d+ tokens$/)
  await expect(figure).toBeVisible()
  await expect(figure).toHaveAttribute('title', /billed all the same/)
})
