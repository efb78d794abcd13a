import { readFileSync } from 'node:fs'
import type { Step } from '../bench/fake-model/script.ts'
import { handOff, job, say, writesOne } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { chat, message, sections } from './fixtures/workbench.ts'

const plan = (...steps: readonly (readonly [string, boolean])[]): Step => ({
  type: 'functionCall',
  name: 'update_plan',
  text: JSON.stringify({ steps: steps.map(([text, done]) => ({ text, done })) }),
})
const command = (line: string): Step => ({
  type: 'functionCall',
  name: 'run_command',
  text: JSON.stringify({ command: line }),
})

test.use({
  files: { 'notes.md': sections },
  settings: { approvals: [{ action: 'allow', tool: 'run_command' }] },
})

test('[WEB-150] the page of a job says what of its plan it does now, and shows what a command writes while it runs', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'test it',
      steps: [
        [plan(['Look around', true], ['Run the tests', false], ['Tell', false])],
        [command('echo first; sleep 4; echo second')],
        [plan(['Look around', true], ['Run the tests', true], ['Tell', true])],
        [say('All green.')],
      ],
    },
  ]
  await message(page).fill('/background test it')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(job(page).getByRole('button', { name: /1 of 3 steps.*Run the tests/ })).toBeVisible()
  const output = chat(page).getByRole('log', { name: /^Output of echo first/ })
  await expect(output).toHaveText('first')
  await expect(job(page)).toContainText('Running')
  await page.reload()
  await expect(output).toContainText('first')
  await expect(output).toContainText('second')
  await expect(job(page)).toContainText('Done')
  await expect(job(page).getByRole('progressbar', { name: 'Progress' })).toHaveAttribute('aria-valuenow', '3')
})

test.describe('with a setup script that takes long', () => {
  test.use({ files: { 'notes.md': sections, '.tandem/setup': 'echo working; sleep 8\n' } })

  test('[WEB-352] while its copy is made the page of a job shows what it is to do, and what is said to it waits', async ({
    page,
    model,
  }) => {
    model.script = [
      { match: 'softly', steps: [say('Softly done.')] },
      { match: 'test it', steps: [say('All green.')] },
    ]
    await message(page).fill('/background test it')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect(job(page)).toContainText('Setting up the copy')
    await expect(chat(page)).toContainText('It begins as soon as its copy of your files is ready.')
    await expect(chat(page)).not.toContainText('You and a fast model')
    await message(page).fill('softly please')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('region', { name: 'Queue' })).toContainText('softly please')
    await expect(chat(page)).toContainText(/All green\.[\s\S]*Softly done\./, { timeout: 20_000 })
  })
})

test('[WEB-360] what a job’s commands wrote outside git is listed on its page, looked at and saved, also after its changes came back', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [
    {
      match: 'report',
      steps: [
        [
          command(
            'mkdir .artifacts; printf "# Tests\\n\\nAll 12 of [the notes](notes.md) pass.\\n" > .artifacts/report.md; head -c 2000 /dev/zero > .artifacts/bytes',
          ),
        ],
        [writesOne],
        [say('See the report.')],
      ],
    },
  ]
  await handOff(page, 'report')
  const artefacts = job(page).getByRole('region', { name: 'Artifacts' })
  await expect(artefacts.getByRole('listitem')).toHaveCount(2)
  await artefacts.getByRole('button', { name: /^\.artifacts\/report\.md/ }).click()
  const shown = page.getByRole('dialog', { name: '.artifacts/report.md' })
  await expect(shown.getByRole('heading', { name: 'Tests' })).toBeVisible()
  await expect(shown).toContainText('All 12 of the notes pass.')
  await shown.getByRole('button', { name: 'the notes' }).click()
  await expect(shown).toBeHidden()
  await expect(page.getByRole('tab', { name: /notes\.md/ })).toBeVisible()
  await artefacts.getByRole('button', { name: /^\.artifacts\/bytes/ }).click()
  await expect(page.getByRole('dialog')).toContainText('This is no text. Download it to open it.')
  await page.keyboard.press('Escape')
  await job(page).getByRole('button', { name: 'Merge', exact: true }).click()
  await job(page).getByRole('button', { name: 'Merge 1 file' }).click()
  await expect(page.getByText(/is merged as/)).toBeVisible()
  const saving = page.waitForEvent('download')
  await artefacts.getByRole('link', { name: 'Download .artifacts/report.md' }).click()
  const saved = await saving
  expect(saved.suggestedFilename()).toBe('report.md')
  expect(readFileSync(await saved.path(), 'utf8')).toBe('# Tests\n\nAll 12 of [the notes](notes.md) pass.\n')
  expect(tandem.read('notes.md')).toContain('One.')
  expect(tandem.git('show', '--name-only', '--format=', 'HEAD').trim()).toBe('notes.md')
})

test('[WEB-361] who removes a job that wrote files outside git is told that they go for good', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'report',
      steps: [
        [command('mkdir .artifacts; echo ok > .artifacts/report.md; echo ok > .artifacts/log.txt')],
        [say('Done.')],
      ],
    },
  ]
  await handOff(page, 'report')
  await expect(job(page).getByRole('region', { name: 'Artifacts' }).getByRole('listitem')).toHaveCount(2)
  const remove = job(page).getByRole('button', { name: 'Remove', exact: true })
  const place = await remove.boundingBox()
  if (!place) throw new Error('The button is there.')
  await remove.click()
  const sure = job(page).getByRole('button', { name: 'Remove with 2 artifacts for good' })
  await expect(sure).toBeVisible()
  // Pressed twice at the same place, or by Enter, nothing is lost.
  await expect(job(page).getByRole('button', { name: 'Keep', exact: true })).toBeFocused()
  await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2)
  await remove.press('Enter')
  await expect(sure).toBeVisible()
  await sure.click()
  await expect(job(page)).toBeHidden()
})
