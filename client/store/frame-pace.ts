/** Longer than this, and the work of one frame has cost the next. In milliseconds. */
const longMs = 16
/** When callers have used this much of a frame, those that are left wait for the next: drawing what they did comes on top. */
const shareMs = 8
/** How long text may wait at most after a long frame: nobody sees it come two frames later. */
const restAtMostMs = 34

export interface FramePace {
  /** Calls back before a paint. Returns the cancel. */
  readonly schedule: (flush: () => void) => () => void
  /** The person pressed a key: the next frame is for what that changes, the one after it for others again. */
  keyPressed(): void
}

/**
 * A schedule for what others write. While frames are short it is called back in each; after a long one it rests as
 * long as that took, and the work of several callers is spread over frames, so that keys and the mouse find room.
 */
export function createFramePace(options: {
  readonly schedule: (flush: () => void) => () => void
  /** Calls back when the frame that is being made has been painted. */
  readonly afterPaint: (painted: () => void) => void
  readonly now: () => number
}): FramePace {
  const { schedule, afterPaint, now } = options
  let restUntil = Number.NEGATIVE_INFINITY
  let wasLong = false
  /** Somebody has drawn in this frame. */
  let isTaken = false
  let usedMs = 0
  let keyFrame: 'none' | 'next' | 'over' = 'none'

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

  const afterNextFrame = (run: () => void) => schedule(() => afterPaint(run))

  return {
    schedule(flush) {
      let cancel = schedule(due)
      function due(): void {
        const startedAt = now()
        const isFull = isTaken && (wasLong || usedMs >= shareMs)
        if (keyFrame === 'next' || startedAt < restUntil || isFull) {
          cancel = schedule(due)
          return
        }
        if (!isTaken) take()
        flush()
        usedMs += now() - startedAt
      }
      return () => cancel()
    },
    keyPressed() {
      if (keyFrame !== 'none') return
      keyFrame = 'next'
      afterNextFrame(() => {
        keyFrame = 'over'
        afterNextFrame(() => {
          keyFrame = 'none'
        })
      })
    },
  }
}
