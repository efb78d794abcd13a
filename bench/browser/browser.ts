import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem } from '../../scripts/lib/tandem-process.ts'
import { patchTarget } from '../lib/marked-text.ts'
import { startModel } from '../lib/model-process.ts'
import type { Row } from '../lib/row.ts'
import { measureLoad } from './load.ts'
import { measureStreaming } from './streaming.ts'
import { measureTyping } from './typing.ts'
import { openBrowser } from './window.ts'

const tokens = 4000
const targets = 40

/** The production page in Chromium: the chat and the editor at 1,000 and 3,000 tokens a second. */
export async function measureBrowser({ quick }: { quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 1 : 5
  const model = await startModel()
  const names = Array.from({ length: targets }, (_, i) => `target${i}.ts`)
  const files = Object.fromEntries(names.map((name) => [name, patchTarget(800)]))
  const scratch = createScratch({ files, modelUrl: model.baseUrl })
  const tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace] })
  const browser = await openBrowser()
  let used = 0
  const fresh = () => {
    const base = used
    used += runs
    return (run: number) => ({ name: names[(base + run) % targets] ?? '', text: 'line0' })
  }
  const common = { browser, tandem, model, runs }
  try {
    const rows: Row[] = []
    rows.push(...(await measureLoad({ ...common, file: fresh()(0) })))
    for (const rate of [1000, 3000]) {
      rows.push(
        ...(await measureStreaming({
          ...common,
          name: 'browser.chat',
          rate,
          selector: '[aria-label="Chat"]',
          file: fresh(),
          task: () => ({ kind: 'chat', tokens, rate }),
        })),
      )
      const file = fresh()
      rows.push(
        ...(await measureStreaming({
          ...common,
          name: 'browser.edits',
          rate,
          selector: '[aria-label="Editor"] .view-lines',
          file,
          task: (run) => ({ kind: 'edits', tokens, rate, path: file(run).name }),
        })),
      )
    }
    for (const kind of ['chat', 'edits'] as const) {
      const file = fresh()
      rows.push(
        ...(await measureTyping({
          ...common,
          name: `browser.typing.${kind}`,
          file,
          task: (run) => ({ kind, tokens, rate: 1000, path: file(run).name }),
        })),
      )
    }
    return rows
  } finally {
    await browser.close()
    await tandem.end()
    await model.close()
    scratch.remove()
  }
}
