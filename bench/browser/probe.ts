import type { Page } from '@playwright/test'
import { wallMs } from '../lib/clock.ts'

/** What the page saw: each mark's first frame, the frames' lengths, long tasks, keys. Times are the page's wall clock. */
export interface Seen {
  /** Pairs of token number and time of the frame in which it was first in the document. */
  readonly marks: readonly (readonly [number, number])[]
  readonly frames: readonly number[]
  readonly longTasks: readonly number[]
  /** Milliseconds from each keydown to after the next paint. */
  readonly keys: readonly number[]
}

declare global {
  interface Window {
    benchProbe: {
      /** Without a place to look for marks in, only times are taken: watching the page costs it some. */
      start(selector?: string): void
      stop(): Seen
    }
  }
}

/** Watches from inside the page. Runs there: it must not use anything from outside. */
export function installProbe(): void {
  const wall = () => performance.timeOrigin + performance.now()
  let selector = ''
  let best = -1
  let dirty = false
  let running = false
  let seen = {
    marks: [] as [number, number][],
    frames: [] as number[],
    longTasks: [] as number[],
    keys: [] as number[],
  }
  let lastFrame = 0

  const look = () => {
    let found = best
    for (const place of document.querySelectorAll(selector)) {
      // Marks are written upwards, so the highest is near the end of a text; the editor keeps its lines in any order.
      const text = place.textContent ?? ''
      const tail = text.length > 12_000 ? text.slice(-6000) : text
      for (const match of tail.matchAll(/q(\d{5})q/g)) found = Math.max(found, Number(match[1]))
    }
    if (found <= best) return
    best = found
    if (running) seen.marks.push([found, wall()])
  }
  const observer = new MutationObserver(() => {
    dirty = true
  })
  const frame = (now: number) => {
    if (!running) return
    if (lastFrame > 0) seen.frames.push(now - lastFrame)
    lastFrame = now
    // A message of now arrives after this frame's paint, whoever else still draws in it.
    painted.port2.postMessage(0)
    requestAnimationFrame(frame)
  }
  const painted = new MessageChannel()
  painted.port1.onmessage = () => {
    if (dirty) look()
    dirty = false
  }
  const tasks = new PerformanceObserver((list) => {
    if (running) for (const entry of list.getEntries()) seen.longTasks.push(entry.duration)
  })
  tasks.observe({ type: 'longtask' })
  addEventListener(
    'keydown',
    (event) => {
      if (!running) return
      const pressedAt = event.timeStamp
      requestAnimationFrame(() => {
        const channel = new MessageChannel()
        channel.port1.onmessage = () => seen.keys.push(performance.now() - pressedAt)
        channel.port2.postMessage(0)
      })
    },
    true,
  )
  window.benchProbe = {
    start(where) {
      best = -1
      if (where !== undefined) {
        selector = where
        look()
        if (best >= 0) throw new Error('There are marks in the page already.')
        observer.observe(document.body, { subtree: true, childList: true, characterData: true })
      }
      running = true
      lastFrame = 0
      seen = { marks: [], frames: [], longTasks: [], keys: [] }
      requestAnimationFrame(frame)
    },
    stop() {
      running = false
      observer.disconnect()
      return seen
    },
  }
}

/** How far the page's clock is ahead of ours, from the quickest of many questions. */
export async function clockOffset(page: Page): Promise<number> {
  let best = { trip: Number.POSITIVE_INFINITY, offset: 0 }
  for (let i = 0; i < 30; i++) {
    const before = wallMs()
    const there = await page.evaluate(() => performance.timeOrigin + performance.now())
    const after = wallMs()
    if (after - before < best.trip) best = { trip: after - before, offset: there - (before + after) / 2 }
  }
  return best.offset
}
