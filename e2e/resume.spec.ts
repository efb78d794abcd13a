import { createNetwork } from './fixtures/network.ts'
import { expect, test } from './fixtures/tandem.ts'
import {
  ask,
  chat,
  clickEndOf,
  connection,
  editor,
  longSecondHunk,
  message,
  openFile,
  rule,
  sections,
} from './fixtures/workbench.ts'

const words = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ')

test('[WEB-9] a reload in the middle of the stream goes on without a missing or doubled character', async ({
  page,
  model,
}) => {
  model.script = [rule('count', [{ type: 'text', text: words, tokensPerSecond: 150 }])]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('word20')
  await page.reload()
  await expect(chat(page)).toContainText('word399')
  await expect(chat(page)).toContainText('Done')
  expect(await chat(page).getByText('word0 word1').textContent()).toContain(words)
})

test('[WEB-10] a lost network is come back from without a missing or doubled character', async ({
  page,
  model,
  context,
}) => {
  const network = await createNetwork(context)
  await page.reload()
  model.script = [rule('count', [{ type: 'text', text: words, tokensPerSecond: 150 }])]
  await ask(page, 'count')
  await expect(chat(page)).toContainText('word20')
  await network.cut()
  await expect(connection(page)).not.toContainText('Connected')
  network.restore()
  await expect(connection(page)).toContainText('Connected')
  await expect(chat(page)).toContainText('word399')
  expect(await chat(page).getByText('word0 word1').textContent()).toContain(words)
})

test('[WEB-29] what was typed without a network outlives the page and meets what others wrote', async ({
  page,
  context,
  tandem,
}) => {
  const network = await createNetwork(context)
  await page.reload()
  await openFile(page, 'src/greeting.ts')
  await clickEndOf(page, 'Hello')
  await network.cut()
  await page.keyboard.type(' // typed offline')
  // To the last letter: the page is closed at once.
  await expect(editor(page)).toContainText('typed offline')
  await expect(editor(page)).toContainText('edits kept here')
  await page.close()
  tandem.write('src/greeting.ts', `// by another program\n${tandem.read('src/greeting.ts')}`)
  network.restore()
  const later = await tandem.openPage(context)
  await expect(editor(later)).toContainText('typed offline')
  await expect(editor(later)).toContainText('by another program')
  await expect
    .poll(() => tandem.read('src/greeting.ts'))
    .toMatch(/^\/\/ by another program[\s\S]*typed offline/)
})

test.describe('killed', () => {
  test.use({ files: { 'notes.md': sections } })

  test('[WEB-11] after kill -9 the thread, the typed text and the finished edits are there; the turn can be continued', async ({
    page,
    model,
    tandem,
  }) => {
    model.script = [
      rule('rewrite', [
        { type: 'text', text: 'I begin with the first.' },
        { type: 'customCall', name: 'apply_patch', text: longSecondHunk, tokensPerSecond: 100 },
      ]),
    ]
    await openFile(page, 'notes.md')
    await clickEndOf(page, 'The end.')
    await page.keyboard.type(' Typed by hand.')
    await ask(page, 'rewrite both')
    await expect(editor(page)).toContainText('the second is being rewritten')
    await tandem.kill()
    await tandem.restart()
    await expect(connection(page)).toContainText('Connected')
    await expect(chat(page)).toContainText('I begin with the first.')
    await expect(chat(page)).toContainText('The server restarted in the middle.')
    await expect(editor(page)).not.toContainText('the second is being rewritten')
    const wanted = sections
      .replace('The first section.', 'The first section, rewritten.')
      .replace('The end.', 'The end. Typed by hand.')
    await expect.poll(() => tandem.read('notes.md')).toBe(wanted)
    model.script = () => [{ type: 'text', text: 'Going on.' }]
    await page.getByRole('button', { name: 'Continue' }).click()
    await expect(chat(page)).toContainText('Going on.')
  })
})

test('[WEB-12] two tabs show the same text, whoever writes', async ({ page, context, tandem }) => {
  const other = await tandem.openPage(context)
  await openFile(page, 'src/greeting.ts')
  await openFile(other, 'src/greeting.ts')
  await editor(page).getByText('Hello').click()
  await page.keyboard.press('Home')
  await page.keyboard.type('/* from one */')
  await expect(editor(other)).toContainText('/* from one */')
  await clickEndOf(other, 'Hello')
  await other.keyboard.type('/* from two */')
  await expect(editor(page)).toContainText('/* from two */')
  await expect.poll(() => tandem.read('src/greeting.ts')).toMatch(/from one.*\n?.*from two/)
})

test('[WEB-13] a prompt not sent survives a reload', async ({ page }) => {
  await message(page).fill('half a thought')
  await page.reload()
  await expect(message(page)).toHaveValue('half a thought')
})
