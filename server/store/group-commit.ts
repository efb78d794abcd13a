/**
 * Joins writes into transactions: one at a time, the next at the earliest `waitMs` after the last began. A lone write
 * goes at once; writes that come close together share one fsync.
 */
export function createGroupCommit<Unit, Outcome>({
  commit,
  waitMs,
}: {
  readonly commit: (units: readonly Unit[]) => Promise<readonly Outcome[]>
  readonly waitMs: number
}): { add(unit: Unit): Promise<Outcome>; settled(): Promise<void> } {
  interface Entry {
    readonly unit: Unit
    resolve(outcome: Outcome): void
    reject(error: unknown): void
  }
  let queue: Entry[] = []
  let busy = false
  let resting = false
  let scheduled = false
  let idle: (() => void)[] = []

  function schedule(): void {
    if (busy || resting || scheduled || queue.length === 0) return
    scheduled = true
    // After all that is to be done now, so that what several topics store of one act goes together.
    setImmediate(() => {
      scheduled = false
      void flush()
    })
  }

  async function flush(): Promise<void> {
    const entries = queue
    queue = []
    busy = true
    resting = true
    setTimeout(() => {
      resting = false
      schedule()
    }, waitMs)
    try {
      const outcomes = await commit(entries.map((entry) => entry.unit))
      entries.forEach((entry, index) => {
        const outcome = outcomes[index]
        if (outcome === undefined) entry.reject(new Error('The commit did not answer for every write.'))
        else entry.resolve(outcome)
      })
    } catch (error) {
      for (const entry of entries) entry.reject(error)
    }
    busy = false
    if (queue.length > 0) return schedule()
    for (const resolve of idle) resolve()
    idle = []
  }

  return {
    add(unit) {
      return new Promise((resolve, reject) => {
        queue.push({ unit, resolve, reject })
        schedule()
      })
    },
    /** Resolves when nothing is queued or under way. */
    async settled() {
      if (busy || queue.length > 0) await new Promise<void>((resolve) => idle.push(resolve))
    },
  }
}
