import type { Locator, Page } from '@playwright/test'
import { say } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile } from './fixtures/workbench.ts'

const jobs = (page: Page) => page.getByRole('region', { name: 'Jobs' })
const form = (page: Page) => page.getByRole('dialog', { name: 'Run in background' })
const task = (page: Page) => form(page).getByRole('textbox', { name: 'What the job is to do' })

/** Presses on marked text and moves a little, as hands do: by that the editor knows that it is dragged. */
async function takeUp(page: Page, text: Locator): Promise<void> {
  const { x, y, height } = (await text.boundingBox()) ?? { x: 0, y: 0, height: 0 }
  await page.mouse.move(x + 40, y + height / 2)
  await page.mouse.down()
  await page.mouse.move(x + 56, y + height / 2, { steps: 4 })
}

test.use({ files: { 'todo.md': '- [ ] Write the tests\n- [ ] Tidy up\n' } })

test('[WEB-155] text dragged to the list of jobs, or marked and handed over by key, becomes the draft of a job', async ({
  page,
  model,
}) => {
  model.script = [
    { match: 'Somebody should', steps: [say('Done.')] },
    { match: 'what is left', steps: [say('Somebody should write the tests.')] },
  ]
  await ask(page, 'what is left')
  const answer = chat(page).getByText('Somebody should write the tests.')
  await expect(answer).toBeVisible()
  await page.keyboard.press('Alt+j')
  const dragged = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.setData('text/plain', 'Somebody should write the tests.')
    return data
  })
  await jobs(page).dispatchEvent('dragover', { dataTransfer: dragged })
  await jobs(page).dispatchEvent('drop', { dataTransfer: dragged })
  await expect(task(page)).toHaveValue('Somebody should write the tests.')
  await form(page).getByRole('button', { name: 'Cancel' }).click()
  await answer.click({ clickCount: 3 })
  await page.keyboard.press('Alt+Shift+J')
  await expect(task(page)).toHaveValue('Somebody should write the tests.')
  await form(page).getByRole('button', { name: 'Run in background' }).click()
  await expect(jobs(page).getByRole('link', { name: /Somebody should/ })).toContainText('Done')
  await page.keyboard.press('ControlOrMeta+Shift+e')
  await openFile(page, 'todo.md')
  await editor(page).getByText('Write the tests').click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await page.keyboard.press('Alt+Shift+J')
  await expect(task(page)).toHaveValue('todo.md:1–1\n\n- [ ] Write the tests')
})

test('[WEB-353] a to-do that is dragged from the editor to the list of jobs becomes the draft of a job, and the file stays as it is', async ({
  page,
  tandem,
}) => {
  await openFile(page, 'todo.md')
  await page.keyboard.press('Alt+j')
  const line = editor(page).getByText('Write the tests')
  await line.click()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+End')
  await takeUp(page, line)
  await jobs(page).hover()
  await expect(jobs(page)).toContainText('Let go to hand it off to a job')
  await page.mouse.up()
  await expect(task(page)).toHaveValue('todo.md:1–1\n\n- [ ] Write the tests')
  await page.keyboard.press('Escape')
  await expect(jobs(page)).not.toContainText('Let go to hand it off')
  await expect(editor(page)).toContainText(/Write.the.tests.*Tidy.up/s)
  expect(tandem.read('todo.md')).toBe('- [ ] Write the tests\n- [ ] Tidy up\n')
  // Within the editor text is moved as ever.
  await takeUp(page, line)
  await editor(page).getByText('Tidy up').hover()
  await page.mouse.up()
  await expect.poll(() => tandem.read('todo.md')).not.toBe('- [ ] Write the tests\n- [ ] Tidy up\n')
})

test('[WEB-156] jobs are found by what they are called and by how they stand', async ({ page, model }) => {
  model.script = [
    {
      match: 'number 5',
      steps: [[{ type: 'functionCall', name: 'ask_person', text: JSON.stringify({ question: 'Which?' }) }]],
    },
    { match: 'number', steps: [say('Done.')] },
  ]
  await page.keyboard.press('Alt+j')
  for (let n = 1; n <= 6; n++) {
    await message(page).fill(`/background number ${n}`)
    await page.keyboard.press('Enter')
    await expect(jobs(page).getByRole('link', { name: new RegExp(`number ${n}`) })).toContainText(
      n === 5 ? 'Needs input' : 'Done',
    )
  }
  await jobs(page).getByRole('combobox', { name: 'State' }).click()
  await page.getByRole('option', { name: 'Needs input' }).click()
  await expect(jobs(page).getByRole('link')).toHaveText([/number 5/])
  await jobs(page).getByRole('combobox', { name: 'State' }).click()
  await page.getByRole('option', { name: 'All' }).click()
  await jobs(page).getByRole('searchbox', { name: 'Filter jobs' }).fill('number 3')
  await expect(jobs(page).getByRole('link')).toHaveText([/number 3/])
  await jobs(page).getByRole('searchbox', { name: 'Filter jobs' }).fill('number 9')
  await expect(jobs(page)).toContainText('No job fits.')
  await jobs(page).getByRole('button', { name: 'Show all' }).click()
  await expect(jobs(page).getByRole('link')).toHaveCount(6)
})
