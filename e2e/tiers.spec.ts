import { expect, test } from './fixtures/tandem.ts'
import { ask, chat } from './fixtures/workbench.ts'

test.describe('tiers', () => {
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
})

test.describe('limits', () => {
  test.use({ settings: { limits: { 'fake/fake-fast': { concurrent: 1 } } } })

  test('[WEB-81] a turn that has to wait for its model says its place, begins when its turn comes, and can be stopped', async ({
    page,
    model,
  }) => {
    const release = Promise.withResolvers<void>()
    model.script = ({ userText }) =>
      userText.includes('long')
        ? [{ type: 'hold', until: release.promise }]
        : [{ type: 'text', text: 'My turn.' }]
    await ask(page, 'a long one')
    await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
    await page.getByRole('button', { name: 'New thread' }).first().click()
    await ask(page, 'hello')
    const waits = chat(page).getByText(/^Waiting: position 1, about \d+ s$/)
    await expect(waits).toBeVisible()
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect(chat(page).getByText('Stopped', { exact: true })).toBeVisible()
    await expect(waits).toHaveCount(0)
    await ask(page, 'hello again')
    await expect(waits).toBeVisible()
    await page.reload()
    await expect(waits).toBeVisible()
    release.resolve()
    await expect(chat(page)).toContainText('My turn.')
    await expect(waits).toHaveCount(0)
  })
})
