import { useSecondsUntil } from './use-seconds-until.ts'
import { useTranslate } from './use-translate.ts'

/** In words, ticking; at least a second. */
export function useTimeUntil(at: number): string {
  const seconds = useSecondsUntil(at)
  return useDuration()(Math.max(1, seconds))
}

/** Seconds as people say them: `42 s`, `15 min`, `9 h`. */
export function useDuration(): (seconds: number) => string {
  const t = useTranslate()
  return (seconds) => {
    if (seconds < 120) return t('limits.seconds', { count: seconds })
    const minutes = Math.ceil(seconds / 60)
    if (minutes < 120) return t('limits.minutes', { count: minutes })
    return t('limits.hours', { count: Math.ceil(minutes / 60) })
  }
}
