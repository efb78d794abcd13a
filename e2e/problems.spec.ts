import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, openFile, patchTo, rule } from './fixtures/workbench.ts'

const first = 'export const first: number = 1'
const before = `${first}\n\nexport function last() {\n  return first\n}\n`
const entries = Array.from({ length: 12 }, (_, i) => `  key${i}: { id: ${i}, of: [${i}, 'text ${i}'] },`)
/** Nothing is closed where it is held; the whole of it has one error, in its last line. */
const table = ['export const table = {', ...entries, '}', "export const wrong: number = 'text'"]
const write = patchTo('table.ts', [first], [first, ...table])
const middle = 'key8: { id: 8, of: ['

test.use({ files: { 'table.ts': before } })

interface Watched {
  looked: number
  mostErrors: number
}

/** From now on the page notes how often the language service has looked at a text, and the most errors shown. */
async function watchErrors(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched: Watched = { looked: 0, mostErrors: 0 }
    Object.assign(window, { watched })
    const post = Worker.prototype.postMessage
    Worker.prototype.postMessage = function (this: Worker, message: { req?: string }, ...rest: never[]) {
      if (JSON.stringify(message).includes('getSemanticDiagnostics')) {
        const heard = ({ data }: MessageEvent<{ seq?: string }>) => {
          if (data.seq !== message.req) return
          watched.looked += 1
          this.removeEventListener('message', heard)
        }
        this.addEventListener('message', heard)
      }
      post.call(this, message, ...rest)
    }
    document.addEventListener('DOMContentLoaded', () =>
      new MutationObserver(() => {
        const told = /(\d+) errors?/.exec(document.querySelector('footer')?.textContent ?? '')
        const squiggles = document.querySelectorAll('.squiggly-error').length
        watched.mostErrors = Math.max(watched.mostErrors, squiggles, Number(told?.[1] ?? 0))
      }).observe(document.body, { subtree: true, childList: true, characterData: true }),
    )
  })
  await page.reload()
}

function watched(page: Page): Promise<Watched> {
  return page.evaluate(() => (window as unknown as { watched: Watched }).watched)
}

/** The service has looked at the text as it is now, and what it found would have been drawn. */
async function lookedAt(page: Page, before: number): Promise<void> {
  await expect.poll(async () => (await watched(page)).looked).toBeGreaterThan(before)
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true)))),
  )
}

function errors(page: Page) {
  return page.getByRole('contentinfo').getByText(/^\d+ errors?$/)
}

for (const [where, begin] of [
  ['a turn', (page: Page) => ask(page, 'write the table')],
  [
    'an edit in place',
    async (page: Page) => {
      await editor(page).getByText('first: number').click()
      await page.keyboard.press('ControlOrMeta+k')
      await expect(editor(page).getByRole('textbox', { name: 'Edit in place' })).toBeFocused()
      await page.keyboard.type('write the table')
      await page.keyboard.press('Enter')
    },
  ],
] as const) {
  test(`[WEB-274] while ${where} writes a block that is not closed yet no problem is shown; the finished text with an error shows that one`, async ({
    page,
    model,
  }) => {
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
    model.script = [
      rule('write the table', [
        { type: 'customCall', name: 'apply_patch', text: write, holdAfter: { text: middle, until } },
      ]),
    ]
    await watchErrors(page)
    await openFile(page, 'table.ts')
    await expect(editor(page)).toContainText('return first')
    await lookedAt(page, 0)
    const { looked } = await watched(page)
    await begin(page)
    await expect(editor(page)).toContainText('key8')
    await lookedAt(page, looked)
    await expect(errors(page)).toHaveText('0 errors')
    goOn()
    await expect(errors(page)).toHaveText('1 error')
    await expect(page.locator('.squiggly-error')).toHaveCount(1)
    expect((await watched(page)).mostErrors).toBe(1)
  })
}

test('[WEB-274] where the model waits for a person the problems of what is there are shown; a stopped turn leaves none', async ({
  page,
  model,
}) => {
  const never = new Promise<void>(() => undefined)
  model.script = [
    rule('write the table', [
      { type: 'customCall', name: 'apply_patch', text: write, holdAfter: { text: middle, until: never } },
    ]),
  ]
  await openFile(page, 'table.ts')
  await ask(page, 'write the table')
  await expect(editor(page)).toContainText('key8')
  await editor(page).getByText('key3').click()
  await page.keyboard.press('End')
  await page.keyboard.type(' // mine')
  await expect(editor(page).getByRole('group', { name: 'The model waits' })).toBeVisible()
  await expect(errors(page)).not.toHaveText('0 errors')
  await chat(page).getByRole('button', { name: 'Stop' }).click()
  await expect(editor(page)).not.toContainText('key8')
  await expect(errors(page)).toHaveText('0 errors')
})
