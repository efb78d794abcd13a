import { useEffect, useState } from 'react'

/** Ticks; below zero when it is past. */
export function useSecondsUntil(until: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  return Math.ceil((until - now) / 1000)
}
