import { expect, test } from './fixtures/tandem.ts'

test.use({ locale: 'zh-CN', files: { 'greeting.txt': 'First line.\nHello, world.\n' } })

test('[WEB-20] a Chinese browser is spoken to in Chinese, and Enter during composition sends nothing', async ({
  page,
  context,
  model,
}) => {
  const input = page.getByRole('textbox', { name: '消息' })
  await expect(page.locator('html')).toHaveAttribute('lang', /^zh/)
  await expect(input).toBeEditable()
  await input.focus()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Input.imeSetComposition', { text: '你好', selectionStart: 2, selectionEnd: 2 })
  await page.evaluate(() => {
    const event = new KeyboardEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
      cancelable: true,
    })
    document.activeElement?.dispatchEvent(event)
  })
  expect(model.requests.filter(({ kind }) => kind !== 'models')).toHaveLength(0)
  await devtools.send('Input.insertText', { text: '你好' })
  await expect(input).toHaveValue('你好')
  await page.keyboard.press('Enter')
  await expect(page.getByText('You said: 你好')).toBeVisible()
})

test('[WEB-21] composing in the editor while the model writes keeps the composition whole', async ({
  page,
  context,
  tandem,
}) => {
  await page.getByRole('treeitem', { name: 'greeting.txt' }).click()
  const editor = page.getByRole('region', { name: '编辑器' })
  await editor.getByText('Hello').click()
  await page.keyboard.press('Home')
  const devtools = await context.newCDPSession(page)
  await devtools.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 })
  tandem.write('greeting.txt', `// from elsewhere\n${tandem.read('greeting.txt')}`)
  await expect(editor).toContainText('from elsewhere')
  await devtools.send('Input.imeSetComposition', { text: '你', selectionStart: 1, selectionEnd: 1 })
  await devtools.send('Input.insertText', { text: '你' })
  await expect.poll(() => tandem.read('greeting.txt')).toContain('你')
  expect(tandem.read('greeting.txt').match(/ni/g) ?? []).toEqual([])
})
