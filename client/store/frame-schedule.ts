/** How late a hidden tab, which has no frames, may be. */
const hiddenMs = 100

/** A frame is being made. */
let isInFrame = false

/** Calls `flush` before the next paint; a timer stands in where the browser paints nothing. */
export function scheduleFrame(flush: () => void): () => void {
  const run = () => {
    cancel()
    isInFrame = true
    try {
      flush()
    } finally {
      isInFrame = false
    }
  }
  const frame = requestAnimationFrame(run)
  const timer = setTimeout(run, hiddenMs)
  const cancel = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  return cancel
}

/** Calls back when the frame that is being made, else the next, has been painted: a message of then comes after that. */
export function afterPaint(painted: () => void): void {
  if (!isInFrame) {
    scheduleFrame(() => afterPaint(painted))
    return
  }
  const channel = new MessageChannel()
  channel.port1.onmessage = () => {
    channel.port1.close()
    painted()
  }
  channel.port2.postMessage(0)
}
