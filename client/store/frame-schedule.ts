/** How late a hidden tab, which has no frames, may be. */
const hiddenMs = 100

/** Calls `flush` before the next paint; a timer stands in where the browser paints nothing. */
export function scheduleFrame(flush: () => void): () => void {
  const run = () => {
    cancel()
    flush()
  }
  const frame = requestAnimationFrame(run)
  const timer = setTimeout(run, hiddenMs)
  const cancel = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  return cancel
}

/** Calls back when the frame that is being made has been painted: a message of now comes after that. */
export function afterPaint(painted: () => void): void {
  const channel = new MessageChannel()
  channel.port1.onmessage = () => {
    channel.port1.close()
    painted()
  }
  channel.port2.postMessage(0)
}
