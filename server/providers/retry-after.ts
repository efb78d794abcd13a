import { durationMs } from './failures.ts'

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** How long the backend asks to wait: `Retry-After` in either form, or the reset of the limit that is used up. */
export function retryAfterOf(headers: Headers, nowMs: number): number | undefined {
  const precise = Number(one(headers['retry-after-ms']))
  if (Number.isFinite(precise)) return precise
  const plain = one(headers['retry-after'])
  if (plain !== undefined) {
    const ms = durationMs(plain)
    if (ms !== undefined && !/[a-z]{3}/i.test(plain)) return ms
    const date = Date.parse(plain)
    if (!Number.isNaN(date)) return Math.max(0, date - nowMs)
  }
  let wait: number | undefined
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-ratelimit-remaining-') || Number(one(value)) > 0) continue
    const reset = durationMs(one(headers[name.replace('remaining', 'reset')]) ?? '')
    if (reset !== undefined) wait = Math.max(wait ?? 0, reset)
  }
  return wait
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
