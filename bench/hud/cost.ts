import type { ModelEvent } from '../../core/engine/model-stream.ts'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem } from '../../scripts/lib/tandem-process.ts'
import { CallMeter } from '../../server/runtime/call-meter.ts'
import { beginThread, openBrowser, openPage, send, waitUntilSettled } from '../browser/window.ts'
import { startModel } from '../lib/model-process.ts'
import { type Row, row } from '../lib/row.ts'
import { taskPrompt } from '../lib/task.ts'

const rate = 1000
const clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** What stamping a token takes in the relay: the same tokens handled with a meter and without one. */
export function measureRelayCost({ quick }: { readonly quick: boolean }): readonly Row[] {
  const tokens = quick ? 200_000 : 1_000_000
  const shares: number[] = []
  for (let run = 0; run < 9; run++) {
    const bare = secondsOf(tokens, undefined)
    const meter = new CallMeter({ clock, request: 0, modelId: 'm', at: clock.monotonic(), prompted: true })
    const metered = secondsOf(tokens, meter)
    // The first runs are the compiler's.
    if (run >= 2) shares.push(((metered - bare) / tokens) * rate * 100)
  }
  return [row('hud.cost.relay', '% of a core at 1,000 tok/s', shares, 1)]
}

let handled = 0

function secondsOf(tokens: number, meter: CallMeter | undefined): number {
  const before = process.cpuUsage()
  for (let token = 0; token < tokens; token++) {
    const event: ModelEvent = { type: 'textDelta', text: `t${token & 7}` }
    const inAt = clock.monotonic()
    handled += event.text.length
    meter?.saw(event, inAt)
  }
  const { user, system } = process.cpuUsage(before)
  if (handled < 0) throw new Error('The compiler must not leave the work out.')
  return (user + system) / 1e6
}

/** What the panel takes in the page: the same answers with it open and closed, turn about. */
export async function measurePageCost({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const model = await startModel()
  const scratch = createScratch({ files: { 'a.txt': 'one\n' }, modelUrl: model.baseUrl })
  const tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace] })
  const browser = await openBrowser()
  try {
    const page = await openPage(browser, tandem)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
    }
    const tokens = quick ? 2000 : 4000
    const share = async (open: boolean) => {
      await beginThread(page)
      await send(page, taskPrompt({ kind: 'prose', tokens: 50, rate }))
      await waitUntilSettled(page)
      await send(page, taskPrompt({ kind: 'prose', tokens, rate }))
      await page.getByRole('button', { name: 'Stop', exact: true }).waitFor()
      if (open) await page.getByRole('status', { name: 'Latency' }).getByRole('button').click()
      await page.waitForTimeout(300)
      const before = await busy()
      const ms = tokens - 1000
      await page.waitForTimeout(ms)
      const used = (await busy()) - before
      if (open) await page.keyboard.press('Escape')
      await waitUntilSettled(page)
      return (used / (ms / 1000)) * 100
    }
    await share(true)
    const closed: number[] = []
    const differences: number[] = []
    for (let run = 0; run < (quick ? 3 : 10); run++) {
      const without = await share(false)
      closed.push(without)
      differences.push((await share(true)) - without)
    }
    return [
      row('hud.cost.page.closed', '% of a core at 1,000 tok/s', closed),
      row('hud.cost.page', '% of a core at 1,000 tok/s', differences, 1),
    ]
  } finally {
    await browser.close()
    await tandem.end()
    await model.close()
    scratch.remove()
  }
}
