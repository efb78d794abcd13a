import type { Browser, Page } from '@playwright/test'
import { type HopName, hopNames } from '../../core/state/latency.ts'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem } from '../../scripts/lib/tandem-process.ts'
import { beginThread } from '../browser/window.ts'
import { createFakeModel, type FakeModel } from '../fake-model/fake-model.ts'
import type { Step } from '../fake-model/script.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { median } from '../lib/stats.ts'
import { createDelayProxy, type DelayProxy } from './delay-proxy.ts'
import { installInjections } from './injections.ts'

/** Milliseconds by which each hop is made longer. What the relay itself does can't be held up from outside. */
const injected = {
  press: 40,
  up: 40,
  queue: 80,
  connect: 60,
  model: 100,
  down: 40,
  parse: 40,
  apply: 40,
  paint: 40,
} as const satisfies Partial<Record<HopName, number>>
type Injected = keyof typeof injected

interface Way {
  readonly hops: ReadonlyMap<HopName, number>
  /** From the key to the paint, as the panel says and as it was by the bench's own clock. */
  readonly whole: number
  readonly measured: number
}

interface Place {
  readonly page: Page
  /** Between the page and the server, and between the server and the model. */
  readonly front: DelayProxy
  readonly back: DelayProxy
  readonly model: FakeModel
  readonly other: RelayClient
}

/** Delays of a known length at one hop after the other: where does the panel say they were? */
export async function measureAttribution(options: {
  readonly browser: Browser
  readonly quick: boolean
}): Promise<readonly Row[]> {
  const runs = options.quick ? 5 : 15
  return withPlace(options.browser, async (place) => {
    const rows: Row[] = []
    const errors: number[] = []
    for (const [hop, ms] of Object.entries(injected) as [Injected, number][]) {
      await beginThread(place.page)
      // The first turn of a thread begins the thread.
      await once(place)
      // Turn about, so that a machine that becomes slower is so for both.
      const pairs: (readonly [plain: Way, held: Way])[] = []
      for (let run = 0; run < runs; run++) pairs.push([await once(place), await once(place, hop)])
      for (const { whole, measured } of pairs.flat()) errors.push(Math.abs(whole - measured))
      const shifts = (of: HopName) =>
        pairs.map(([plain, held]) => (held.hops.get(of) ?? 0) - (plain.hops.get(of) ?? 0))
      const name = (what: string) => `hud.attribution.${hop}.${what}`
      rows.push(
        row(name('error'), `ms of ${ms}`, [Math.abs(median(shifts(hop)) - ms)], Math.max(5, ms * 0.05)),
      )
      // When a frame comes is chance: what waits for one is up to 17 ms more or less.
      const others = hopNames.filter((other) => other !== hop && other !== 'apply')
      const elsewhere = others.map((other) => Math.abs(median(shifts(other))))
      rows.push(row(name('elsewhere'), 'ms', [Math.max(...elsewhere)], 5))
    }
    return [...rows, row('hud.whole.error', 'ms', errors, 5)]
  })
}

async function withPlace<T>(browser: Browser, measure: (place: Place) => Promise<T>): Promise<T> {
  const model = await createFakeModel()
  const back = await createDelayProxy(model.port)
  // The server answers only to addresses it knows, so this one is there before it.
  const front = await createDelayProxy()
  const scratch = createScratch({
    files: { 'a.txt': 'one\n' },
    modelUrl: `http://127.0.0.1:${back.port}/v1`,
    settings: { limits: { 'fake/fake-fast': { concurrent: 1 } }, hosts: [`127.0.0.1:${front.port}`] },
  })
  const tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace] })
  try {
    front.targetPort = tandem.port
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' })
    const page = await context.newPage()
    await page.addInitScript(installInjections)
    await page.goto(tandem.url.replace(`:${tandem.port}`, `:${front.port}`))
    await page.getByRole('textbox', { name: 'Message' }).waitFor()
    const other = await RelayClient.connect(tandem)
    const result = await measure({ page, front, back, model, other })
    other.close()
    await context.close()
    return result
  } finally {
    await tandem.end()
    front.close()
    back.close()
    await model.close()
    scratch.remove()
  }
}

let asked = 0

/** One prompt, held up at one hop. */
async function once({ page, front, back, model, other }: Place, hop?: Injected): Promise<Way> {
  const mark = `way${++asked}x`
  const { promise: free, resolve: release } = Promise.withResolvers<void>()
  const answer: readonly Step[] = [{ type: 'text', text: mark }]
  model.script = ({ userText }) => {
    if (userText === 'block')
      return [
        { type: 'hold', until: free },
        { type: 'text', text: 'Done.' },
      ]
    return hop === 'model' ? [{ type: 'pause', ms: injected.model }, ...answer] : answer
  }
  const message = page.getByRole('textbox', { name: 'Message' })
  await message.fill('which way?')
  if (hop === 'queue') await block(other, model)
  // Typing has its own requests, which must not be taken for the prompt.
  await page.waitForTimeout(500)
  await page.evaluate(
    ([which, ms, text]) => {
      window.benchWay = { pressed: 0, painted: 0, mark: text }
      window.benchInject = { hop: which, ms }
    },
    [hop ?? '', hop === undefined ? 0 : injected[hop], mark] as const,
  )
  // What is cut must be known to be so before the prompt is there.
  front.upMs = hop === 'up' ? injected.up : hop === 'connect' ? 3 : 0
  front.downMs = hop === 'down' ? injected.down : 0
  back.openMs = hop === 'connect' ? injected.connect : 0
  front.onUp = () => {
    if (hop === 'connect') back.cut()
    if (hop === 'queue') setTimeout(release, injected.queue)
  }
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => window.benchWay.painted > 0)
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'hidden' })
  front.upMs = 0
  front.downMs = 0
  back.openMs = 0
  const { pressed, painted } = await page.evaluate(() => window.benchWay)
  const { hops, whole } = await readPanel(page)
  return { hops, whole, measured: painted - pressed }
}

/** Lets another turn take the model's one place. */
async function block(other: RelayClient, model: FakeModel): Promise<void> {
  const since = model.requests.length
  const threadId = await other.openThread()
  await other.request('turn/start', { threadId, text: 'block', context: { openPaths: [] } })
  await model.waitFor(({ index, body }) => index >= since && JSON.stringify(body).includes('block'))
}

async function readPanel(page: Page): Promise<{ hops: ReadonlyMap<HopName, number>; whole: number }> {
  await page.getByRole('status', { name: 'Latency' }).getByRole('button').click()
  const panel = page.getByRole('dialog')
  await panel.getByRole('rowheader', { name: 'Painting' }).waitFor()
  const figures = await panel
    .getByRole('table')
    .first()
    .locator('tbody tr, tfoot tr')
    .evaluateAll((rows) => rows.map((line) => Number(line.querySelectorAll('td')[1]?.textContent)))
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'hidden' })
  if (figures.length !== hopNames.length + 1) throw new Error(`The panel has ${figures.length} rows.`)
  const hops = new Map(hopNames.map((name, index) => [name, figures[index] ?? Number.NaN] as const))
  return { hops, whole: figures.at(-1) ?? Number.NaN }
}
