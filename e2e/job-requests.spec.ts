import type { Page } from '@playwright/test'
import type { Step } from '../bench/fake-model/script.ts'
import { createForgeDouble, type ForgeDouble } from '../server/testing/forge-double.ts'
import { edit, job } from './fixtures/jobs.ts'
import { test as base, expect, type Tandem } from './fixtures/tandem.ts'
import { ask, chat, message, rule } from './fixtures/workbench.ts'

const jobs = (page: Page) => page.getByRole('region', { name: 'Jobs' })

const test = base.extend<{ forge: ForgeDouble }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs
  forge: async ({}, use) => {
    const forge = await createForgeDouble('github')
    await use(forge)
    forge.close()
  },
  settings: async ({ forge }, use) => {
    const { kind, url, apiUrl } = forge.forge
    await use({ forges: [{ kind, url, apiUrl, tokenEnv: 'FORGE_TOKEN' }] })
  },
  variables: async ({ forge }, use) => use({ FORGE_TOKEN: forge.forge.token }),
})

test.use({ files: { 'limit.txt': 'limit 3\n' } })

/** A job that is done, in view. */
async function done(page: Page, model: { script: unknown }, tandem: Tandem, remote: string): Promise<void> {
  model.script = [
    {
      match: 'raise the limit',
      steps: [[edit('limit.txt', 'limit 3', 'limit 300')], [{ type: 'text', text: 'The limit is 300.' }]],
    },
  ]
  if (remote !== '') tandem.git('remote', 'add', 'origin', remote)
  await message(page).fill('/background raise the limit')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(job(page)).toContainText('Done')
}

async function openRequest(page: Page): Promise<void> {
  await job(page)
    .getByRole('button', { name: /^(Open pull request|Try again)$/ })
    .click()
  await expect(job(page).getByRole('textbox', { name: 'Title' })).toHaveValue('Raise the limit')
  await job(page).getByRole('button', { name: 'Push and open' }).click()
}

test('[WEB-190] a job’s branch is pushed and a pull request opened with words that are proposed; what stands in the way is said', async ({
  page,
  model,
  tandem,
  forge,
}) => {
  await done(page, model, tandem, '')
  await openRequest(page)
  await expect(job(page)).toContainText('no remote to push to')
  tandem.git('remote', 'add', 'origin', forge.remote)
  await openRequest(page)
  const link = job(page).getByRole('link', { name: 'Pull request opened' })
  await expect(link).toHaveAttribute('href', `${forge.forge.url}/ada/project/pull/1`)
  expect(forge.pulls).toMatchObject([{ base: 'main', title: 'Raise the limit', text: 'The limit is 300.' }])
  await page.reload()
  await expect(link).toBeVisible()
  expect(tandem.output()).not.toContain(forge.forge.token)
})

test('[WEB-191] a server that is killed while it asks for a pull request has a person say what became of that, and it is not opened twice', async ({
  page,
  model,
  tandem,
  forge,
}) => {
  await done(page, model, tandem, forge.remote)
  forge.silence = { made: false }
  await openRequest(page)
  await expect
    .poll(() => forge.asked.some(({ method, path }) => method === 'POST' && path.endsWith('/pulls')))
    .toBe(true)
  await tandem.kill()
  forge.silence = undefined
  forge.refusal = { all: true, status: 503, message: 'Down for a moment' }
  await tandem.restart()
  const doubt = job(page).getByRole('region', { name: 'Was the pull request opened?' })
  await expect(doubt).toContainText('Down for a moment')
  await expect(job(page)).toContainText('Needs input')
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await expect(jobs(page).getByRole('link', { name: /raise the limit/ })).toContainText('Needs input')
  forge.refusal = undefined
  await doubt.getByRole('button', { name: 'It was not: do it again' }).click()
  await expect(job(page).getByRole('link', { name: 'Pull request opened' })).toBeVisible()
  await expect(job(page)).toContainText('Done')
  await expect(jobs(page).getByRole('link', { name: /raise the limit/ })).toContainText('Done')
  expect(forge.pulls).toHaveLength(1)
})

test('[WEB-193] changes nobody wants are discarded, and wanted again by undo', async ({
  page,
  model,
  tandem,
}) => {
  await done(page, model, tandem, '')
  await job(page).getByRole('button', { name: 'Discard' }).click()
  await expect(job(page)).toContainText('Changes discarded')
  await expect(job(page).getByRole('button', { name: 'Apply changes' })).toBeHidden()
  expect(tandem.read('limit.txt')).toBe('limit 3\n')
  await job(page).getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(job(page)).toContainText('Done')
  await job(page).getByRole('button', { name: 'Apply changes' }).click()
  await expect.poll(() => tandem.read('limit.txt')).toBe('limit 300\n')
})

test('[WEB-192] a command that is always allowed stands in a list, and is asked for again when it is taken back', async ({
  page,
  model,
}) => {
  const run: Step = { type: 'functionCall', name: 'run_command', text: JSON.stringify({ command: 'ls' }) }
  model.script = [rule('run it', [run], 'It ran.')]
  const card = page.getByRole('region', { name: 'Approval needed' })
  const list = page.getByRole('dialog', { name: 'Commands that are always allowed' })
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await page.getByRole('button', { name: 'Commands that are always allowed' }).click()
  await expect(list).toContainText('None.')
  await page.keyboard.press('Escape')
  await ask(page, 'run it')
  await card.getByRole('button', { name: 'Always' }).click()
  await expect(chat(page)).toContainText('It ran.')
  await page.getByRole('button', { name: 'Commands that are always allowed' }).click()
  await expect(list.getByRole('listitem')).toContainText(/ls\s*in the workspace/)
  await list.getByRole('button', { name: 'Take back ls' }).click()
  await expect(list).toContainText('None.')
  await page.keyboard.press('Escape')
  await ask(page, 'run it again')
  await expect(card).toBeVisible()
})
