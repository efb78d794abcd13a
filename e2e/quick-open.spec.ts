import { expect, test } from './fixtures/tandem.ts'
import { editor, openFile } from './fixtures/workbench.ts'

const names = ['auth', 'errors', 'fix-errors', 'limits', 'mirrors', 'providers', 'routers']

test.use({
  files: Object.fromEntries(names.map((name) => [`src/${name}.ts`, `export const name = '${name}'\n`])),
})

test('[WEB-310] a file is found by a part of its name, and Enter takes the best one, each time', async ({
  page,
}) => {
  await openFile(page, 'src/auth.ts')
  for (const name of ['limits.ts', 'errors.ts', 'routers.ts']) {
    await editor(page).getByText('export').click()
    await page.keyboard.press('Control+p')
    await expect(page.getByRole('option').first()).toBeVisible()
    await page.keyboard.type(name)
    await expect(page.getByRole('option', { selected: true })).toHaveText(`${name}src`)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('tab', { name, exact: true })).toHaveAttribute('aria-selected', 'true')
  }
})
