import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule } from './fixtures/workbench.ts'

test.use({
  files: {
    'index.html': '<!doctype html><link rel="stylesheet" href="a.css"><button>Go</button>\n',
    'a.css': 'button {\n  color: red;\n}\n',
  },
})

test('[WEB-22] the preview shows the page on an opaque origin and takes new styles in place while they are written', async ({
  page,
  model,
}) => {
  const patch = patchTo('a.css', ['  color: red;'], ['  color: rgb(0, 128, 128);', '  padding: 8px;'])
  model.script = [
    rule('teal', [{ type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 30 }]),
  ]
  await page.getByRole('button', { name: /^Preview/ }).click()
  const button = page.frameLocator('iframe').getByRole('button', { name: 'Go' })
  await expect(button).toHaveCSS('color', 'rgb(255, 0, 0)')
  const inFrame = await button.evaluate((element) => {
    element.dataset.mark = 'same page'
    return self.origin
  })
  expect(inFrame).toBe('null')
  await ask(page, 'teal')
  await expect(button).toHaveCSS('color', 'rgb(0, 128, 128)')
  await expect(chat(page)).toContainText('Done')
  await expect(button).toHaveCSS('padding-top', '8px')
  await expect(button).toHaveAttribute('data-mark', 'same page')
})

test('[WEB-23] Ctrl+Z takes back only what the person typed', async ({ page, model, tandem }) => {
  const patch = patchTo('a.css', ['  color: red;'], ['  color: blue;'])
  model.script = [rule('blue', [{ type: 'customCall', name: 'apply_patch', text: patch }])]
  await openFile(page, 'a.css')
  await editor(page).getByText('button').click()
  await page.keyboard.press('Home')
  await page.keyboard.type('a, ')
  await ask(page, 'blue')
  await expect.poll(() => tandem.read('a.css')).toBe('a, button {\n  color: blue;\n}\n')
  await editor(page).getByText('button').click()
  await page.keyboard.press('Control+z')
  await expect.poll(() => tandem.read('a.css')).toBe('button {\n  color: blue;\n}\n')
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+Shift+z')
  await expect.poll(() => tandem.read('a.css')).toBe('a, button {\n  color: blue;\n}\n')
})

test('[WEB-24] a file that cannot be edited says why', async ({ page, tandem }) => {
  tandem.write('binary.bin', 'a\0b')
  await openFile(page, 'binary.bin')
  await expect(editor(page)).toContainText('binary', { ignoreCase: true })
})
