import { patchTarget } from '../lib/marked-text.ts'
import type { Row } from '../lib/row.ts'
import { withServer } from '../lib/with-server.ts'
import { measureDeck } from './deck.ts'
import { measureJobsList } from './jobs.ts'
import { measureLoad } from './load.ts'
import { measureReplay } from './replay.ts'
import { measureStreaming } from './streaming.ts'
import { measureTogether } from './together.ts'
import { measureTyping } from './typing.ts'
import { openBrowser } from './window.ts'

const tokens = 4000
const rates = [1000, 3000]
/** Two seconds of a model ten times as fast as those of today. */
const fastRate = 10_000
const fastTokens = 20_000
const chat = '[aria-label="Chat"]'
const editor = '[aria-label="Editor"] .view-lines'
const targets = Array.from({ length: 120 }, (_, i) => `target${i}.ts`)
const files = Object.fromEntries(targets.map((name) => [name, patchTarget(800)]))

export interface BrowserOptions {
  readonly quick: boolean
  readonly part?: string | undefined
  /** A folder for CPU profiles of server and page. */
  readonly profile?: string | undefined
}

/** The production page in Chromium: the chat and the editor at 1,000 and 3,000 tokens a second. */
export async function measureBrowser({ quick, part, profile }: BrowserOptions) {
  return withServer({ files, profile }, async ({ model, tandem }) => {
    const runs = quick ? 1 : 5
    const browser = await openBrowser()
    const common = { browser, tandem, model, runs, profile }
    // Every run writes into a file nobody has touched.
    let used = 0
    const nextFile = () => ({ name: targets[used++ % targets.length] ?? '', text: 'line0' })
    const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
      load: () => measureLoad({ ...common, nextFile }),
      chat: () =>
        each(rates, (rate) =>
          measureStreaming({
            ...common,
            name: 'browser.chat',
            rate,
            selector: chat,
            nextFile,
            task: () => ({ kind: 'chat', tokens, rate }),
          }),
        ),
      edits: () =>
        each(rates, (rate) =>
          measureStreaming({
            ...common,
            name: 'browser.edits',
            rate,
            selector: editor,
            nextFile,
            task: (path) => ({ kind: 'edits', tokens, rate, path }),
          }),
        ),
      typing: () =>
        each(['chat', 'edits'] as const, (kind) =>
          measureTyping({
            ...common,
            name: `browser.typing.${kind}`,
            nextFile,
            task: (path) => ({ kind, tokens, rate: 1000, path }),
          }),
        ),
      jobs: () => measureJobsList(common),
      deck: () => measureDeck({ ...common, nextFile }),
      replay: () => measureReplay({ ...common, nextFile }),
      together: () => measureTogether({ ...common, name: 'browser.together', nextFile, beside: false }),
      beside: () => measureTogether({ ...common, name: 'browser.beside', nextFile, beside: true }),
      fast: () =>
        each(['chat', 'edits'] as const, (kind) =>
          measureStreaming({
            ...common,
            name: `browser.fast.${kind}`,
            rate: fastRate,
            selector: kind === 'chat' ? chat : editor,
            nextFile,
            task: (path) => ({ kind, tokens: fastTokens, rate: fastRate, path }),
          }),
        ),
    }
    try {
      return await each(Object.keys(parts), async (name) =>
        part === undefined || part === name ? ((await parts[name]?.()) ?? []) : [],
      )
    } finally {
      await browser.close()
    }
  })
}

async function each<T>(
  values: readonly T[],
  measure: (value: T) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const value of values) rows.push(...(await measure(value)))
  return rows
}
