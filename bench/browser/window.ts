import { type Browser, type Page, chromium as playwright } from '@playwright/test'
import { chromium } from '../../scripts/lib/chromium.ts'
import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { installProbe } from './probe.ts'

/** A file for the next run, and a text by which it is known. */
export type NextFile = () => { readonly name: string; readonly text: string }

export async function openBrowser(): Promise<Browser> {
  return playwright.launch(chromium())
}

/** A page of its own, with the probe in it, signed in. */
export async function openPage(browser: Browser, tandem: TandemProcess): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
  const page = await context.newPage()
  await page.addInitScript(installProbe)
  await page.goto(tandem.url)
  await page.getByRole('textbox', { name: 'Message' }).waitFor()
  // The page goes on with the last thread; marks of an earlier run must not be taken for this one's.
  await page.getByRole('button', { name: 'New thread' }).first().click()
  return page
}

/** Opens a file by its name in the tree and waits for its text. */
export async function openFile(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole('region', { name: 'Files' }).getByText(name, { exact: true }).click()
  await page.getByRole('region', { name: 'Editor' }).getByText(text).first().waitFor()
}

export async function send(page: Page, prompt: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(prompt)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
}

/**
 * The turn runs; the answer waits for its end. Looked for by its text and then held: a button found by role and name
 * has its page's styles and layout worked out at each look, which counts among what is measured.
 */
export async function seeTurnRun(page: Page): Promise<() => Promise<void>> {
  const stop = await page.evaluateHandle(
    () =>
      new Promise<HTMLButtonElement>((found, missing) => {
        let looks = 0
        const look = () => {
          const button = [...document.querySelectorAll('button')].find((each) => each.textContent === 'Stop')
          if (button) found(button)
          else if (++looks > 1000) missing(new Error('The turn does not run.'))
          else setTimeout(look, 20)
        }
        look()
      }),
  )
  return () =>
    stop.evaluate(
      (button) =>
        new Promise<void>((over, late) => {
          let looks = 0
          const look = () => {
            if (!button.isConnected) over()
            else if (++looks > 600) late(new Error('The turn does not end.'))
            else setTimeout(look, 100)
          }
          look()
        }),
    )
}

/** The turn is over when nothing can be stopped any more. */
export async function waitUntilSettled(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'hidden', timeout: 60_000 })
}

/** Leaves the thread for a new one, whose message field is another. */
export async function beginThread(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New thread' }).first().click()
  await page.waitForTimeout(500)
}
