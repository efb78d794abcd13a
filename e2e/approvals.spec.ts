import type { Page } from '@playwright/test'
import type { Step } from '../bench/fake-model/script.ts'
import { job } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, rule } from './fixtures/workbench.ts'

const runs = (command: string): Step => ({
  type: 'functionCall',
  name: 'run_command',
  text: JSON.stringify({ command }),
})
const card = (page: Page) => page.getByRole('region', { name: 'Approval needed' })
const jobs = (page: Page) => page.getByRole('region', { name: 'Jobs' })

test('[WEB-104] the model’s command waits for a person who sees all of it, on a phone and after a reload too', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [rule('run the tests', [runs('touch made\u202e # harmless')], 'It ran.')]
  await page.setViewportSize({ width: 390, height: 844 })
  await ask(page, 'run the tests')
  await expect(card(page)).toContainText('RLO')
  await expect(card(page)).toContainText('reaches no network')
  await page.reload()
  await expect(card(page)).toContainText('touch made')
  expect(() => tandem.read('made')).toThrow()
  await expect(card(page).getByRole('button', { name: 'Always' })).toHaveCount(0)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  await card(page).getByRole('button', { name: 'Once' }).click()
  await expect(chat(page)).toContainText('It ran.')
  await expect(card(page)).toHaveCount(0)
})

test('[WEB-131] a question that lapsed by a restart says so where it was asked, and so does a no', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [rule('run', [runs('touch made')], 'All right.')]
  await ask(page, 'run it')
  await expect(card(page)).toBeVisible()
  await tandem.kill()
  await tandem.restart()
  await expect(chat(page)).toContainText('The server was restarted before it was allowed: it did not run.')
  await expect(card(page)).toHaveCount(0)
  await ask(page, 'run it again')
  await card(page).getByRole('button', { name: 'Deny' }).click()
  await expect(chat(page)).toContainText('You did not allow it; it did not run.')
  await expect(chat(page)).toContainText('All right.')
  expect(() => tandem.read('made')).toThrow()
})

test.describe('with a rule that allows it', () => {
  test.use({ settings: { approvals: [{ action: 'allow', tool: 'run_command' }] } })

  test('[WEB-132] the model’s command streams what it says where it was called for, and is stopped by its button', async ({
    page,
    model,
  }) => {
    const line = 'for n in 1 2 3; do echo line $n; done; sleep 60'
    model.script = [rule('run', [runs(line)], 'It was stopped.')]
    await ask(page, 'run it')
    const command = chat(page)
      .getByRole('article')
      .getByRole('region', { name: `Command: ${line}` })
    await expect(command.getByRole('log')).toHaveText('line 1\nline 2\nline 3\n')
    await command.getByRole('button', { name: 'Stop command' }).click()
    await expect(chat(page)).toContainText('It was stopped.')
    await page.reload()
    await command.getByRole('button', { name: /^Run for n/ }).click()
    await expect(command.getByRole('log')).toContainText(/line 3\s+\[Ended after .*: a person stopped it/)
  })
})

test('[WEB-130] a job’s command is allowed on its page, in the list of jobs, and from a phone', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'build it',
      steps: [
        [runs('echo one > one.txt')],
        [runs('echo two > two.txt')],
        [runs('echo three > three.txt')],
        [{ type: 'text', text: 'Built.' }],
      ],
    },
  ]
  await message(page).fill('/background build it')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(job(page)).toContainText('Needs input')
  const asked = job(page).getByRole('region', { name: 'Approval needed' })
  await expect(asked).toContainText('echo one > one.txt')
  await expect(asked).toContainText('In this job’s own copy')
  await asked.getByRole('button', { name: 'Once' }).click()
  await expect(asked).toContainText('echo two > two.txt')
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  const listed = jobs(page).getByRole('region', { name: 'Approval needed' })
  await expect(listed).toContainText('echo two > two.txt')
  await listed.getByRole('button', { name: 'Deny' }).click()
  await expect(listed).toContainText('echo three > three.txt')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await expect(listed).toContainText('echo three > three.txt')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  await listed.getByRole('button', { name: 'All of this job' }).click()
  await expect(listed).toHaveCount(0)
  await jobs(page)
    .getByRole('link', { name: /build it/ })
    .click()
  await expect(job(page)).toContainText('Done')
  await expect(job(page)).toContainText('2 files')
  await expect(chat(page)).toContainText('You did not allow it; it did not run.')
})

test.describe('with a host that is allowed', () => {
  test.use({ settings: { approvals: [{ action: 'allow', host: 'allowed.test' }] } })

  test('[WEB-133] the card names the hosts a command wants to reach, and what was refused stands with the command', async ({
    page,
    model,
  }) => {
    const command =
      "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT other.test:443 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3; cat <&3"
    const text = JSON.stringify({ command, hosts: ['wanted.test'] })
    model.script = [rule('fetch', [{ type: 'functionCall', name: 'run_command', text }], 'It was refused.')]
    await ask(page, 'fetch it')
    await expect(card(page)).toContainText('of the network reaches only allowed.test, wanted.test')
    await card(page).getByRole('button', { name: 'Once' }).click()
    await expect(chat(page)).toContainText('It was refused.')
    await expect(chat(page)).toContainText('Refused other.test:443')
  })
})
