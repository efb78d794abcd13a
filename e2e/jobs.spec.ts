import type { Page } from '@playwright/test'
import type { Step } from '../bench/fake-model/script.ts'
import { edit, handOffAndChange, job, say, startInBackground } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, sections } from './fixtures/workbench.ts'

const plan = (...steps: readonly (readonly [string, boolean])[]): Step => ({
  type: 'functionCall',
  name: 'update_plan',
  text: JSON.stringify({ steps: steps.map(([text, done]) => ({ text, done })) }),
})

const jobs = (page: Page) => page.getByRole('region', { name: 'Jobs' })

test.use({ files: { 'notes.md': sections, 'src/auth.ts': 'export const limit = 3\n' } })

test('[WEB-105] work is handed off from the composer, seen in the list and the job’s own page, and its changes are judged one by one', async ({
  page,
  model,
  tandem,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [
    {
      match: 'rewrite both',
      steps: [
        [plan(['Rewrite the first', false], ['Raise the limit', false])],
        [edit('notes.md', 'The first section.', 'The first section, rewritten.')],
        [plan(['Rewrite the first', true], ['Raise the limit', false])],
        [
          { type: 'hold', until: promise },
          edit('src/auth.ts', 'export const limit = 3', 'export const limit = 300'),
        ],
        [plan(['Rewrite the first', true], ['Raise the limit', true])],
        [say('Both are rewritten.')],
      ],
    },
  ]
  await openFile(page, 'notes.md')
  await message(page).fill('rewrite both')
  await page.getByRole('button', { name: 'Run in background' }).click()
  await expect(message(page)).toHaveValue('')
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await expect(jobs(page).getByRole('link', { name: /rewrite both/ })).toContainText('Running')
  await expect(jobs(page)).toContainText('1 of 2 steps')
  // The person goes on meanwhile, and their files are theirs.
  await expect.poll(() => tandem.read('notes.md')).toBe(sections)
  tandem.write('notes.md', `A line before.\n${sections}`)
  await expect(editor(page)).toContainText('A line before.')
  await jobs(page)
    .getByRole('link', { name: /rewrite both/ })
    .click()
  await expect(job(page)).toContainText('Running')
  await expect(chat(page)).toContainText('notes.md')
  await page.reload()
  await expect(job(page).getByRole('progressbar', { name: 'Progress' })).toHaveAttribute('aria-valuenow', '1')
  resolve()
  await expect(job(page)).toContainText('Done')
  await expect(chat(page)).toContainText('Both are rewritten.')
  await job(page).getByRole('button', { name: 'Show changes' }).click()
  await expect(page.getByRole('dialog')).toContainText('+The first section, rewritten.')
  await page.keyboard.press('Escape')
  await job(page).getByRole('button', { name: 'Apply changes' }).click()
  await expect(job(page)).toContainText('Changes applied')
  await expect
    .poll(() => tandem.read('notes.md'))
    .toBe(`A line before.\n${sections.replace('The first section.', 'The first section, rewritten.')}`)
  await job(page).getByRole('button', { name: 'Review' }).click()
  await expect(chat(page)).toContainText('From the background job “rewrite both”')
  await page.keyboard.press('Alt+r')
  const deck = page.getByRole('region', { name: 'Review' })
  await expect(deck).toContainText('2 of 2 unreviewed')
  await expect(deck.getByRole('article', { name: 'src/auth.ts:1' })).toBeVisible()
  await page.keyboard.press('n')
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 3\n')
  expect(tandem.git('branch', '--list', 'tandem/*')).toContain('tandem/')
})

test('[WEB-106] a server that is killed in the middle of a job goes on with it, and no step is done twice', async ({
  page,
  model,
  tandem,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [
    {
      match: 'count',
      steps: [
        [edit('notes.md', 'The first section.', 'One.')],
        [{ type: 'hold', until: promise }, edit('notes.md', 'The second section.', 'Two.')],
        [say('Counted.')],
      ],
    },
  ]
  await startInBackground(page, 'count')
  await expect(job(page)).toContainText('1 file')
  await tandem.kill()
  resolve()
  await tandem.restart()
  await expect(job(page)).toContainText('Done')
  await expect(chat(page)).toContainText('Counted.')
  const calls = model.requests.filter(({ kind }) => kind !== 'models').length
  expect(calls).toBeLessThanOrEqual(4)
  await job(page).getByRole('button', { name: 'Apply changes' }).click()
  const changed = sections.replace('The first section.', 'One.').replace('The second section.', 'Two.')
  await expect.poll(() => tandem.read('notes.md')).toBe(changed)
})

test('[WEB-107] the rest of a running turn is handed off by Ctrl+B, a job that asks is answered, and it can be steered, paused and stopped', async ({
  page,
  model,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const never = new Promise<void>(() => undefined)
  model.script = [
    {
      match: 'Go on with this by yourself',
      steps: [
        [{ type: 'functionCall', name: 'ask_person', text: JSON.stringify({ question: 'Which colour?' }) }],
        [{ type: 'hold', until: promise }, plan(['Paint', false])],
        [say('Painted.')],
      ],
    },
    {
      match: 'paint it',
      steps: [
        { type: 'text', text: 'I begin.' },
        { type: 'hold', until: never },
      ],
    },
  ]
  await ask(page, 'paint it')
  await expect(chat(page)).toContainText('I begin.')
  await message(page).click()
  await page.keyboard.press('Control+b')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(job(page).getByRole('heading', { name: 'paint it', exact: true })).toBeVisible()
  await expect(job(page)).toContainText('Needs input')
  await expect(job(page)).toContainText('Which colour?')
  await job(page).getByRole('textbox', { name: 'Your answer' }).fill('Blue')
  await page.keyboard.press('Enter')
  await expect(job(page)).toContainText('Running')
  await message(page).fill('and the door')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(chat(page)).toContainText('Joins at the next step')
  await job(page).getByRole('button', { name: 'Pause' }).click()
  await expect(job(page)).toContainText('Paused')
  resolve()
  await expect(job(page)).toContainText('0 of 1 steps')
  await job(page).getByRole('button', { name: 'Resume' }).click()
  await expect(job(page)).toContainText('Done')
  expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('and the door')
})

test('[WEB-108] a Live turn hands part of its work to a job and goes on meanwhile', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'do both',
      steps: [
        [{ type: 'functionCall', name: 'delegate', text: JSON.stringify({ task: 'the long part' }) }],
        [say('A job has the long part.')],
      ],
    },
    { match: 'the long part', steps: [[say('The long part is done.')]] },
  ]
  await ask(page, 'do both')
  await expect(chat(page)).toContainText('A job has the long part.')
  await page.keyboard.press('Alt+j')
  await expect(jobs(page).getByRole('link', { name: /the long part/ })).toContainText('Done')
})

