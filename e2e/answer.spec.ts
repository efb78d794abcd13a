import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, rule } from './fixtures/workbench.ts'

test('[WEB-180] the end of an answer draws nothing of it anew', async ({ page, model }) => {
  const rest = Promise.withResolvers<void>()
  model.script = [
    rule('hello', [
      { type: 'text', text: 'The first paragraph.\n\n```ts\nconst one = 1\n```\n\nThe last ' },
      { type: 'hold', until: rest.promise },
      { type: 'text', text: 'words.' },
    ]),
  ]
  await ask(page, 'hello')
  const first = chat(page).getByText('The first paragraph.')
  const code = chat(page).getByText('const one = 1')
  await expect(chat(page)).toContainText('The last')
  const [paragraph, line] = [await first.elementHandle(), await code.elementHandle()]
  rest.resolve()
  await expect(chat(page)).toContainText('words.')
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeHidden()
  for (const drawn of [paragraph, line])
    expect(await drawn?.evaluate((element) => element.isConnected)).toBe(true)
})
