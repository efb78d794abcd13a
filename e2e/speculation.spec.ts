import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message } from './fixtures/workbench.ts'

test('[WEB-123] each person has less sent ahead than the server allows, in the settings, and it stays so; a new workspace has its connection opened', async ({
  page,
  model,
}) => {
  // No thread has begun.
  await message(page).click()
  await expect.poll(() => model.openSockets).toBeGreaterThan(0)
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  const ahead = () => model.requests.filter(({ body }) => body.generate === false).length
  const settings = page.getByRole('button', { name: 'Settings' })
  const choice = (name: string) => page.getByRole('menuitemradio', { name })
  await settings.click()
  await expect(choice('As the server has it: instructions and tools')).toBeChecked()
  await expect(choice('also the conversation and attached files')).toBeDisabled()
  await choice('nothing').click()
  await page.reload()
  await expect(chat(page)).toContainText('You said: hello')
  const before = ahead()
  await message(page).fill('something I write')
  await page.waitForTimeout(800)
  expect(ahead()).toBe(before)
  await settings.click()
  await expect(choice('nothing')).toBeChecked()
})
