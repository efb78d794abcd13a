import type { Page } from '@playwright/test'
import type { Step } from '../bench/fake-model/script.ts'
import { edit, job, say } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { chat, message, sections } from './fixtures/workbench.ts'

const call = (name: string, args: object): Step => ({
  type: 'functionCall',
  name,
  text: JSON.stringify(args),
})

const jobs = (page: Page) => page.getByRole('region', { name: 'Jobs' })

test.use({ files: { 'notes.md': sections, 'src/auth.ts': 'export const limit = 3\n' } })

test('[WEB-140] a job’s agents are seen in the tree with what each does, and a server that is killed meanwhile goes on with all of them', async ({
  page,
  model,
  tandem,
}) => {
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  model.script = [
    {
      match: 'split the work',
      steps: [
        [call('spawn', { task: 'Rewrite the notes' }), call('spawn', { task: 'Raise the limit' })],
        [call('wait', {})],
        [say('Both parts are in.')],
      ],
    },
    {
      match: 'Rewrite the notes',
      steps: [
        [edit('notes.md', 'The first section.', 'One.')],
        [{ type: 'hold', until: first.promise }, edit('notes.md', 'The second section.', 'Two.')],
        [say('The notes are rewritten.')],
      ],
    },
    {
      match: 'Raise the limit',
      steps: [
        [
          { type: 'hold', until: second.promise },
          edit('src/auth.ts', 'export const limit = 3', 'export const limit = 300'),
        ],
        [say('The limit is 300.')],
      ],
    },
  ]
  await message(page).fill('/background split the work')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  const agents = job(page).getByRole('region', { name: 'Agents' })
  await expect(agents).toContainText('2 agents')
  await expect(agents.getByRole('link', { name: /Rewrite the notes/ })).toContainText('Running')
  await page.keyboard.press('Alt+j')
  const tree = jobs(page).getByRole('listitem')
  await expect(tree).toHaveCount(3)
  await expect(tree.nth(1)).toContainText('Rewrite the notes')
  await expect(tree.nth(2)).toContainText('Raise the limit')
  await jobs(page).getByRole('button', { name: 'Collapse: split the work' }).click()
  await expect(tree).toHaveCount(1)
  await jobs(page).getByRole('button', { name: 'Expand: split the work' }).click()
  // Each agent's conversation opens, live.
  await jobs(page)
    .getByRole('link', { name: /Rewrite the notes/ })
    .click()
  await expect(job(page)).toContainText('Agent of')
  await expect(job(page)).toContainText('1 file')
  await expect(chat(page)).toContainText('notes.md')
  await tandem.kill()
  first.resolve()
  second.resolve()
  await tandem.restart()
  await expect(chat(page)).toContainText('The notes are rewritten.')
  await expect(job(page)).toContainText('Taken over')
  await job(page).getByRole('link', { name: 'split the work' }).click()
  await expect(chat(page)).toContainText('Both parts are in.')
  await expect(job(page)).toContainText('2 files')
  await job(page).getByRole('button', { name: 'Apply changes' }).click()
  await expect.poll(() => tandem.read('src/auth.ts')).toBe('export const limit = 300\n')
  const changed = sections.replace('The first section.', 'One.').replace('The second section.', 'Two.')
  await expect.poll(() => tandem.read('notes.md')).toBe(changed)
})
