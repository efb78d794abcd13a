import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures/tandem.ts'
import { ask, chat, editor, message, openFile, patchTo, rule } from './fixtures/workbench.ts'

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

test('[WEB-201] crossing the width of a phone leaves the focus where it is', async ({ page }) => {
  const focus = () => message(page).evaluate((field) => document.activeElement === field)
  // It was asked for once, and left.
  await page.keyboard.press('ControlOrMeta+l')
  await expect.poll(focus).toBe(true)
  await message(page).blur()
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 844 })
    await expect(message(page)).toBeVisible()
    expect(await focus()).toBe(false)
  }
  await message(page).focus()
  await page.keyboard.type('half a ')
  await page.setViewportSize({ width: 390, height: 844 })
  await expect.poll(focus).toBe(true)
  await page.keyboard.type('word')
  await expect(message(page)).toHaveValue('half a word')
})

test('[WEB-202] a thread’s title has the row of the list, and the time only where both have room', async ({
  page,
  model,
}) => {
  const title = 'Tell me of all the apples there are'
  model.script = [rule('apples', [{ type: 'text', text: 'Apples are red.' }])]
  await page.setViewportSize({ width: 1024, height: 768 })
  await page.getByRole('button', { name: 'Threads', exact: true }).click()
  await ask(page, title)
  await expect(chat(page)).toContainText('Apples are red.')
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeHidden()
  const pane = page.getByRole('region', { name: 'Threads', exact: true })
  const link = pane.getByRole('link', { name: title })
  const share = async () => {
    const [row, words] = await Promise.all([link.boundingBox(), link.getByText(title).boundingBox()])
    return (words?.width ?? 0) / (row?.width ?? 1)
  }
  await page.mouse.move(600, 400)
  await expect(link.locator('time')).toBeHidden()
  await expect.poll(share).toBeGreaterThan(0.9)
  await link.hover()
  const menu = pane.getByRole('button', { name: `Actions for ${title}` })
  await expect(menu).toHaveCSS('opacity', '1')
  const [words, button] = await Promise.all([link.getByText(title).boundingBox(), menu.boundingBox()])
  expect((words?.x ?? 0) + (words?.width ?? 0)).toBeLessThanOrEqual(button?.x ?? 0)
})

const words = 'and on it goes '.repeat(12)

