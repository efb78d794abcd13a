import { expect, test } from './fixtures/tandem.ts'

test('[START-5] the page opens by the printed address, connected, with files, editor and chat', async ({
  page,
}) => {
  await expect(page.getByRole('region', { name: 'Files' }).getByText('README.md')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Editor' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Chat' })).toBeVisible()
  await expect(page.getByRole('status', { name: 'Connection' })).toContainText('Connected', {
    ignoreCase: true,
  })
})

test('[START-6] a prompt is answered by the configured model', async ({ page, model }) => {
  await page.getByRole('textbox', { name: 'Message' }).fill('Good morning')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Chat' })).toContainText('You said:')
  expect(model.requests.some(({ kind }) => kind === 'responses-websocket')).toBe(true)
})
