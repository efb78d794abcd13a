import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message } from './fixtures/workbench.ts'

test('[WEB-123] each person has less sent ahead than the server allows, in the settings, and it stays so; a new workspace has its connection opened', async ({
  page,
  model,
}) => {
  const asked: string[] = []
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => asked.push(String(payload))))
  const ahead = () => asked.filter((frame) => frame.includes('thread/warm')).length
  await page.reload()
  // No thread has begun.
  await message(page).click()
  await expect.poll(() => model.openSockets).toBeGreaterThan(0)
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  await message(page).fill('something')
  await expect.poll(ahead).toBeGreaterThan(0)
  const settings = page.getByRole('button', { name: 'Settings' })
  const choice = (name: string) => page.getByRole('menuitemradio', { name })
  await settings.click()
  await expect(choice('As the server has it: instructions and tools')).toBeChecked()
  await expect(choice('also the conversation and attached files')).toBeDisabled()
  await choice('nothing').click()
  await page.reload()
  await expect(chat(page)).toContainText('You said: hello')
  const before = ahead()
  // Whatever the page does a moment after the last key, it does before what is sent then.
  await page.clock.install()
  await message(page).fill('something I write')
  await page.clock.runFor(2000)
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('You said: something I write')
  expect(ahead()).toBe(before)
  await settings.click()
  await expect(choice('nothing')).toBeChecked()
})
