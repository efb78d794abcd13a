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
 * A schedule for what others write. While frames are short it is called back in each. After a long one it rests as long
 * as that took; then the callers work in turn, each between two frames, so that the next has only to draw what was done:
 * keys and the mouse find room after the work and after the drawing.
 */
export function createFramePace(options: {
  readonly schedule: (flush: () => void) => () => void
  /** Calls back when the frame that is being made has been painted. */
  readonly afterPaint: (painted: () => void) => void
  readonly after: (ms: number, run: () => void) => () => void
  readonly now: () => number
}): FramePace {
  const { schedule, afterPaint, after, now } = options
  let restUntil = Number.NEGATIVE_INFINITY
  let wasLong = false
  /** Somebody has work in the frame that is being made or comes next. */
  let isTaken = false
  let usedMs = 0
  let keyFrame: 'none' | 'next' | 'over' = 'none'

  /** Measures the frame that is being made, with the work that was done ahead of it. */
  function take(aheadMs: number): void {
    isTaken = true
    usedMs = 0
    const startedAt = now() - aheadMs
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
      let cancel = wait()

      function wait(): () => void {
        return wasLong ? after(Math.max(0, restUntil - now()), workAhead) : schedule(workInFrame)
      }

      function waitAgain(): void {
        cancel = wait()
      }

      function workInFrame(): void {
        if (wasLong) return waitAgain()
        if (keyFrame === 'next' || (isTaken && usedMs >= shareMs)) {
          cancel = schedule(workInFrame)
          return
        }
        if (!isTaken) take(0)
        usedMs += timed(flush)
      }

      function workAhead(): void {
        // Timers may be early by less than a millisecond.
        if (keyFrame === 'next' || isTaken || now() + 1 < restUntil) {
          cancel = schedule(waitAgain)
          return
        }
        isTaken = true
        const aheadMs = timed(flush)
        schedule(() => take(aheadMs))
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

  function timed(work: () => void): number {
    const startedAt = now()
    work()
    return now() - startedAt
  }
}
