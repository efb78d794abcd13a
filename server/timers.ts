/** Something is due unless it is put off or cancelled; putting it off costs next to nothing. */
export interface Deadline {
  /** The whole time begins anew. */
  putOff(): void
  cancel(): void
}

/** The only source of delays on the server; tests move it by hand. Each call answers its own cancel. */
export interface Timers {
  after(ms: number, run: () => void): () => void
  every(ms: number, run: () => void): () => void
  /** For what is put off again and again. */
  deadline(ms: number, run: () => void): Deadline
  /** As soon as what was read from a socket in one piece has been handled. */
  soon(run: () => void): void
  /** When what is ready to be read now has been read. */
  later(run: () => void): void
}

const settled = Promise.resolve()

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
  deadline(ms, run) {
    const timer = setTimeout(run, ms)
    return { putOff: () => timer.refresh(), cancel: () => clearTimeout(timer) }
  },
  soon(run) {
    // `queueMicrotask` makes an async resource each time, which a token would pay for four times.
    void settled.then(run)
  },
  later(run) {
    setImmediate(run)
  },
}
