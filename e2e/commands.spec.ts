import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, rule } from './fixtures/workbench.ts'

async function run(page: Page, line: string): Promise<void> {
  await message(page).fill(line)
  await page.keyboard.press('Enter')
}

const card = (page: Page, text: string) => page.getByRole('region', { name: `Command: ${text}` })

test('[WEB-100] a line after ! runs in the sandbox: its output streams, its changes come into the editor, the model reads it', async ({
  page,
  model,
  tandem,
}) => {
  model.script = [rule('what happened', [{ type: 'text', text: 'It greeted.' }])]
  await openFile(page, 'src/greeting.ts')
  const line =
    'echo begun; sed -i s/Hello/Howdy/ src/greeting.ts; sleep 1; printf "\\033[32mended\\033[0m\\n"'
  await run(page, `!${line}`)
  const command = card(page, line)
  await expect(command).toContainText('begun')
  await expect(command).toContainText('Running')
  await expect(editor(page)).toContainText('Howdy')
  await expect(command.getByRole('log')).toHaveText('begun\nended\n')
  await expect(command).toContainText('Done')
  expect(tandem.read('src/greeting.ts')).toContain('Howdy')
  await ask(page, 'what happened')
  await expect(chat(page)).toContainText('It greeted.')
  await page.reload()
  await expect(command.getByRole('log')).toHaveText('begun\nended\n')
})

test('[WEB-101] a command is stopped by its button, a failure says its code, and it can be run again', async ({
  page,
}) => {
  await run(page, '/run sleep 60')
  const slow = card(page, 'sleep 60')
  await slow.getByRole('button', { name: 'Stop command' }).click()
  await expect(slow).toContainText('Stopped')
  await run(page, '! exit 3')
  await expect(card(page, 'exit 3')).toContainText('Exit 3')
  await card(page, 'exit 3').getByRole('button', { name: 'Run again' }).click()
  await expect(card(page, 'exit 3')).toHaveCount(2)
})

test('[WEB-102] a command reaches neither the network nor anything but the workspace', async ({
  page,
  tandem,
}) => {
  const { port } = new URL(tandem.origin)
  const line = `cat /etc/shadow; ls ~/.ssh; (echo > /dev/tcp/127.0.0.1/${port}) || echo no network; touch .git/hooks/x`
  await run(page, `!${line}`)
  const log = card(page, line).getByRole('log')
  await expect(log).toContainText('no network')
  await expect(log).toContainText('/etc/shadow: No such file')
  await expect(log).toContainText('Read-only file system')
})

test.describe('without a sandbox', () => {
  test.use({ settings: { sandbox: 'unsafe-none' } })

  test('[WEB-103] a server that runs commands without a sandbox says so on every page, for good', async ({
    page,
  }) => {
    const banner = page.getByRole('alert').filter({ hasText: 'without a sandbox' })
    await expect(banner).toBeVisible()
    await page.reload()
    await expect(banner).toBeVisible()
  })
})
