import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, rule } from './fixtures/workbench.ts'

const words = Array.from({ length: 1000 }, (_, n) => `word${n}`).join(' ')

test('[WEB-40] prompts queue behind the running turn, are edited and moved; Stop pauses them, they survive a reload', async ({
  page,
  model,
  tandem,
  browser,
}) => {
  model.script = [
    rule('count', [{ type: 'text', text: words, tokensPerSecond: 60 }]),
    rule('second', [{ type: 'text', text: 'The second answer.' }]),
    rule('third', [{ type: 'text', text: 'The third answer.' }]),
  ]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('word5')
  await message(page).fill('the second')
  await page.keyboard.press('Control+Enter')
  const queue = page.getByRole('region', { name: 'Queue' })
  await expect(queue.getByRole('textbox')).toHaveCount(1)
  await page.getByRole('button', { name: 'What Enter does while the model works' }).click()
  await page.getByRole('menuitemradio', { name: /^Queue/ }).click()
  await message(page).fill('the thirdd')
  await page.getByRole('button', { name: 'Queue', exact: true }).click()
  await expect(queue.getByRole('textbox')).toHaveCount(2)
  await queue.getByRole('textbox', { name: 'Edit queued prompt 2' }).fill('the third')
  await page.keyboard.press('Enter')
  await queue.getByRole('textbox', { name: 'Edit queued prompt 2' }).press('Alt+ArrowUp')
  await expect(queue.getByRole('textbox', { name: 'Edit queued prompt 1' })).toHaveValue('the third')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(queue).toContainText('Paused')
  const theirs = await tandem.openPage(await browser.newContext())
  const theirQueue = theirs.getByRole('region', { name: 'Queue' })
  await expect(theirQueue.getByRole('textbox', { name: 'Edit queued prompt 1' })).toHaveValue('the third')
  await page.reload()
  await expect(queue.getByRole('textbox', { name: 'Edit queued prompt 1' })).toHaveValue('the third')
  await queue.getByRole('button', { name: 'Run next' }).click()
  await expect(chat(page)).toContainText('The third answer.')
  await expect(chat(page)).toContainText('The second answer.')
  await expect(queue).toHaveCount(0)
  const answers = await chat(page)
    .getByText(/The (second|third) answer/)
    .allTextContents()
  expect(answers).toEqual(['The third answer.', 'The second answer.'])
})
