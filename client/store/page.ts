import { z } from 'zod'
import { createConnection } from '../connection/relay-connection.ts'
import { createWebSocketDial, onWake, pageTimers } from '../connection/websocket-transport.ts'
import { scheduleFrame } from './frame-schedule.ts'
import { bindLocation } from './location.ts'
import { bindOutsideNotices } from './outside-notices.ts'
import { pageClock } from './page-clock.ts'
import { pagePace } from './page-pace.ts'
import { bindRootElement } from './root-element.ts'
import type { KeyValueStorage } from './slice.ts'
import { createWorkbenchStore, type WorkbenchStore } from './store.ts'

/** How old text may be that nobody looks at: what is written in four files at once leaves the frames to the shown one. */
const unseenMs = 250

/** The page's composition root: everything the store touches, wired once. */
export function startPage(storage: KeyValueStorage): WorkbenchStore {
  // The page's policy forbids code from text; zod would try it first and leave an error in the console.
  z.config({ jitless: true })
  const random = { next: () => Math.random() }
  const connection = createConnection({
    dial: createWebSocketDial(window.location),
    clock: pageClock,
    timers: pageTimers,
    random,
    onWake,
  })
  window.addEventListener('keydown', pagePace.keyPressed, { capture: true })
  const store = createWorkbenchStore({
    connection,
    clock: pageClock,
    random,
    storage,
    schedule: scheduleFrame,
    scheduleOthers: pagePace.schedule,
    scheduleUnseen: (flush) => pageTimers.after(unseenMs, flush),
    afterPaint: (painted) => {
      if (!document.hidden) pagePace.afterPaint(painted)
    },
  })
  store.getState().connect()
  store.subscribe((state, before) => {
    if (state.workspaceId !== before.workspaceId || state.activePath !== before.activePath) state.announce()
  })
  bindLocation(store, window)
  bindOutsideNotices(store, window)
  bindRootElement(store, document.documentElement, navigator.languages)
  return store
}