test('[WEB-109] where both wrote a person chooses, and what came back is committed with the message that is proposed', async ({
  page,
  model,
  tandem,
}) => {
  await handOffAndChange({ page, model, tandem })
  await job(page).getByRole('button', { name: 'Apply changes' }).click()
  const conflicts = job(page).getByRole('region', { name: 'Changed by both of you' })
  await expect(conflicts).toContainText('export const limit = 5')
  await expect(conflicts).toContainText('export const limit = 300')
  expect(tandem.read('src/auth.ts')).toBe('export const limit = 5\n')
  await conflicts.getByRole('button', { name: 'Take the job’s' }).click()
  await expect(conflicts).toBeHidden()
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  await job(page).getByRole('button', { name: 'Commit', exact: true }).click()
  await expect(job(page).getByRole('textbox', { name: 'Commit message' })).toHaveValue(
    'Raise the limit\n\nThe limit is 300.',
  )
  await job(page).getByRole('button', { name: 'Commit 2 files' }).click()
  await expect(job(page)).toContainText('Committed')
  expect(tandem.git('log', '-1', '--format=%s', '--name-only').trim().split('\n')).toEqual([
    'Raise the limit',
    '',
    'notes.md',
    'src/auth.ts',
  ])
  expect(tandem.git('status', '--porcelain').trim()).toBe('')
  await job(page).getByRole('button', { name: 'Remove' }).click()
  await expect(job(page)).toBeHidden()
})

test('[WEB-110] a job runs a command in the sandbox, which is told in the conversation', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'run it',
      steps: [
        [
          {
            type: 'functionCall',
            name: 'run_command',
            text: JSON.stringify({ command: 'echo made > made.txt; ls /' }),
          },
        ],
        [say('It ran.')],
      ],
    },
  ]
  await startInBackground(page, 'run it')
  await job(page).getByRole('button', { name: 'Once' }).click()
  await expect(job(page)).toContainText('Done')
  await expect(job(page)).toContainText('1 file')
  await page.reload()
  await chat(page)
    .getByRole('button', { name: /^Run echo made/ })
    .click()
  await expect(chat(page)).toContainText('Exit 0 after')
})
