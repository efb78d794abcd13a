import type { Quota } from '../../core/protocol/quota.ts'
import { durationMs } from './failures.ts'
import { isJson, listAt, numberAt, objectAt } from './json.ts'
import type { Headers } from './retry-after.ts'

const minuteMs = 60_000
const windows: Readonly<Record<string, number>> = {
  minute: minuteMs,
  hour: 60 * minuteMs,
  day: 24 * 60 * minuteMs,
}
/** `x-ratelimit-remaining-tokens` (OpenAI), `x-ratelimit-remaining-tokens-minute` (Cerebras). */
const remaining = /^x-ratelimit-remaining-(requests|tokens)(?:-(minute|hour|day))?$/
/** `x-codex-primary-used-percent`, also with the name of a bound in between. */
const usedPercent = /^(x-codex-(?:[a-z0-9-]+-)?(?:primary|secondary))-used-percent$/

/** What a backend's headers say is left. */
export function quotasIn(headers: Headers, nowMs: number): readonly Quota[] {
  const one = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : value?.[0]
  }
  const number = (name: string): number | undefined => {
    const value = Number.parseFloat(one(name) ?? '')
    return Number.isFinite(value) ? value : undefined
  }
  return Object.keys(headers).flatMap((name): Quota[] => {
    const [, what, window] = remaining.exec(name) ?? []
    if (what === 'requests' || what === 'tokens') {
      const left = number(name)
      const limit = number(name.replace('remaining', 'limit'))
      const resetMs = durationMs(one(name.replace('remaining', 'reset')) ?? '')
      const windowMs = window === undefined ? undefined : windows[window]
      if (left === undefined) return []
      const resetAt = Math.ceil(nowMs + (resetMs ?? windowMs ?? minuteMs))
      return [
        { what, left: Math.max(0, left), resetAt, ...(limit && { limit }), ...(windowMs && { windowMs }) },
      ]
    }
    const [, bound] = usedPercent.exec(name) ?? []
    const used = bound === undefined ? undefined : number(name)
    if (bound === undefined || used === undefined) return []
    return [percent(used, number(`${bound}-window-minutes`), number(`${bound}-reset-at`), nowMs)]
  })
}

/** A `codex.rate_limits` event. */
export function quotasInFrame(frame: unknown, nowMs: number): readonly Quota[] {
  const limits = objectAt(frame, 'rate_limits')
  const own = [objectAt(limits, 'primary'), objectAt(limits, 'secondary')]
  const more = listAt(frame, 'additional_rate_limits').flatMap((entry) => {
    const limit = objectAt(entry, 'rate_limit')
    return [objectAt(limit, 'primary_window'), objectAt(limit, 'secondary_window')]
  })
  return [...own, ...more].flatMap((window) => {
    const used = isJson(window) ? numberAt(window, 'used_percent') : undefined
    if (used === undefined) return []
    const seconds = numberAt(window, 'limit_window_seconds')
    const minutes = seconds === undefined ? numberAt(window, 'window_minutes') : seconds / 60
    return [percent(used, minutes, numberAt(window, 'reset_at'), nowMs)]
  })
}

function percent(
  used: number,
  minutes: number | undefined,
  resetSeconds: number | undefined,
  nowMs: number,
): Quota {
  const windowMs = minutes === undefined || minutes <= 0 ? undefined : minutes * minuteMs
  return {
    what: 'percent',
    limit: 100,
    left: Math.min(100, Math.max(0, 100 - used)),
    resetAt: resetSeconds === undefined ? nowMs + (windowMs ?? minuteMs) : Math.round(resetSeconds * 1000),
    ...(windowMs !== undefined && { windowMs }),
  }
}
