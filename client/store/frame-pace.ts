/** Longer than this, and the work of one frame has cost the next. In milliseconds. */
const longMs = 16
/** When callers have used this much of a frame, those that are left wait for the next: drawing what they did comes on top. */
const shareMs = 8
/** How long text may wait at most after a long frame: nobody sees it come two frames later. */
const restAtMostMs = 34

/**
 * A schedule for what others write. While frames are short it is called back in each; after a long one it rests as
 * long as that took, and the work of several callers is spread over frames, so that keys and the mouse find room.
 */
export function createFramePace(options: {
  readonly schedule: (flush: () => void) => () => void
  /** Calls back when the frame that is being made has been painted. */
  readonly afterPaint: (painted: () => void) => void
  readonly now: () => number
}): (flush: () => void) => () => void {
  const { schedule, afterPaint, now } = options
  let restUntil = Number.NEGATIVE_INFINITY
  let wasLong = false
  /** Somebody has drawn in this frame. */
  let isTaken = false
  let usedMs = 0

  function take(): void {
    isTaken = true
    usedMs = 0
    const startedAt = now()
    afterPaint(() => {
      isTaken = false
      const endedAt = now()
      const tookMs = endedAt - startedAt
      wasLong = tookMs > longMs
      if (wasLong) restUntil = endedAt + Math.min(tookMs, restAtMostMs)
    })
  }

  return (flush) => {
    let cancel = schedule(due)
    function due(): void {
      const startedAt = now()
      if (startedAt < restUntil || (isTaken && (wasLong || usedMs >= shareMs))) {
        cancel = schedule(due)
        return
      }
      if (!isTaken) take()
      flush()
      usedMs += now() - startedAt
    }
    return () => cancel()
  }
}
