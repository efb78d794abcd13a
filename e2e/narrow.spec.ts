import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, message, openFile, rule } from './fixtures/workbench.ts'

/** The message field's form: what one writes in and its buttons. */
const form = (page: Page) => page.locator('form').filter({ has: message(page) })

/** Every button of the message field that is seen, and whether it is within the field and the window. */
function outside(page: Page): Promise<string[]> {
  return form(page).evaluate((element) => {
    const room = element.getBoundingClientRect()
    const right = Math.min(room.right, window.innerWidth)
    return [...element.querySelectorAll('button')]
      .filter((button) => {
        const box = button.getBoundingClientRect()
        return box.width > 0 && (box.left < room.left || box.right > right || box.width < 16)
      })
      .map((button) => button.getAttribute('aria-label') ?? button.textContent ?? '')
  })
}

test('[WEB-165] the message field holds its buttons at every width, also while the model works, and keeps its height when it begins', async ({
  page,
  model,
}) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  model.script = [
    rule('begin', [
      { type: 'text', text: 'The first part.' },
      { type: 'hold', until: promise },
    ]),
  ]
  const sizes = [
    [390, 844],
    [1024, 768],
    [1440, 900],
  ] as const
  await openFile(page, 'README.md')
  const heights = new Map<number, number | undefined>()
  const height = async () => (await form(page).boundingBox())?.height
  for (const [width, tall] of sizes) {
    await page.setViewportSize({ width, height: tall })
    await expect.poll(() => outside(page)).toEqual([])
    heights.set(width, await height())
  }
  await ask(page, 'begin')
  await expect(chat(page)).toContainText('The first part.')
  for (const [width, tall] of sizes) {
    await page.setViewportSize({ width, height: tall })
    await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
    await expect.poll(() => outside(page)).toEqual([])
    expect(await height()).toBe(heights.get(width))
  }
  resolve()
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0)
})
