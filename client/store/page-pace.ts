import { pageTimers } from '../connection/websocket-transport.ts'
import { createFramePace } from './frame-pace.ts'
import { afterPaint, scheduleFrame } from './frame-schedule.ts'
import { pageClock } from './page-clock.ts'

/** The page's one pace: what others write in the chat and in the editor shares its frames. */
export const pagePace = createFramePace({
  schedule: scheduleFrame,
  afterPaint,
  after: pageTimers.after,
  // Asked where something is, the browser works out all that is not.
  settle: () => {
    document.documentElement.getBoundingClientRect()
  },
  now: () => pageClock.monotonic(),
})
