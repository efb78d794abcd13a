import type { Page } from '@playwright/test'
import { edit, say } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { message, sections } from './fixtures/workbench.ts'

const view = (page: Page) => page.getByRole('dialog', { name: /^Candidates:/ })
const candidate = (page: Page, n: number) => view(page).getByRole('region', { name: `Candidate ${n}` })

test.use({ files: { 'notes.md': sections, 'src/auth.ts': 'export const limit = 3\n' } })

test('[WEB-141] two candidates work side by side, are compared, and single changes of both come back together; the deep tier recommends one', async ({
  page,
  model,
  tandem,
}) => {
  const first = Promise.withResolvers<void>()
  model.script = [
    {
      match: 'The task was:',
      steps: [
        [
          {
            type: 'functionCall',
            name: 'recommend',
            text: JSON.stringify({ candidate: 2, reason: 'It touches less.' }),
          },
        ],
        [say('The second.')],
      ],
    },
    {
      match: 'smallest change',
      steps: [
        [
          edit('notes.md', 'The second section.', 'Two.'),
          edit('src/auth.ts', 'export const limit = 3', 'export const limit = '),
        ],
        [say('The second one is done.')],
      ],
    },
    {
      match: 'rewrite it',
      steps: [
        [say('I look at all of it.'), edit('notes.md', 'The first section.', 'One.')],
        [
          { type: 'hold', until: first.promise },
          edit('notes.md', 'The second section.', 'The second section, rewritten.'),
        ],
        [say('The first one is done.')],
      ],
    },
  ]
  await message(page).fill('/candidates rewrite it')
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: 'Try several candidates' })
  await expect(form.getByRole('textbox', { name: 'What the job is to do' })).toHaveValue('rewrite it')
  await expect(form.getByRole('combobox', { name: 'Candidate 2: Strategy' })).toHaveText('Smallest change')
  await form.getByRole('textbox', { name: 'Check' }).fill('grep -q Two notes.md')
  await form.getByRole('checkbox', { name: /recommend one/ }).check()
  await form.getByRole('button', { name: 'Start 2 candidates' }).click()
  // The first still works while the second is done.
  await expect(candidate(page, 1)).toContainText('I look at all of it.')
  await expect(candidate(page, 1)).toContainText('Running')
  await expect(candidate(page, 2)).toContainText('Done')
  await expect(candidate(page, 2)).toContainText('Does not parse')
  await expect(candidate(page, 2)).toContainText('Check passed')
  first.resolve()
  await expect(candidate(page, 1)).toContainText('Check failed')
  await expect(view(page).getByRole('status').filter({ hasText: 'recommended' })).toContainText(
    'Candidate 2 is recommended: It touches less.',
  )
  await view(page).getByRole('button', { name: 'Compare 1 and 2' }).click()
  const comparison = page.getByRole('dialog', { name: /candidate 1 → candidate 2/ })
  await expect(comparison).toContainText('+Two.')
  // Keys go to it then, and not to what it has just come over.
  await expect(comparison).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(comparison).toBeHidden()
  // A piece of each; what both changed in their own way goes together with none.
  await candidate(page, 1).getByRole('checkbox', { name: 'notes.md, line 3, candidate 1' }).check()
  await candidate(page, 2).getByRole('checkbox', { name: 'notes.md, line 7, candidate 2' }).check()
  expect(tandem.read('notes.md')).toBe(sections)
  await view(page).getByRole('button', { name: 'Take 2 chosen changes' }).click()
  const mixed = sections.replace('The first section.', 'One.').replace('The second section.', 'Two.')
  await expect.poll(() => tandem.read('notes.md')).toBe(mixed)
  expect(tandem.read('src/auth.ts')).toBe('export const limit = 3\n')
  // There is no candidate left to take from.
  await expect(view(page).getByRole('button', { name: /changes$|changes to take/ })).toHaveCount(0)
  await view(page).getByRole('button', { name: 'Review', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Review' })).toContainText('2 of 2 unreviewed')
})

