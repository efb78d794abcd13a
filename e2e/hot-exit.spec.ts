import type { Page } from '@playwright/test'
import { createNetwork } from './fixtures/network.ts'
import { createProfile, type Profile } from './fixtures/profile.ts'
import { test as base, expect, type Tandem } from './fixtures/tandem.ts'
import {
  chat,
  clickEndOf,
  connection,
  editor,
  message,
  openFile,
  rule,
  sections,
  typeMessage,
} from './fixtures/workbench.ts'

const test = base.extend<{ profile: Profile }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern
  profile: async ({}, use) => {
    const profile = createProfile()
    await use(profile)
    await profile.remove()
  },
})

test.use({ files: { 'notes.md': sections, 'other.md': sections } })

const inlineField = (page: Page) => editor(page).getByRole('textbox', { name: 'Edit in place' })
const tabsOf = (page: Page) => editor(page).getByRole('tab')

test.describe('the browser is killed or stopped', () => {
  test.skip(process.platform !== 'linux', 'its processes are found in /proc')

  test('[WEB-260] what was typed last is there when it starts again, and meets what others wrote', async ({
    profile,
    tandem,
  }) => {
    const context = await profile.start()
    const network = await createNetwork(context)
    const page = await tandem.openPage(context)
    await openFile(page, 'notes.md')
    await openFile(page, 'other.md')
    await editor(page).getByText('The second section.').click()
    await page.keyboard.press('ControlOrMeta+k')
    await expect(inlineField(page)).toBeFocused()
    await page.keyboard.type('make it louder')
    await network.cut()
    await expect(connection(page)).not.toContainText('Connected')
    await clickEndOf(page, 'The end.')
    await page.keyboard.type(' Typed offline.')
    await expect(editor(page)).toContainText('edits kept here')
    await typeMessage(page, 'half a thought')
    await expect.poll(() => journalOf(page)).toContain('half a thought')
    await profile.kill()
    tandem.write('other.md', `By another program.\n\n${tandem.read('other.md')}`)
    await tandem.kill()
    await tandem.restart()

    // The test sees what it says it sees: without what the page writes itself all of it is gone.
    const bare = await startAgain(tandem, profile.copy({ without: ['Local Storage', 'IndexedDB'] }))
    await expect(message(bare)).toHaveValue('')
    await expect(tabsOf(bare)).toHaveCount(0)

    // The browser had written nothing by itself: the longest it may take.
    const worst = await startAgain(tandem, profile.copy({ without: ['Local Storage'] }))
    await expectAll(worst)
    await expect
      .poll(() => tandem.read('other.md'))
      .toMatch(/^By another program\.\n[\s\S]*Typed offline\.\n$/)

    const again = await startAgain(tandem, profile)
    await expectAll(again)
    await expect(editor(again)).not.toContainText('edits kept here')
    expect(tandem.read('other.md').match(/Typed offline\./g)).toHaveLength(1)
  })

  test('[WEB-261] a draft that was sent does not come back', async ({ profile, tandem, model }) => {
    model.script = [rule('a whole thought', [{ type: 'text', text: 'Thought through.' }])]
    const page = await startAgain(tandem, profile)
    await typeMessage(page, 'a whole thought')
    await page.keyboard.press('Enter')
    await expect(chat(page)).toContainText('Thought through.')
    await profile.kill()
    for (const left of [profile.copy({ without: ['Local Storage'] }), profile]) {
      const last = await startAgain(tandem, left)
      await expect(chat(last)).toContainText('Thought through.')
      await expect(message(last)).toHaveValue('')
    }
  })

  test('[WEB-263] what was typed as the lid closed is merged when it opens, whatever happened meanwhile', async ({
    profile,
    tandem,
  }) => {
    const context = await profile.start()
    const network = await createNetwork(context)
    const page = await tandem.openPage(context)
    await openFile(page, 'notes.md')
    await clickEndOf(page, 'The end.')
    network.silence()
    await page.keyboard.type(' Typed as the lid closed.')
    profile.sleep()
    tandem.write('notes.md', `By another program.\n\n${tandem.read('notes.md')}`)
    await tandem.kill()
    await tandem.restart()
    network.restore()
    profile.wake()
    await expectMerged(page, tandem)
  })
})

test('[WEB-262] what was typed on a network that is dead without telling is merged when the page is shown again', async ({
  page,
  context,
  tandem,
}) => {
  const network = await createNetwork(context)
  await page.reload()
  await openFile(page, 'notes.md')
  await clickEndOf(page, 'The end.')
  network.silence()
  await page.keyboard.type(' Typed as the lid closed.')
  await expect(editor(page)).toContainText('Typed as the lid closed.')
  tandem.write('notes.md', `By another program.\n\n${tandem.read('notes.md')}`)
  network.restore()
  // A page without a window is never hidden, so that it is not shown again by itself.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await expect(connection(page)).toContainText('Connected')
  await expectMerged(page, tandem)
})

async function expectMerged(page: Page, tandem: Tandem): Promise<void> {
  await expect(editor(page)).toContainText('By another program.')
  await expect(editor(page)).toContainText('Typed as the lid closed.')
  await expect
    .poll(() => tandem.read('notes.md'))
    .toMatch(/^By another program\.\n[\s\S]*Typed as the lid closed\.\n$/)
}

/** All the page has on the disk itself: it is read when what is being written there is written. */
function journalOf(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open('tandem')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const reading = opening.result.transaction('kept').objectStore('kept').getAll()
          reading.onerror = () => reject(reading.error)
          reading.onsuccess = () => resolve(JSON.stringify(reading.result))
        }
      }),
  )
}

async function startAgain(tandem: Tandem, profile: Profile): Promise<Page> {
  return tandem.openPage(await profile.start())
}

async function expectAll(page: Page): Promise<void> {
  await expect(message(page)).toHaveValue('half a thought')
  await expect(tabsOf(page)).toHaveText([/notes\.md/, /other\.md/])
  await expect(editor(page)).toContainText('Typed offline.')
  await expect(editor(page)).toContainText('By another program.')
  await editor(page).getByText('The first section.').click()
  await page.keyboard.press('ControlOrMeta+k')
  await expect(inlineField(page)).toHaveValue('make it louder')
  await page.keyboard.press('Escape')
}
