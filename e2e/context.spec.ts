import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, typeMessage } from './fixtures/workbench.ts'

async function paste(page: Page, text: string): Promise<void> {
  await message(page).evaluate((field, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

test('[WEB-65] what is chosen after @ goes along with the prompt', async ({ page, model }) => {
  await typeMessage(page, 'Explain @greet')
  const list = page.getByRole('listbox', { name: 'Mention' })
  await expect(list.getByRole('option', { name: 'greeting.ts' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(message(page)).toHaveValue('Explain @src/greeting.ts ')
  await expect(list).toBeHidden()
  await message(page).pressSequentially('and me@example.com')
  await expect(list).toBeHidden()
  const chips = chat(page).getByRole('list', { name: 'Goes along' })
  await expect(chips.getByText('src/greeting.ts')).toBeVisible()
  await expect(chips.getByText('example.com')).toBeHidden()
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('You said:')
  await expect(message(page)).toHaveValue('')
  const sent = model.requests.flatMap(({ body }) => (body ? [JSON.stringify(body)] : [])).join('\n')
  expect(sent).toContain('Text of src/greeting.ts now')
  expect(sent).not.toContain('example.com could not')
})

test('[WEB-335] a thread is chosen in two steps, also by its Chinese name, and its words reach the model', async ({
  page,
  model,
}) => {
  await ask(page, 'Tell me of apples')
  await expect(chat(page)).toContainText('You said:')
  await page.getByRole('button', { name: 'New thread' }).first().click()
  await expect(chat(page)).not.toContainText('You said:')
  const list = page.getByRole('listbox', { name: 'Mention' })
  for (const word of ['@thr', '@会']) {
    await typeMessage(page, 'As in ')
    // As an input method does: no key says so.
    await page.keyboard.insertText(word)
    await expect(list.getByRole('option').first()).toHaveAccessibleName('@thread choose a thread')
    await page.keyboard.press('Enter')
    await expect(message(page)).toHaveValue('As in @thread(')
    await expect(list.getByRole('option')).toHaveCount(1)
    await page.keyboard.type('of app')
    await page.keyboard.press('Tab')
    await expect(message(page)).toHaveValue('As in @thread(Tell me of apples) ')
    await expect(list).toBeHidden()
    if (word === '@thr') await message(page).fill('')
  }
  await page.keyboard.type('but of pears')
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('You said:')
  const sent = model.requests
    .map(({ body }) => JSON.stringify(body ?? ''))
    .findLast((body) => body.includes('pears'))
  expect(sent?.split('Tell me of apples').length).toBeGreaterThan(2)
})

test('[WEB-66] a command runs and nothing is sent', async ({ page, model }) => {
  await typeMessage(page, '／pl')
  const list = page.getByRole('listbox', { name: 'Commands' })
  await expect(list.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Tab')
  await expect(message(page)).toHaveValue('/plan ')
  await page.keyboard.press('Enter')
  await expect(message(page)).toHaveValue('')
  await expect(chat(page).getByRole('button', { name: /Plan/ })).toBeVisible()
  await message(page).fill('/nonsense')
  await page.keyboard.press('Enter')
  await expect(page.getByText('There is no such command.')).toBeVisible()
  await expect(message(page)).toHaveValue('/nonsense')
  await message(page).fill('/keys')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  expect(model.requests.filter(({ body }) => JSON.stringify(body ?? '').includes('/keys'))).toEqual([])
})

test('[WEB-67] a long paste is a chip, and goes to the model in a fence', async ({ page, model }) => {
  const long = Array.from({ length: 60 }, (_, index) => `pasted line ${index}`).join('\n')
  await message(page).click()
  await paste(page, long)
  await paste(page, `${long}\nand one more`)
  const chip = chat(page).getByRole('button', { name: 'Pasted 60 lines' })
  await chip.click()
  await expect(chip).toHaveAttribute('aria-expanded', 'true')
  await expect(chat(page).getByText('pasted line 7')).toBeVisible()
  await chip.click()
  await chat(page).getByRole('button', { name: 'Remove pasted text' }).last().click()
  await expect(chat(page).getByRole('button', { name: 'Pasted 61 lines' })).toBeHidden()
  await expect(message(page)).toHaveValue('')
  await ask(page, 'Sum this up')
  await expect(chat(page)).toContainText('You said:')
  await expect(chat(page).getByRole('button', { name: 'Remove pasted text' })).toBeHidden()
  await expect(chip).toBeVisible()
  const sent = JSON.stringify(model.requests.map(({ body }) => body))
  expect(sent).toContain('Pasted text:\\n```\\npasted line 0')
  expect(sent).not.toContain('and one more')
})

test('[WEB-68] about how many tokens a prompt adds is said before', async ({ page }) => {
  await message(page).fill('twelve chars')
  await expect(chat(page).getByText('about 3 tokens')).toBeVisible()
  await message(page).fill('你好 @src/main.ts')
  await expect(chat(page).getByText(/about [2-9]\d tokens/)).toBeVisible()
  await message(page).fill('')
  await expect(chat(page).getByText(/about .* tokens/)).toBeHidden()
})

test('[WEB-69] the inspector shows what was sent, invisible characters marked', async ({ page }) => {
  await ask(page, 'Look\u200bhere\u202e')
  await expect(chat(page)).toContainText('You said:')
  await chat(page).getByRole('button', { name: 'What was sent' }).click()
  const dialog = page.getByRole('dialog', { name: 'Prompt inspector' })
  const said = dialog.getByRole('region', { name: 'user' })
  await expect(said.locator('mark')).toHaveText(['ZWSP', 'RLO'])
  await expect(said).toContainText('2 invisible characters')
  await expect(dialog.getByRole('region', { name: 'instructions' })).toBeVisible()
  await expect(dialog.getByRole('region', { name: 'tool apply_patch' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})
