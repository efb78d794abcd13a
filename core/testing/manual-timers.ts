/** Timers that a test moves by hand. */
export interface ManualTimers {
  after(ms: number, run: () => void): () => void
  /** Runs what falls due within the next `ms`, in order. */
  advance(ms: number): void
  /** How long the next one still waits; `undefined` when none waits. */
  nextIn(): number | undefined
}

export function createManualTimers(): ManualTimers {
  let now = 0
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>()
  const next = () => [...waiting].sort((a, b) => a.at - b.at)[0]
  return {
    after(ms, run) {
      const timer = { at: now + ms, run }
      waiting.add(timer)
      return () => waiting.delete(timer)
    },
    advance(ms) {
      const end = now + ms
      for (let timer = next(); timer && timer.at <= end; timer = next()) {
        waiting.delete(timer)
        now = timer.at
        timer.run()
      }
      now = end
    },
    nextIn() {
      const timer = next()
      return timer && timer.at - now
    },
  }
}
