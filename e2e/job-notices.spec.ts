import type { Page } from '@playwright/test'
import { job, say } from './fixtures/jobs.ts'
import { expect, test } from './fixtures/tandem.ts'
import { message } from './fixtures/workbench.ts'

const jobs = (page: Page) => page.getByRole('region', { name: 'Jobs' })

test('[WEB-153] whoever has asked for it by a click is told of a job by the browser while the page is hidden', async ({
  page,
  model,
  context,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [{ match: 'look into it', steps: [{ type: 'hold', until: promise }, say('Looked into.')] }]
  await context.grantPermissions(['notifications'])
  // What the system shows is out of reach of a test: what the page hands to the browser is noted.
  await page.evaluate(() => {
    const shown: { title: string; click: () => void }[] = []
    class Noted {
      static permission = 'default'
      static async requestPermission() {
        Noted.permission = 'granted'
        return 'granted'
      }
      onclick: () => void = () => undefined
      constructor(title: string) {
        shown.push({ title, click: () => this.onclick() })
      }
      close() {}
    }
    Object.assign(window, { Notification: Noted, shown })
    Object.defineProperty(document, 'hidden', { get: () => true })
  })
  const titles = () =>
    page.evaluate(() => Reflect.get(window, 'shown').map((one: { title: string }) => one.title))
  await page.keyboard.press('Alt+j')
  await jobs(page).getByRole('button', { name: 'Notify me when this page is hidden' }).click()
  await expect(
    jobs(page).getByRole('button', { name: 'Stop notifying me when this page is hidden' }),
  ).toBeVisible()
  await message(page).fill('/background look into it')
  await page.keyboard.press('Enter')
  await expect(jobs(page).getByRole('link', { name: /look into it/ })).toContainText('Running')
  expect(await titles()).toEqual([])
  resolve()
  await expect.poll(titles).toEqual(['“look into it” is done.'])
  await page.evaluate(() => Reflect.get(window, 'shown')[0].click())
  await expect(job(page)).toContainText('Done')
})

test('[WEB-362] without a connection a schedule says that its next time cannot be told, and tells it once there is one', async ({
  page,
  tandem,
}) => {
  await message(page).fill('tidy up every day')
  await page.getByRole('button', { name: 'Background options' }).click()
  await page.getByRole('menuitem', { name: /^With a goal/ }).click()
  const form = page.getByRole('dialog', { name: 'Run in background' })
  await tandem.kill()
  await form.getByRole('combobox', { name: 'Begin' }).click()
  await page.getByRole('option', { name: 'Again and again' }).click()
  await expect(form).toContainText('Not connected.')
  await expect(form.getByRole('button', { name: 'Schedule' })).toBeDisabled()
  await tandem.restart()
  await expect(form).toContainText(/Next /, { timeout: 20_000 })
  await expect(form.getByRole('button', { name: 'Schedule' })).toBeEnabled()
})

test('[WEB-154] work is scheduled from the message field, stands in the list of jobs, is paused, removed and brought back', async ({
  page,
  tandem,
}) => {
  await message(page).fill('tidy up every day')
  await page.getByRole('button', { name: 'Background options' }).click()
  await page.getByRole('menuitem', { name: /^With a goal/ }).click()
  const form = page.getByRole('dialog', { name: 'Run in background' })
  await form.getByRole('combobox', { name: 'Begin' }).click()
  await page.getByRole('option', { name: 'Again and again' }).click()
  const cron = form.getByRole('textbox', { name: /^Cron/ })
  const schedule = form.getByRole('button', { name: 'Schedule' })
  await cron.fill('every day')
  await expect(form).toContainText('Five fields')
  await expect(schedule).toBeDisabled()
  await cron.fill('0 0 30 2 *')
  await expect(form).toContainText('That time never comes.')
  await cron.fill('0 9 * * 1-5')
  await expect(form).toContainText(/Next .*9:00/)
  await schedule.click()
  await page.keyboard.press('Alt+j')
  const list = jobs(page).getByRole('region', { name: 'Scheduled' })
  await expect(list.getByRole('listitem')).toContainText(/tidy up every day.*Next .*9:00.* · 0 9 \* \* 1-5/)
  await list.getByRole('button', { name: 'Pause schedule “tidy up every day”' }).click()
  await expect(list).toContainText('Paused')
  const connection = page.getByRole('status', { name: 'Connection' })
  await tandem.kill()
  await expect(connection).not.toContainText('Connected')
  await tandem.restart()
  await expect(connection).toContainText('Connected')
  await expect(list).toContainText('Paused')
  await list.getByRole('button', { name: 'Remove schedule “tidy up every day”' }).click()
  await expect(list).toBeHidden()
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(list).toContainText('tidy up every day')
})
