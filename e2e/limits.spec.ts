import { expect, test } from './fixtures/tandem.ts'
import { ask, chat } from './fixtures/workbench.ts'

const left = (requests: number, resetSeconds: number) => ({
  'x-ratelimit-limit-requests': '100',
  'x-ratelimit-remaining-requests': String(requests),
  'x-ratelimit-reset-requests': `${resetSeconds}s`,
  'x-ratelimit-limit-tokens-minute': '60000',
  'x-ratelimit-remaining-tokens-minute': '51000',
  'x-ratelimit-reset-tokens-minute': '42.5',
})

test.use({ api: 'chat', settings: { tiers: { deep: ['fake/fake-slow'] } } })

test('[WEB-90] behind the Limits button stands what is left of the model, ticking', async ({
  page,
  model,
}) => {
  model.headers = left(97, 40)
  const button = page.getByRole('button', { name: 'Limits of the model' })
  await button.click()
  const limits = page.getByRole('dialog', { name: 'Limits of the model' })
  await expect(limits).toContainText('Figures appear when the thread has begun.')
  await page.keyboard.press('Escape')
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  await button.click()
  await expect(limits).toContainText('97 of 100 left')
  await expect(limits).toContainText('Tokens per minute')
  await expect(limits).toContainText('51,000 of 60,000 left')
  const tick = async () =>
    Number(/refills fully in (\d+) s/.exec((await limits.textContent()) ?? '')?.[1] ?? Number.NaN)
  const first = await tick()
  await expect.poll(tick).toBeLessThan(first)
  await page.keyboard.press('Escape')
  await expect(button).toBeFocused()
})

test('[WEB-92] what the model took today stands there too, also of a turn that was stopped', async ({
  page,
  model,
}) => {
  const button = page.getByRole('button', { name: 'Limits of the model' })
  const limits = page.getByRole('dialog', { name: 'Limits of the model' })
  model.script = ({ userText }) =>
    userText.includes('long')
      ? [
          { type: 'text', tokens: 40, unfinished: true },
          { type: 'fault', fault: { type: 'stall' } },
        ]
      : [
          { type: 'usage', input: 1200, cached: 0, output: 34 },
          { type: 'text', text: 'Here.' },
        ]
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('Here.')
  await button.click()
  await expect(limits).toContainText('Today: 1 call, 1,200 tokens in, 34 out')
  await page.keyboard.press('Escape')
  await ask(page, 'a long one')
  await page.getByRole('button', { name: 'Stop' }).click()
  await button.click()
  await expect(limits).toContainText(/Today: 2 calls, .* 1 of them estimated/)
})

test('[WEB-91] a turn that waits for its provider goes on waiting, is cancelled, or is answered by another model', async ({
  page,
  model,
}) => {
  model.headers = left(0, 3000)
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('You said: hello')
  await ask(page, 'again')
  const place = chat(page).getByRole('button', { name: 'Waiting: position 1, about 50 min' })
  await place.click()
  const limits = page.getByRole('dialog', { name: 'Limits of the model' })
  await expect(limits).toContainText(/Your turn waits: position 1, begins in about 50 min/)
  await expect(limits).toContainText('0 of 100 left')
  await expect(limits).toContainText(/nothing left until \d+:\d\d/)
  await limits.getByRole('button', { name: 'Wait', exact: true }).click()
  await expect(limits).toHaveCount(0)
  await expect(place).toBeVisible()
  await place.click()
  await limits.getByRole('button', { name: 'Cancel turn' }).click()
  await expect(chat(page).getByText('Stopped', { exact: true })).toBeVisible()
  await ask(page, 'once more')
  await place.click()
  model.headers = {}
  await limits.getByRole('button', { name: 'Deep tier: fake-slow at once' }).click()
  await expect(chat(page)).toContainText('You said: once more')
  await expect(chat(page)).toContainText('Went on with fake-slow: you did not want to wait for fake-fast.')
})

test.describe('on a phone, in Chinese', () => {
  test.use({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })

  test('[WEB-91] the place opens what one can do there too', async ({ page, model }) => {
    model.headers = left(0, 3000)
    const message = page.getByRole('textbox', { name: '消息' })
    for (const text of ['你好', '再来']) {
      await message.fill(text)
      await message.press('Enter')
      await expect(page.getByText(text, { exact: true })).toBeVisible()
      if (text === '你好') await expect(page.getByText('You said: 你好')).toBeVisible()
    }
    await page.getByRole('button', { name: /^等待中/ }).click()
    const limits = page.getByRole('dialog', { name: '模型的限额' })
    await expect(limits).toContainText('约 50 分钟后开始')
    await expect(limits.getByRole('button', { name: '等待', exact: true })).toBeInViewport()
    await limits.getByRole('button', { name: '取消本轮' }).click()
    await expect(page.getByText('已停止', { exact: true })).toBeVisible()
  })
})
