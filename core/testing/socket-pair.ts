/** One end of an in-memory socket. What is sent waits until the pair is flushed. */
export interface PairEnd {
  send(frame: string | Uint8Array): void
  close(code?: number): void
  bufferedBytes(): number
  onFrame: (frame: string | Uint8Array) => void
  onClose: (code: number) => void
}

export interface SocketPair {
  readonly browser: PairEnd
  readonly server: PairEnd
  /** Frames that wait, both ways. */
  readonly inFlight: number
  /** Delivers the oldest waiting frame; false when none waits. */
  deliverOne(): boolean
  /** Loses what waits and closes both ends, as a cut cable does. */
  cut(code?: number): void
}

/** Two ends joined by one ordered queue that a test empties by hand. */
export function createSocketPair(): SocketPair {
  const queue: { readonly to: PairEnd; readonly frame: string | Uint8Array }[] = []
  let closed = false

  function close(code: number): void {
    if (closed) return
    closed = true
    queue.length = 0
    browser.onClose(code)
    server.onClose(code)
  }
  function createEnd(other: () => PairEnd): PairEnd {
    return {
      send(frame) {
        if (!closed) queue.push({ to: other(), frame })
      },
      close: (code = 1000) => close(code),
      bufferedBytes: () => 0,
      onFrame: () => {},
      onClose: () => {},
    }
  }
  const browser: PairEnd = createEnd(() => server)
  const server: PairEnd = createEnd(() => browser)

  return {
    browser,
    server,
    get inFlight() {
      return queue.length
    },
    deliverOne() {
      const next = queue.shift()
      next?.to.onFrame(next.frame)
      return next !== undefined
    },
    cut: (code = 1006) => close(code),
  }
}
