import { limits } from '../protocol/limits.ts'

/** What is known of something that may be broken. Times are milliseconds of one clock. */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number; readonly failedAt: number }
  /** It is left alone until then. */
  | { readonly state: 'open'; readonly until: number; readonly trips: number }
  /** One tries whether it works again. */
  | { readonly state: 'probing'; readonly since: number; readonly trips: number }

export const closedBreaker: Breaker = { state: 'closed', failures: 0, failedAt: 0 }

/** Whether it may be used now. A probe that nobody ever ended does not lock everybody out. */
export function admits(breaker: Breaker, now: number): boolean {
  if (breaker.state === 'closed') return true
  if (breaker.state === 'open') return now >= breaker.until
  return now - breaker.since >= limits.breakerCeilingMs
}

/** It is being used. Who comes when its time is over, comes alone. */
export function begun(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'closed' || !admits(breaker, now)) return breaker
  return { state: 'probing', since: now, trips: breaker.trips }
}

/** `retryAfterMs`: it asked to be left alone that long. */
export function failed(breaker: Breaker, now: number, retryAfterMs?: number): Breaker {
  if (breaker.state === 'open') return breaker
  if (breaker.state === 'closed') {
    const isRow = breaker.failures > 0 && now - breaker.failedAt <= limits.breakerWindowMs
    const failures = isRow ? breaker.failures + 1 : 1
    if (failures < limits.breakerFailures && retryAfterMs === undefined) {
      return { state: 'closed', failures, failedAt: now }
    }
  }
  const trips = breaker.state === 'probing' ? breaker.trips + 1 : 1
  const wait = retryAfterMs ?? limits.breakerBaseMs * 2 ** (trips - 1)
  return { state: 'open', until: now + Math.min(wait, limits.breakerCeilingMs), trips }
}

/** Nobody waited for the outcome: who comes next may try. */
export function abandoned(breaker: Breaker, now: number): Breaker {
  return breaker.state === 'probing' ? { state: 'open', until: now, trips: breaker.trips } : breaker
}