test.describe('with lines that are longer than the editor is wide', () => {
  const rows = Array.from({ length: 90 }, (_, i) =>
    i % 3 === 0 || i > 11 ? `Row ${i}` : `Row ${i} ${words}`,
  )
  test.use({ files: { 'notes.txt': `${rows.join('\n')}\n` } })

  const writesThree = rule('rewrite', [
    {
      type: 'customCall',
      name: 'apply_patch',
      text: [
        '*** Begin Patch',
        '*** Update File: notes.txt',
        // Two beside each other, and a short one.
        ...[4, 5, 9].flatMap((n) => ['@@', `-${rows[n]}`, `+${rows[n]?.replace('Row', 'New row')}`]),
        '*** End Patch',
        '',
      ].join('\n'),
    },
  ])

  /** Of the chip and of the lines the model wrote: where they are, from top to bottom. */
  async function placesOf(page: Page) {
    const box = (of: Locator) => of.boundingBox().then((found) => found ?? { x: 0, y: 0, height: 0 })
    const chip = await box(page.getByRole('group', { name: 'Change by the model' }))
    const changed = await Promise.all(
      [4, 5, 9].map((n) => box(editor(page).getByText(`New row ${n}`).first())),
    )
    return { chip, changed }
  }

  test('[WEB-330] Keep and Undo cover no line that changed, however long the lines are and narrow the page', async ({
    page,
    model,
  }) => {
    model.script = [writesThree]
    await ask(page, 'rewrite three')
    await expect(chat(page)).toContainText('Done.')
    await chat(page).getByRole('button', { name: 'Open notes.txt' }).click()
    for (const [width, height] of [
      [1440, 900],
      [1024, 768],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height })
      for (const n of [4, 5, 9]) {
        const line = editor(page).getByText(`New row ${n}`).first()
        await line.hover({ position: { x: 10, y: 8 } })
        await expect(async () => {
          const { chip, changed } = await placesOf(page)
          const covered = changed
            .slice(0, 2)
            .filter(({ y }) => chip.y < y + 18 && y + 2 < chip.y + chip.height)
          expect(covered).toEqual([])
          // What is short leaves it room.
          if (n === 9) expect(Math.abs(chip.y - (changed[2]?.y ?? 0))).toBeLessThan(4)
        }).toPass()
      }
    }
    await editor(page)
      .getByText('New row 4')
      .first()
      .hover({ position: { x: 10, y: 8 } })
    const chip = page.getByRole('group', { name: 'Change by the model' })
    const keep = await chip.getByRole('button', { name: 'Keep' }).boundingBox()
    await page.mouse.move((keep?.x ?? 0) + 4, (keep?.y ?? 0) + 8, { steps: 20 })
    await page.mouse.down()
    await page.mouse.up()
    await expect(editor(page).getByText('2 unreviewed')).toBeVisible()
    // Out of view with its change, the caret being there still.
    await editor(page).getByText('New row 9').first().click()
    await expect(chip).toBeVisible()
    // A turn of the wheel is three lines, whatever it is said to be.
    const turn = (by: number) => async () => {
      await page.mouse.wheel(0, by)
      const isHere = await editor(page).getByText('New row 9').first().isVisible()
      expect([isHere, await chip.isVisible()]).toEqual([by < 0, by < 0])
    }
    await expect(turn(100)).toPass()
    await expect(turn(-100)).toPass()
  })

  test('[WEB-332] at a phone’s width no key is named, with a mouse too', async ({ page, model }) => {
    model.script = [writesThree]
    await page.setViewportSize({ width: 390, height: 844 })
    await ask(page, 'rewrite three')
    await expect(chat(page)).toContainText('Done.')
    await chat(page).getByRole('button', { name: 'Open notes.txt' }).click()
    await editor(page).getByText('New row 9').hover()
    await expect(page.getByRole('group', { name: 'Change by the model' })).toBeVisible()
    await expect(page.locator('kbd:visible')).toHaveCount(0)
    await page.keyboard.press('Alt+r')
    await expect(page.getByRole('region', { name: 'Review' }).getByRole('article')).toBeVisible()
    await expect(page.locator('kbd:visible')).toHaveCount(0)
    await page.keyboard.press('Escape')
    for (const [width, keys] of [
      [1024, 0],
      [1440, 2],
    ] as const) {
      await page.setViewportSize({ width, height: 800 })
      await editor(page).getByText('New row 9').hover()
      await expect(
        page.getByRole('group', { name: 'Change by the model' }).locator('kbd:visible'),
      ).toHaveCount(keys)
    }
  })
})

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })

  test('[WEB-204] the editor’s Keep and Undo name no keys and are large enough for a finger', async ({
    page,
    model,
  }) => {
    model.script = [
      rule('greet', [
        {
          type: 'customCall',
          name: 'apply_patch',
          text: patchTo('README.md', ['A small project.'], ['A project.']),
        },
      ]),
    ]
    await ask(page, 'greet')
    await expect(chat(page)).toContainText('Done.')
    await chat(page).getByRole('button', { name: 'Open README.md' }).click()
    const chip = page.getByRole('group', { name: 'Change by the model' })
    await expect(chip.getByRole('button', { name: 'Keep' })).toBeVisible()
    await expect(chip.locator('kbd')).toHaveCount(2)
    for (const name of ['Keep', 'Undo']) {
      const box = await chip.getByRole('button', { name }).boundingBox()
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
    }
    for (const hint of await chip.locator('kbd').all()) await expect(hint).toBeHidden()
  })
})
