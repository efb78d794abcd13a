interface Run {
  readonly count: number
  readonly perMs: number
  readonly startedAt: number
  readonly send: (index: number) => void
  readonly flush: () => void
  readonly finish: () => void
  sent: number
}

const running = new Set<Run>()
let ticking = false

/**
 * Calls `send` for each of `count` tokens at the given speed. One ticker of about a millisecond drives all
 * streams, so that a hundred of them cost little; each tick sends all that is due, however late it comes.
 */
export function pace(options: {
  readonly count: number
  /** 0 or Infinity: all at once. */
  readonly tokensPerSecond: number
  readonly signal: AbortSignal
  readonly send: (index: number) => void
  /** Called after each batch. */
  readonly flush: () => void
}): Promise<void> {
  const { count, tokensPerSecond, signal, send, flush } = options
  if (signal.aborted || count === 0) return Promise.resolve()
  if (tokensPerSecond === 0 || tokensPerSecond === Infinity) {
    for (let i = 0; i < count && !signal.aborted; i++) send(i)
    flush()
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    const stop = (): void => finish()
    const finish = (): void => {
      running.delete(run)
      signal.removeEventListener('abort', stop)
      resolve()
    }
    const perMs = tokensPerSecond / 1000
    const run: Run = { count, perMs, startedAt: performance.now(), send, flush, finish, sent: 0 }
    running.add(run)
    signal.addEventListener('abort', stop)
    if (!ticking) {
      ticking = true
      tick()
    }
  })
}

function tick(): void {
  const now = performance.now()
  for (const run of running) {
    const due = Math.min(run.count, Math.floor((now - run.startedAt) * run.perMs) + 1)
    if (due <= run.sent) continue
    while (run.sent < due && running.has(run)) run.send(run.sent++)
    run.flush()
    if (run.sent >= run.count) run.finish()
  }
  if (running.size === 0) ticking = false
  else setTimeout(tick, 1)
}
