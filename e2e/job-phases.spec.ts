import { edit, job, say } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { chat, message } from './fixtures/workbench.ts'

test.use({ files: { 'limit.txt': 'limit 3\n' } })

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 780 }, hasTouch: true })

  test('[WEB-151] a job asked to plan first proposes its plan; a person has it changed, accepts it, and it works', async ({
    page,
    model,
    tandem,
  }) => {
    model.script = [
      {
        match: 'Carry it out',
        steps: [[edit('limit.txt', 'limit 3', 'limit 300')], [say('The limit is 300.')]],
      },
      { match: 'one step only', steps: [say('1. Raise the limit to 300')] },
      { match: 'raise the limit', steps: [say('1. Look at the limit\n2. Raise it')] },
    ]
    await message(page).fill('raise the limit')
    await page.getByRole('button', { name: 'Background options' }).click()
    await page.getByRole('menuitem', { name: /^Plan first/ }).click()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    const proposal = job(page).getByRole('region', { name: 'The job proposes a plan' })
    await expect(proposal.getByRole('listitem')).toHaveText(['Look at the limit', 'Raise it'])
    await expect(job(page)).toContainText('Needs input')
    await proposal.getByRole('button', { name: 'Change' }).click()
    await proposal.getByRole('textbox', { name: 'What should be different' }).fill('one step only')
    await proposal.getByRole('button', { name: 'Plan again' }).click()
    await expect(proposal.getByRole('listitem')).toHaveText(['Raise the limit to 300'])
    await page.reload()
    await proposal.getByRole('button', { name: 'Accept' }).click()
    await expect(job(page)).toContainText('Done')
    await expect(chat(page)).toContainText('The limit is 300.')
    await job(page).getByRole('button', { name: 'Apply changes' }).click()
    await expect.poll(() => tandem.read('limit.txt')).toBe('limit 300\n')
  })
})

test.describe('with prices', () => {
  test.use({ settings: { prices: { 'fake/fake-fast': { input: 2000, output: 8000 } } } })

  test('[WEB-152] a job goes on until a command passes, and shows what it takes in time, requests, tokens and money', async ({
    page,
    model,
  }) => {
    model.script = [
      {
        match: 'does not pass yet',
        steps: [[edit('limit.txt', 'limit 30', 'limit 300')], [say('Now it is.')]],
      },
      { match: 'raise it', steps: [[edit('limit.txt', 'limit 3', 'limit 30')], [say('It is raised.')]] },
    ]
    await message(page).fill('raise it')
    await page.getByRole('button', { name: 'Background options' }).click()
    await page.getByRole('menuitem', { name: /^With a goal/ }).click()
    const form = page.getByRole('dialog', { name: 'Run in background' })
    await expect(form.getByRole('textbox', { name: 'What the job is to do' })).toHaveValue('raise it')
    await form.getByRole('textbox', { name: 'Until this command passes' }).fill('grep 300 limit.txt')
    await form.getByRole('spinbutton', { name: 'At most, in US dollars' }).fill('500')
    await form.getByRole('button', { name: 'Run in background' }).click()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    const goal = job(page).getByRole('region', { name: 'Goal' })
    await expect(goal).toContainText(/Until grep 300 limit\.txt passes\s*· passed/)
    await expect(job(page)).toContainText('Done')
    await expect(job(page)).toContainText(/\d:\d\d4 requests\$\d+\.\d+ \/ \$500\.00/)
    await expect(chat(page)).toContainText('This does not pass yet: grep 300 limit.txt')
  })
})

test('[WEB-350] a job has the budget people give it in requests and tokens, says how much of that it took, and asks when it is spent', async ({
  page,
  model,
}) => {
  model.script = [
    {
      match: 'raise it',
      steps: [
        [edit('limit.txt', 'limit 3', 'limit 30')],
        [edit('limit.txt', 'limit 30', 'limit 300')],
        [say('Done.')],
      ],
    },
  ]
  await message(page).fill('raise it')
  await page.getByRole('button', { name: 'Background options' }).click()
  await page.getByRole('menuitem', { name: /^With a goal/ }).click()
  const form = page.getByRole('dialog', { name: 'Run in background' })
  await form.getByRole('spinbutton', { name: 'At most, in requests to the model' }).fill('1')
  await form.getByRole('spinbutton', { name: 'At most, in tokens' }).fill('90000')
  await form.getByRole('button', { name: 'Run in background' }).click()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(job(page)).toContainText('The job has used all its requests to the model.')
  await expect(job(page)).toContainText('1 of 1 requests')
  await expect(job(page)).toContainText('of 90,000 tokens')
  await job(page).getByRole('button', { name: 'Give it as much again' }).click()
  await expect(job(page)).toContainText(/2 of 2 requests.*of 180,000 tokens/)
})
