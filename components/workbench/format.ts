import type { Language } from '../../client/i18n/messages.ts'

/** `1,180` */
export function formatCount(count: number, language: Language): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(count)
}

/** Milliseconds with a digit after the point only where it matters: `0.4`, `41`. */
export function formatMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms))
}

/** Microseconds as milliseconds, with as many digits as say something: `0.04`, `3.2`, `41`. */
export function formatUs(us: number): string {
  const ms = us / 1000
  return ms > 0 && ms < 0.1 ? ms.toFixed(2) : formatMs(ms)
}

/** A context window as people say it: `128k`, `1M`. */
export function formatWindow(tokens: number): string {
  if (tokens >= 1_000_000) return `${Number((tokens / 1_000_000).toFixed(1))}M`
  // 128,000 and 131,072 are both called 128k.
  return tokens % 1000 !== 0 && tokens % 1024 === 0 ? `${tokens / 1024}k` : `${Math.round(tokens / 1000)}k`
}

/** A day and a time: `Nov 29, 12:11 AM`. */
export function formatMoment(at: number, language: Language): string {
  const style = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const
  return new Date(at).toLocaleString(language, style)
}

/** The time of day: `12:03`. */
export function formatClock(at: number, language: Language): string {
  return new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hour12: false })
}
