import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'
import type { ModelProcess } from '../lib/model-process.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { type Task, taskPrompt } from '../lib/task.ts'
import { clockOffset, type Seen } from './probe.ts'
import { type NextFile, openFile, openPage, seeTurnRun, send, waitUntilSettled } from './window.ts'

export interface StreamingOptions {
  readonly browser: Browser
  readonly tandem: TandemProcess
  readonly model: ModelProcess
  /** First part of the figures' names. */
  readonly name: string
  /** Where the marks appear. */
  readonly selector: string
  readonly task: (path: string) => Task
  readonly rate: number
  readonly runs: number
  readonly nextFile: NextFile
  /** Where to leave the page's CPU profile of the last run. */
  readonly profile?: string | undefined
}

interface Sample {
  readonly total: number
  readonly lagP50: number
  readonly lagP99: number
  readonly first: number
  readonly frameP95: number
  readonly longTasks: number
}

/** A marked text at one speed, each run in a new page. */
export async function measureStreaming(options: StreamingOptions): Promise<readonly Row[]> {
  const samples: Sample[] = []
  for (let run = 0; run < options.runs; run++) samples.push(await once(options))
  const of = (key: keyof Sample) => samples.map((sample) => sample[key])
  const name = (what: string) => `${options.name}.${options.rate}.${what}`
  // Nobody reads along at such a speed: it is enough that the page keeps up.
  const isFast = options.rate >= 10_000
  return [
    row(name('total'), 'x ideal', of('total'), isFast ? 1.1 : 1.02),
    row(name('lag.p50'), 'ms', of('lagP50'), isFast ? undefined : 25),
    row(name('lag.p99'), 'ms', of('lagP99'), isFast ? undefined : 60),
    row(name('firstToken'), 'ms', of('first'), 2 * (1000 / 60)),
    row(name('frame.p95'), 'ms', of('frameP95'), 33.4),
    row(name('longTasks'), 'count', of('longTasks'), options.rate > 1000 ? 1 : 0),
  ]
}

async function once(options: StreamingOptions): Promise<Sample> {
  const { browser, tandem, model, rate } = options
  const page = await openPage(browser, tandem)
  const file = options.nextFile()
  await openFile(page, file.name, file.text)
  // A first, short turn: the thread, the model's connection and the page's code are there, as in any second prompt.
  await send(page, taskPrompt({ kind: 'prose', tokens: 200, rate: 1000 }))
  await waitUntilSettled(page)
  // The language worker's first look at a project takes a core for a second or two, once.
  await page.waitForTimeout(3000)
  const offset = await clockOffset(page)
  const endProfile = options.profile === undefined ? undefined : await startProfile(page)
  const seen = await watch(page, options.selector, taskPrompt(options.task(file.name)))
  const profile = await endProfile?.()
  if (profile !== undefined)
    writeFileSync(join(`${options.profile}`, `${options.name}.${rate}.cpuprofile`), profile)
  const sentAt = (await model.sentAt()).map((time) => time + offset)
  await page.context().close()
  return judge(seen, sentAt, rate)
}

/** A CPU profile of the page, as text, from its end. */
export async function startProfile(page: Page): Promise<() => Promise<string>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: 500 })
  await session.send('Profiler.start')
  return async () => JSON.stringify((await session.send('Profiler.stop')).profile)
}

export async function watch(
  page: Page,
  selector: string | undefined,
  prompt: string,
  meanwhile?: () => Promise<void>,
): Promise<Seen> {
  await page.evaluate((where) => window.benchProbe.start(where), selector)
  await send(page, prompt)
  const settled = await seeTurnRun(page)
  await meanwhile?.()
  await settled()
  return page.evaluate(
    () => new Promise<Seen>((done) => setTimeout(() => done(window.benchProbe.stop()), 200)),
  )
}

function judge(seen: Seen, sentAt: readonly number[], rate: number): Sample {
  const lags: number[] = []
  // What comes before the first mark on the page, a patch's head and the lines it only finds its place by, has no pixels.
  let reached = (seen.marks[0]?.[0] ?? 0) - 1
  for (const [token, time] of seen.marks) {
    // A frame shows every mark up to its highest one.
    for (const mark of marksBetween(reached, token)) lags.push(time - (sentAt[mark] ?? Number.NaN))
    reached = token
  }
  const firstMark = seen.marks[0]
  const lastMark = seen.marks.at(-1)
  if (firstMark === undefined || lastMark === undefined) throw new Error('The page never showed a mark.')
  const ideal = (lastMark[0] / rate) * 1000
  return {
    total: (lastMark[1] - (sentAt[0] ?? Number.NaN)) / ideal,
    lagP50: quantile(lags, 0.5),
    lagP99: quantile(lags, 0.99),
    first: firstMark[1] - (sentAt[firstMark[0]] ?? Number.NaN),
    frameP95: quantile(seen.frames, 0.95),
    longTasks: seen.longTasks.length,
  }
}

/** Every tenth token stands for those in between. */
function marksBetween(after: number, upTo: number): readonly number[] {
  const marks: number[] = []
  for (let token = upTo; token > after; token -= 10) marks.push(token)
  return marks
}
