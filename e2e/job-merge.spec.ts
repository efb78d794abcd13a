import type { Page } from '@playwright/test'
import {
  edit,
  handOff,
  handOffAndChange,
  job,
  raisesLimit,
  raiseTheLimit,
  say,
  writesOne,
} from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { chat, message, sections } from './fixtures/workbench.ts'

const deck = (page: Page) => page.getByRole('region', { name: 'Review' })

test.use({ files: { 'notes.md': sections, 'src/auth.ts': 'export const limit = 3\n' } })

test('[WEB-233] a job is merged from its page, with its steps or as one commit, and the merge is taken back', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [raiseTheLimit([raisesLimit], [writesOne])]
  const before = tandem.git('rev-parse', 'HEAD').trim()
  await handOff(page, 'raise the limit')
  await job(page).getByRole('button', { name: 'Merge', exact: true }).click()
  await expect(job(page).getByRole('textbox', { name: 'Commit message' })).toHaveValue(
    'Raise the limit\n\nThe limit is 300.',
  )
  await job(page).getByRole('radio', { name: 'Merge with its steps' }).check({ force: true })
  await job(page).getByRole('button', { name: 'Merge 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  expect(tandem.git('log', '-1', '--format=%P').trim().split(' ')).toHaveLength(2)
  expect(tandem.git('log', '-1', '--format=%s', 'HEAD^2').trim()).toBe('Step 2')
  expect(tandem.git('status', '--porcelain').trim()).toBe('')
  await job(page).getByRole('button', { name: 'Take back' }).click()
  await expect.poll(() => tandem.git('rev-parse', 'HEAD').trim()).toBe(before)
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 3\n')
  expect(tandem.read('notes.md')).toBe(sections)
  // One commit this time, by the keyboard alone.
  await job(page).getByRole('button', { name: 'Merge', exact: true }).press('Enter')
  await job(page).getByRole('textbox', { name: 'Commit message' }).press('Tab')
  // Past what goes along, and past leaving it.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(job(page)).toContainText('Committed')
  expect(tandem.git('log', '-1', '--format=%P').trim()).toBe(before)
  expect(tandem.git('show', 'HEAD:src/auth.ts')).toBe('export const limit = 300\n')
})

test('[WEB-234] a place a person changed too is decided in the review by the keyboard, what was taken can be undone there, and then it is merged', async ({
  page,
  model,
  tandem,
}) => {
  await handOffAndChange({ page, model, tandem })
  await job(page).getByRole('button', { name: 'Merge', exact: true }).click()
  await job(page).getByRole('button', { name: 'Merge 2 files' }).click()
  await expect(job(page)).toContainText('Decide about these places first')
  expect(tandem.git('log', '--format=%s').trim().split('\n')).toHaveLength(1)
  await job(page).getByRole('button', { name: 'Decide one by one' }).click()
  const place = deck(page).getByRole('article', { name: 'Conflict in src/auth.ts, line 1' })
  await expect(place.getByRole('region', { name: 'Yours' })).toContainText('export const limit = 5')
  await expect(place.getByRole('region', { name: 'The job’s' })).toContainText('export const limit = 300')
  await expect(deck(page)).toContainText('2 of 2 unreviewed')
  await page.keyboard.press('2')
  await expect(place).toBeHidden()
  await expect(page.getByText('place that you changed too')).toBeHidden()
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  // What was taken is a change like any other.
  await expect(deck(page).getByRole('article', { name: 'notes.md:3' })).toBeVisible()
  await deck(page)
    .getByRole('button', { name: /line 1/ })
    .click()
  await page.keyboard.press('n')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 5\n')
  await page.keyboard.press('u')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  await page.keyboard.press('Escape')
  await page.goBack()
  await job(page).getByRole('button', { name: 'Commit', exact: true }).click()
  await job(page).getByRole('button', { name: 'Commit 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  expect(tandem.git('show', 'HEAD:src/auth.ts')).toBe('export const limit = 300\n')
  expect(tandem.git('status', '--porcelain').trim()).toBe('')
})

test('[WEB-290] who kept their own text at a place both changed takes that back in the review, as what was taken of the job', async ({
  page,
  model,
  tandem,
}) => {
  await handOffAndChange({ page, model, tandem })
  await job(page).getByRole('button', { name: 'Apply changes' }).click()
  await job(page).getByRole('button', { name: 'Decide one by one' }).click()
  const place = deck(page).getByRole('article', { name: 'Conflict in src/auth.ts, line 1' })
  const inList = deck(page)
    .getByRole('list', { name: 'Changed by both of you' })
    .getByRole('button', { name: /line 1/ })
  await expect(place).toContainText('changed by both of you')
  await page.keyboard.press('1')
  await expect(inList).toContainText('your text stands')
  await expect(deck(page)).toContainText('1 of 2 unreviewed')
  await page.keyboard.press('u')
  await expect(place).toContainText('changed by both of you')
  await expect(deck(page)).toContainText('2 of 2 unreviewed')
  await page.keyboard.press('2')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  await page.keyboard.press('u')
  await expect(place).toContainText('changed by both of you')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 5\n')
  // Also when the review was closed meanwhile.
  await page.keyboard.press('1')
  await expect(inList).toContainText('your text stands')
  await page.keyboard.press('Escape')
  await expect(deck(page)).toBeHidden()
  await page.keyboard.press('Alt+r')
  await inList.click()
  await expect(place).toContainText('your text stands')
  await page.keyboard.press('u')
  await expect(place).toContainText('changed by both of you')
  expect(tandem.read('src/auth.ts')).toBe('export const limit = 5\n')
})

test('[WEB-291] a merge leaves what the person had not committed in the same file uncommitted, unless they want it along', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [raiseTheLimit([raisesLimit, writesOne])]
  await handOff(page, 'raise the limit')
  tandem.write('notes.md', sections.replace('The end.', 'My end.'))
  const own = job(page).getByRole('checkbox', { name: 'Commit my own changes in these files too' })
  const merge = async () => {
    await job(page).getByRole('button', { name: 'Merge', exact: true }).click()
    await expect(own).not.toBeChecked()
  }
  await merge()
  await job(page).getByRole('button', { name: 'Merge 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  expect(tandem.git('show', 'HEAD:notes.md')).toBe(sections.replace('The first section.', 'One.'))
  expect(tandem.read('notes.md')).toContain('My end.')
  expect(tandem.git('status', '--porcelain').trim()).toBe('M notes.md')
  await job(page).getByRole('button', { name: 'Take back' }).click()
  await expect.poll(() => tandem.read('notes.md')).toBe(sections.replace('The end.', 'My end.'))
  await merge()
  await own.check()
  await job(page).getByRole('button', { name: 'Merge 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  expect(tandem.git('show', 'HEAD:notes.md')).toContain('My end.')
  expect(tandem.git('status', '--porcelain').trim()).toBe('')
})

test('[WEB-235] what is between two candidates has a link, which a reload, the back button and another tab follow', async ({
  page,
  context,
  model,
}) => {
  model.script = [
    { match: 'smallest change', steps: [[edit('notes.md', 'The second section.', 'Two.')], [say('Small.')]] },
    { match: 'rewrite it', steps: [[edit('notes.md', 'The first section.', 'One.')], [say('All.')]] },
  ]
  await message(page).fill('/candidates rewrite it')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Start 2 candidates' }).click()
  const view = page.getByRole('dialog', { name: /^Candidates:/ })
  const candidate = (n: number) => view.getByRole('region', { name: `Candidate ${n}` })
  for (const n of [1, 2]) await expect(candidate(n)).toContainText('Done')
  const comparison = page.getByRole('dialog', { name: /candidate 1 → candidate 2/ })
  await expect(view.getByRole('button', { name: 'Compare 1 and 2' })).toBeEnabled()
  await view.getByRole('button', { name: 'Compare 1 and 2' }).click()
  await expect(comparison).toContainText('+Two.')
  await expect(page).toHaveURL(/compare=job_\w+\.job_\w+/)
  await page.reload()
  await expect(comparison).toContainText('+Two.')
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(other.getByRole('dialog', { name: /candidate 1 → candidate 2/ })).toContainText('+Two.')
  await other.close()
  await page.keyboard.press('Escape')
  await expect(comparison).toBeHidden()
  await expect(page).not.toHaveURL(/compare=/)
  await page.goBack()
  await expect(comparison).toContainText('+Two.')
  // A pair that is no more leads nowhere, and says so.
  await page.goto(page.url().replace(/job_\w+$/, 'job_00000000000000000000000000000000'))
  await expect(page.getByText('That is no longer there').first()).toBeVisible()
  await expect(page).not.toHaveURL(/compare=/)
})

test('[WEB-236] what is said to a job that has no place yet stands in its queue, and is dealt with when it has begun', async ({
  page,
  model,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [
    { match: 'the long one', steps: [[{ type: 'hold', until: promise }, say('Long.')]] },
    { match: 'softly please', steps: [[say('Softly it is.')]] },
    { match: 'the next one', steps: [[say('Next.')]] },
  ]
  for (const n of [1, 2, 3, 4]) {
    await message(page).fill(`/background the long one ${n}`)
    await page.keyboard.press('Enter')
    await expect(message(page)).toHaveValue('')
  }
  await message(page).fill('/background the next one')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await page.getByRole('link', { name: /the next one/ }).click()
  await expect(job(page)).toContainText('Queued')
  await message(page).fill('softly please')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Queue' })).toContainText('softly please')
  resolve()
  await expect(chat(page)).toContainText('Softly it is.')
  await expect(chat(page)).toContainText('Next.')
})

test('[WEB-351] words to a merged job leave it merged until it changes more, which is then merged and taken back by itself', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    { match: 'what did you do', steps: [[say('I raised it.')]] },
    {
      match: 'higher',
      steps: [
        [edit('src/auth.ts', 'export const limit = 300', 'export const limit = 900')],
        [say('Higher.')],
      ],
    },
    raiseTheLimit([raisesLimit], [writesOne]),
  ]
  const subjects = () => tandem.git('log', '--format=%s').trim().split('\n').slice(0, -1)
  await handOff(page, 'raise the limit')
  await job(page).getByRole('button', { name: 'Merge', exact: true }).click()
  await job(page).getByRole('button', { name: 'Merge 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  await message(page).fill('what did you do')
  await page.keyboard.press('Enter')
  await expect(chat(page)).toContainText('I raised it.')
  await expect(job(page)).toContainText('Changes applied')
  await expect(job(page).getByRole('button', { name: 'Take back' })).toBeVisible()
  await message(page).fill('higher please')
  await page.keyboard.press('Enter')
  await expect(job(page).getByRole('button', { name: 'Merge', exact: true })).toBeVisible()
  await job(page).getByRole('button', { name: 'Merge', exact: true }).click()
  await job(page).getByRole('textbox', { name: 'Commit message' }).fill('Higher still')
  await job(page).getByRole('button', { name: 'Merge 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  expect(subjects()).toEqual(['Higher still', 'Raise the limit'])
  await job(page).getByRole('button', { name: 'Take back' }).click()
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  expect(subjects()).toEqual(['Raise the limit'])
  expect(tandem.git('status', '--porcelain').trim()).toBe('')
})
