import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'
import { type Task, taskPrompt } from '../lib/task.ts'
import type { StreamingOptions } from './streaming.ts'
import { startProfile, watch } from './streaming.ts'
import { traceTaskTimes } from './task-times.ts'
import { openFile, openPage, send, waitUntilSettled } from './window.ts'

const streams = 4
const rate = 1200
const tokens = 4000
const firstTokens = 1200

type TogetherOptions = Pick<
  StreamingOptions,
  'browser' | 'tandem' | 'runs' | 'nextFile' | 'profile' | 'name'
> & {
  /** Each model has a file of its own; all of them are open in tabs, the first is shown. */
  readonly beside: boolean
}

/** Four models write at once, in the shown file or each in its own: the page's thread, and three that others began. */
export async function measureTogether(options: TogetherOptions): Promise<readonly Row[]> {
  const { browser, tandem, runs, nextFile, profile: folder, beside } = options
  const frames: number[] = []
  const longTasks: number[] = []
  const longest: number[] = []
  const taskTimes: number[] = []
  for (let run = 0; run < runs; run++) {
    const page = await openPage(browser, tandem)
    const file = nextFile()
    const others = Array.from({ length: streams - 1 }, () => (beside ? nextFile() : file))
    for (const { name, text } of [...others, file]) await openFile(page, name, text)
    const client = await RelayClient.connect(tandem)
    const threads = await Promise.all(others.map(() => client.openThread()))
    const taskIn = (path: string, length: number): Task => ({ kind: 'edits', tokens: length, rate, path })
    const writeBeside = async (length: number) => {
      await Promise.all(
        threads.map((thread, i) => client.runTurn(thread, taskIn((others[i] ?? file).name, length))),
      )
    }
    // A first turn of each: the models' connections are there, and page and server have compiled their code.
    await send(page, taskPrompt(taskIn(file.name, firstTokens)))
    await writeBeside(firstTokens)
    await waitUntilSettled(page)
    await page.waitForTimeout(3000)
    const endProfile = folder === undefined ? undefined : await startProfile(page)
    const endTrace = await traceTaskTimes(browser, page)
    const seen = await watch(page, undefined, taskPrompt(taskIn(file.name, tokens)), () =>
      writeBeside(tokens),
    )
    taskTimes.push(Math.max(...(await endTrace())))
    const profile = await endProfile?.()
    if (profile !== undefined) writeFileSync(join(`${folder}`, `${options.name}.cpuprofile`), profile)
    client.close()
    frames.push(quantile(seen.frames, 0.95))
    longTasks.push(seen.longTasks.length)
    longest.push(Math.max(0, ...seen.longTasks))
    await page.context().close()
  }
  const name = `${options.name}.${streams}x${rate}`
  return [
    row(`${name}.frame.p95`, 'ms', frames, 33.4),
    row(`${name}.longTasks`, 'count', longTasks, 0),
    row(`${name}.longestTask`, 'ms', longest),
    row(`${name}.longestTask.cpu`, 'ms', taskTimes, 50),
  ]
}
