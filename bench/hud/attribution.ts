import { setTimeout as wait } from 'node:timers/promises'
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

/**
 * What an answer takes at least: by then the page has drawn the prompt. One that came sooner would wait for that, which
 * whatever holds the answer up elsewhere would make shorter.
 */
const thinkingMs = 100

interface Way {
  readonly hops: ReadonlyMap<HopName, number>
  /** From the key to the paint, as the panel says and as it was by the bench's own clock. */
  readonly whole: number
  readonly measured: number
  /** How long it was held up, by the clock of what held it up. */
  readonly held: number
  /** By the bench's own clock, what is never twice as long: the model's thinking, and the page's waits for frames. */
  readonly own: Partial<Record<HopName, number>>
}

interface Place {
  readonly page: Page
  /** Between the page and the server, and between the server and the model. */
  readonly front: DelayProxy
  readonly back: DelayProxy
  readonly model: FakeModel
  readonly other: RelayClient
}

/**
 * Delays at one hop after the other: where does the panel say they were? They are measured where they are made, as a
 * timer of a busy machine is late by more than the panel may be wrong.
 */
export async function measureAttribution(options: {
  readonly browser: Browser
  readonly quick: boolean
}): Promise<readonly Row[]> {
  const runs = options.quick ? 5 : 15
  return withPlace(options.browser, async (place) => {
    const rows: Row[] = []
    const wholes: number[] = []
    for (const [hop, ms] of Object.entries(injected) as [Injected, number][]) {
      await beginThread(place.page)
      // The first turn of a thread begins the thread.
      await once(place, { hop, ms: 0 })
      // Turn about, so that a machine that becomes slower is so for both.
      const pairs: (readonly [plain: Way, held: Way])[] = []
      for (let run = 0; run < runs; run++)
        pairs.push([await once(place, { hop, ms: 0 }), await once(place, { hop, ms })])
      for (const { whole, measured } of pairs.flat()) wholes.push(Math.abs(whole - measured))
      const shifts = (of: HopName) =>
        pairs.map(([plain, held]) => (held.hops.get(of) ?? 0) - (plain.hops.get(of) ?? 0))
      const errors = pairs.map(([plain, held]) => {
        const shift = (held.hops.get(hop) ?? 0) - (plain.hops.get(hop) ?? 0)
        return Math.abs(shift - (held.held - plain.held))
      })
      const name = (what: string) => `hud.attribution.${hop}.${what}`
      rows.push(row(name('error'), `ms of ${ms}`, errors, Math.max(5, ms * 0.05)))
      const others = hopNames.filter((other) => other !== hop)
      // Timers are late, and frames wait for the one before: what the bench saw of that itself is no error.
      const known = (of: HopName) => pairs.map(([plain, held]) => (held.own[of] ?? 0) - (plain.own[of] ?? 0))
      const elsewhere = others.map((other) => {
        const seen = known(other)
        return Math.abs(median(shifts(other).map((shift, pair) => shift - (seen[pair] ?? 0))))
      })
      rows.push(row(name('elsewhere'), 'ms', [Math.max(...elsewhere)], 5))
    }
    return [...rows, row('hud.whole.error', 'ms', wholes, 5)]
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

/** One prompt, held up at one hop for so long. */
async function once(
  place: Place,
  { hop, ms }: { readonly hop: Injected; readonly ms: number },
): Promise<Way> {
  const { page, front, back, model, other } = place
  const mark = `way${++asked}x`
  const { promise: free, resolve: release } = Promise.withResolvers<void>()
  const answer: readonly Step[] = [{ type: 'text', text: mark }]
  let held = 0
  let thought = 0
  model.script = ({ userText }) => {
    if (userText === 'block')
      return [
        { type: 'hold', until: free },
        { type: 'text', text: 'Done.' },
      ]
    const thinking = async () => {
      const since = performance.now()
      await wait(thinkingMs + (hop === 'model' ? ms : 0))
      thought = performance.now() - since
    }
    return [{ type: 'hold', until: thinking() }, ...answer]
  }
  const message = page.getByRole('textbox', { name: 'Message' })
  await message.fill('which way?')
  if (hop === 'queue' && ms > 0) await block(other, model)
  // Typing has its own requests, which must not be taken for the prompt.
  await page.waitForTimeout(500)
  await page.evaluate(
    ([which, delay, text]) => {
      window.benchWay = { pressed: 0, parsed: 0, framed: 0, drawn: 0, painted: 0, mark: text }
      window.benchHeld = 0
      window.benchInject = { hop: which, ms: delay }
    },
    [hop, ms, mark] as const,
  )
  // What is cut must be known to be so before the prompt is there. Each way of a pair pays for a new connection.
  front.upMs = hop === 'up' ? ms : hop === 'connect' ? 3 : 0
  front.downMs = hop === 'down' ? ms : 0
  back.openMs = hop === 'connect' ? ms : 0
  for (const proxy of [front, back]) Object.assign(proxy.held, { up: 0, down: 0, open: 0 })
  front.onUp = () => {
    if (hop === 'connect') back.cut()
    if (hop !== 'queue' || ms === 0) return
    const since = performance.now()
    setTimeout(() => {
      held = performance.now() - since
      release()
    }, ms)
  }
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => window.benchWay.painted > 0)
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'hidden' })
  front.upMs = 0
  front.downMs = 0
  back.openMs = 0
  const { pressed, parsed, framed, drawn, painted, inPage } = await page.evaluate(() => {
    window.benchInject = undefined
    return { ...window.benchWay, inPage: window.benchHeld }
  })
  // When a frame comes is chance, up to 17 ms more or less.
  const own = { model: thought, apply: framed - parsed, paint: painted - drawn }
  if (hop === 'up' || hop === 'down') held = front.held[hop]
  else if (hop === 'model' || hop === 'apply' || hop === 'paint') held = own[hop]
  else if (hop === 'connect') held = back.held.open
  else if (hop !== 'queue') held = inPage
  const { hops, whole } = await readPanel(page)
  return { hops, whole, measured: painted - pressed, held, own }
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
