import type { Browser, Page } from '@playwright/test'

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Processor time of the thread in microseconds; its wall time is `dur`. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/**
 * From its end: milliseconds of processor time each task of the page's main thread took, by Chromium's trace. Where
 * model, relay and page share two cores a task's wall time is also the time it waited for one; this is what it asked for.
 */
export async function traceTaskTimes(
  browser: Browser,
  page: Page,
): Promise<() => Promise<readonly number[]>> {
  await browser.startTracing(page, { categories: ['toplevel'] })
  return async () => {
    const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(
      (await browser.stopTracing()).toString(),
    )
    const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
    const mainThreads = new Set(
      traceEvents
        .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
        .map(threadOf),
    )
    const times = traceEvents
      .filter((event) => event.name === 'ThreadControllerImpl::RunTask' && mainThreads.has(threadOf(event)))
      .map(({ tdur }) => (tdur ?? 0) / 1000)
    if (Math.max(0, ...times) === 0) throw new Error('The trace says nothing of the time tasks took.')
    return times
  }
}
