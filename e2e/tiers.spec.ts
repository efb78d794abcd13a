import { expect, test } from './fixtures/tandem.ts'
import { ask, chat } from './fixtures/workbench.ts'

test.use({
  settings: { tiers: { live: ['fake/gone', 'fake/fake-fast'], deep: ['fake/fake-fast'] } },
})

test('[WEB-80] a tier is chosen in the picker; when its first model is not there the next answers and the turn says so', async ({
  page,
  model,
}) => {
  model.script = ({ body }) =>
    body.model === 'gone'
      ? [{ type: 'fault', fault: { type: 'status', status: 503, body: {} } }]
      : [{ type: 'text', text: 'Here I am.' }]
  const picker = page.getByRole('button', { name: /^Model:/ })
  await picker.click()
  const live = page.getByRole('menuitemradio', { name: 'Live tier' })
  await expect(live).toContainText('now gone')
  await expect(page.getByRole('menuitemradio', { name: 'Deep tier' })).toContainText('now fake-fast')
  await live.click()
  await expect(picker).toHaveAccessibleName('Model: Live tier, gone')
  const note = 'Went on with fake-fast: gone has more requests than it can serve.'
  for (let turn = 1; turn <= 3; turn++) {
    await ask(page, `hello ${turn}`)
    await expect(chat(page).getByText(note)).toHaveCount(turn)
    await expect(chat(page).getByText('Here I am.')).toHaveCount(turn)
  }
  await expect(picker).toHaveAccessibleName('Model: Live tier, fake-fast')
  await page.reload()
  await expect(chat(page).getByText(note)).toHaveCount(3)
  // It failed so often that it is not even asked now.
  const asked = model.requests.length
  await ask(page, 'hello again')
  await expect(chat(page).getByText(note)).toHaveCount(4)
  expect(model.requests.slice(asked).map(({ body }) => body.model)).toEqual(['fake-fast'])
})