test('[WEB-142] a number takes a candidate and stops the others; what was taken is undone and the rest dismissed', async ({
  page,
  model,
  tandem,
}) => {
  const never = new Promise<void>(() => undefined)
  model.script = [
    { match: 'smallest change', steps: [[edit('notes.md', 'The first section.', 'One.')], [say('Done.')]] },
    {
      match: 'rewrite it',
      steps: [[edit('notes.md', 'The second section.', 'Two.')], [{ type: 'hold', until: never }]],
    },
  ]
  await message(page).fill('rewrite it')
  await page.getByRole('button', { name: 'Background options' }).click()
  await page.getByRole('menuitem', { name: /^Several candidates/ }).click()
  await page.getByRole('button', { name: 'Start 2 candidates' }).click()
  await expect(candidate(page, 2)).toContainText('Done')
  await expect(candidate(page, 1)).toContainText('Running')
  await expect(candidate(page, 2).getByRole('button', { name: 'Take', exact: true })).toBeEnabled()
  await page.keyboard.press('2')
  await expect.poll(() => tandem.read('notes.md')).toBe(sections.replace('The first section.', 'One.'))
  await expect(candidate(page, 2)).toContainText('Changes applied')
  await expect(candidate(page, 1)).toContainText('Stopped')
  await view(page).getByRole('button', { name: 'Dismiss the rest' }).click()
  await expect(candidate(page, 1)).toContainText('Changes discarded')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Alt+j')
  const tree = page.getByRole('region', { name: 'Jobs' }).getByRole('listitem')
  await expect(tree.first()).toContainText('Candidate 1')
})

test('[WEB-163] how a candidate works is chosen by keys from a list, which Escape closes alone', async ({
  page,
  model,
}) => {
  model.script = [{ match: 'rewrite it', steps: [[say('Done.')]] }]
  await message(page).fill('/candidates rewrite it')
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: 'Try several candidates' })
  const strategy = form.getByRole('combobox', { name: 'Candidate 1: Strategy' })
  await expect(strategy).toHaveText('As asked')
  await strategy.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('option', { name: 'As asked' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('listbox')).toHaveCount(0)
  await expect(form).toBeVisible()
  await expect(strategy).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('option', { name: 'Thorough' }).click()
  await expect(strategy).toHaveText('Thorough')
  await form.getByRole('button', { name: 'Start 2 candidates' }).click()
  await expect(candidate(page, 1).getByRole('heading', { name: /Thorough/ })).toBeVisible()
})

test('[WEB-164] while nothing is chosen, the button that takes changes says so and cannot be pressed', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'smallest change',
      steps: [[edit('notes.md', 'The first section.', 'One.')], [say('I shortened it.')]],
    },
    { match: 'rewrite it', steps: [[say('There is nothing to do.')]] },
  ]
  await message(page).fill('/candidates rewrite it')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Start 2 candidates' }).click()
  const take = view(page).getByRole('button', { name: 'Choose changes to take' })
  await expect(take).toBeDisabled()
  // What it says stands below what it changed.
  await expect(candidate(page, 2)).toContainText(/One\.[\s\S]*I shortened it\./)
  await candidate(page, 2).getByRole('checkbox').check()
  await expect(view(page).getByRole('button', { name: 'Take 1 chosen change' })).toBeEnabled()
  await candidate(page, 2).getByRole('checkbox').uncheck()
  await expect(take).toBeDisabled()
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 800 } })

  test('[WEB-143] candidates are in one column with tabs', async ({ page, model }) => {
    model.script = [
      { match: 'smallest change', steps: [[say('I am the second.')]] },
      { match: 'rewrite it', steps: [[say('I am the first.')]] },
    ]
    await message(page).fill('/candidates rewrite it')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Start 2 candidates' }).click()
    await expect(candidate(page, 1)).toContainText('I am the first.')
    await expect(candidate(page, 2)).toBeHidden()
    await view(page).getByRole('tab', { name: 'Candidate 2' }).click()
    await expect(candidate(page, 2)).toContainText('I am the second.')
    await expect(candidate(page, 1)).toBeHidden()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })
})
