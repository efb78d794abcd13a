import type { Clock } from '../../core/lib/clock.ts'

/** The page's clock. */
export const pageClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
