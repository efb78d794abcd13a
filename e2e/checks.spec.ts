import type { FakeRequest, Step } from '../bench/fake-model/script.ts'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo } from './fixtures/workbench.ts'

const path = 'src/main.ts'
const patch = patchTo(path, ["console.log(greeting('world'))"], ["console.log(greeting('wrold'))"])
const again = patchTo(path, ["console.log(greeting('wrold'))"], ["console.log(greeting('word'))"])
const correction = `The word is misspelt.
${path}
<<<<<<< SEARCH
console.log(greeting('wrold'))
=======
console.log(greeting('world!'))
>>>>>>> REPLACE
`
const isCheck = ({ body }: FakeRequest) => JSON.stringify(body.instructions ?? '').includes('second look')

/** A fast model that edits, and what the deep one says about it, answer by answer. */
function script(answers: (readonly Step[])[]) {
  return (request: FakeRequest): readonly Step[] => {
    if (isCheck(request)) return answers.shift() ?? [{ type: 'text', text: 'OK' }]
    if (request.round > 0 || !request.userText.includes('edit')) return [{ type: 'text', text: 'Done.' }]
    const text = request.userText.includes('again') ? again : patch
    return [{ type: 'customCall', name: 'apply_patch', text }]
  }
}

test.use({ settings: { tiers: { deep: ['fake/fake-slow'] } } })

test('[WEB-120] a thread is set to have finished turns checked; a correction comes into the editor to be judged, with its reason and cost', async ({
  page,
  model,
  tandem,
}) => {
  model.script = script([
    [
      { type: 'usage', input: 1200, cached: 0, output: 34 },
      { type: 'text', text: correction },
    ],
  ])
  await openFile(page, path)
  await page.getByRole('button', { name: /^Model:/ }).click()
  const choice = page.getByRole('menuitemcheckbox', { name: 'Check finished turns' })
  await choice.click()
  await expect(choice).toBeChecked()
  await page.keyboard.press('Escape')
  await ask(page, 'edit it')
  await expect(chat(page).getByText('Checked and corrected by fake-slow')).toBeVisible()
  await expect(chat(page)).toContainText('Correction by fake-slow: The word is misspelt.')
  await expect(chat(page)).toContainText('1,234 tokens for the check')
  await expect(editor(page)).toContainText("greeting('world!')")
  await expect.poll(() => tandem.read(path)).toContain("greeting('world!')")
  await page.reload()
  await expect(chat(page)).toContainText('Correction by fake-slow: The word is misspelt.')
  // Each edit is judged by itself.
  await chat(page).getByRole('button', { name: 'Undo file' }).last().click()
  await expect.poll(() => tandem.read(path)).toContain("greeting('wrold')")
})

test.describe('set for all new threads', () => {
  test.use({ settings: { tiers: { deep: ['fake/fake-slow'] }, deep: { checks: true } } })

  test('[WEB-121] a check goes on beside the next turn, is stopped, fails with a reason and is asked for again', async ({
    page,
    model,
  }) => {
    model.script = script([[{ type: 'fault', fault: { type: 'stall' } }]])
    await ask(page, 'edit it')
    await expect(chat(page).getByText('fake-slow checks this…')).toBeVisible()
    await ask(page, 'and now?')
    await expect(chat(page)).toContainText('Done.')
    await chat(page).getByRole('button', { name: 'Stop the check' }).click()
    await expect(chat(page).getByText('fake-slow checks this…')).toHaveCount(0)
    await page.getByRole('button', { name: 'New thread' }).first().click()
    model.script = script([
      [{ type: 'fault', fault: { type: 'status', status: 401, body: { error: { message: 'no' } } } }],
    ])
    await ask(page, 'edit again')
    await expect(chat(page)).toContainText('The check by fake-slow failed')
    await chat(page).getByRole('button', { name: 'Check again' }).click()
    await expect(chat(page).getByText('Checked by fake-slow, nothing to correct')).toBeVisible()
  })
})

test('[WEB-122] the deep tier plans, the model of the thread writes by it, and one can stop or redirect between', async ({
  page,
  model,
  tandem,
}) => {
  const isPlan = ({ body }: FakeRequest) =>
    JSON.stringify(body.instructions ?? '').includes('planning partner')
  const release = Promise.withResolvers<void>()
  model.script = (request) => {
    if (isPlan(request))
      return request.userText.includes('slowly')
        ? [
            { type: 'text', text: 'First' },
            { type: 'hold', until: release.promise },
          ]
        : [{ type: 'text', text: 'Misspell the word in src/main.ts.' }]
    if (request.round > 0) return [{ type: 'text', text: 'Written.' }]
    return [{ type: 'customCall', name: 'apply_patch', text: patch }]
  }
  const planFirst = page.getByRole('menuitemcheckbox', { name: 'Plan first' })
  // A menu that was opened while the page still came to life is closed by it.
  await expect(async () => {
    if (!(await planFirst.isVisible())) await page.getByRole('button', { name: /^Model:/ }).click()
    await expect(planFirst).toBeVisible({ timeout: 1000 })
  }).toPass()
  await planFirst.click()
  await page.keyboard.press('Escape')
  await ask(page, 'do it slowly')
  await expect(chat(page)).toContainText('Plan by fake-slow')
  await expect(chat(page).getByText('Planning', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(chat(page).getByText('Stopped', { exact: true })).toBeVisible()
  expect(tandem.read(path)).toContain('world')
  await ask(page, 'do it')
  await expect(chat(page)).toContainText('Misspell the word in src/main.ts.')
  await expect(chat(page)).toContainText('Written.')
  await expect.poll(() => tandem.read(path)).toContain('wrold')
  await page.reload()
  await expect(chat(page).getByText('Plan by fake-slow')).toHaveCount(2)
})
