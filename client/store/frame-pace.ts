/** Longer than this, and the work of one frame has cost the next. In milliseconds. */
const longMs = 16
/** Work that takes longer than this is no single task any more, and for a while neither is what comes after it. */
const heavyMs = 8
const heavyForMs = 250
/** When callers have used this much for a frame, those that are left wait for the next: drawing what they did comes on top. */
const shareMs = 8
/** How long text may wait at most after a long frame: nobody sees it come two frames later. */
const restAtMostMs = 34

export interface FramePace {
  /** Calls back before a paint, or, while that is heavy, between two of them. Returns the cancel. */
  readonly schedule: (flush: () => void) => () => void
  /** Has something heavy drawn between two frames, with what waits; at once by who draws there already. */
  readonly drawApart: (draw: () => void) => void
  /** Calls back when what is drawn now has been painted. */
  readonly afterPaint: (painted: () => void) => void
  /** The person pressed a key: the next frame is for what that changes, the one after it for others again. */
  keyPressed(): void
}

/**
 * A schedule for what others write. While that is little it is called back in each frame. What is heavy is no single
 * task: it is done between two frames, what the browser works out of it comes next, and only painting is left to the
 * frame, so that keys, the mouse and other programs on the same cores find room. After a long frame it rests as long
 * as that took.
 */
export function createFramePace(options: {
  readonly schedule: (flush: () => void) => () => void
  /** Calls back when the frame that is being made has been painted; without one, in a task of its own. */
  readonly afterPaint: (painted: () => void) => void
  readonly after: (ms: number, run: () => void) => () => void
  /** Has the browser work out styles and places of what was drawn, as it would else in the frame. */
  readonly settle: () => void
  readonly now: () => number
}): FramePace {
  const { schedule, afterPaint, after, settle, now } = options
  let waiting: (() => void)[] = []
  const apart: (() => void)[] = []
  let restUntil = Number.NEGATIVE_INFINITY
  let heavyUntil = Number.NEGATIVE_INFINITY
  let isResting = false
  let hasFrame = false
  /** Somebody has drawn for the next paint. */
  let isTaken = false
  /** And draws at this moment, between two frames. */
  let isApart = false
  let keyFrame: 'none' | 'next' | 'over' = 'none'

  const isHeavy = () => now() < heavyUntil

  /** Sees to it that those who wait have their turn. */
  function go(): void {
    // Told again when what stands in the way is over.
    if (waiting.length === 0 || hasFrame || isResting || isTaken || keyFrame === 'next') return
    if (!isHeavy()) {
      hasFrame = true
      schedule(inFrame)
      return
    }
    const restMs = restUntil - now()
    if (restMs > 0) {
      isResting = true
      after(restMs, () => {
        isResting = false
        go()
      })
      return
    }
    takeApart()
  }

  function inFrame(): void {
    hasFrame = false
    try {
      if (isTaken || isHeavy() || keyFrame === 'next') return
      isTaken = true
      untilPainted(learn)
      takeTurns()
    } finally {
      go()
    }
  }

  function takeTurns(): void {
    const startedAt = now()
    // Who is called back and comes again has the next frame.
    for (let turns = waiting.length; turns > 0 && now() - startedAt < shareMs; turns--) waiting.shift()?.()
  }

  function untilPainted(painted: (tookMs: number) => void): void {
    const startedAt = now()
    afterPaint(() => {
      isTaken = false
      painted(now() - startedAt)
      const next = apart.shift()
      if (next) takeApart(next)
      else go()
    })
  }

  function learn(tookMs: number): void {
    if (tookMs > heavyMs) heavyUntil = now() + heavyForMs
    if (tookMs > longMs) restUntil = now() + Math.min(tookMs, restAtMostMs)
  }

  /** Those who wait, and `draw` after them: what it shows is new then. */
  function takeApart(draw?: () => void): void {
    isTaken = true
    let tookMs = 0
    const part = (run: () => void) => {
      const startedAt = now()
      run()
      tookMs += now() - startedAt
    }
    const begin = () => {
      const isOfOthers = waiting.length > 0
      // What comes next is seen to first: the frame may come before it, and an error in drawing must not stop it.
      schedule(() =>
        untilPainted((frameMs) => {
          if (isOfOthers) learn(tookMs + frameMs)
        }),
      )
      afterPaint(() => part(settle))
      part(() => drawNow(draw))
    }
    afterPaint(() => {
      if (keyFrame === 'next') schedule(() => afterPaint(begin))
      else begin()
    })
  }

  function drawNow(draw: (() => void) | undefined): void {
    isApart = true
    try {
      takeTurns()
      draw?.()
    } finally {
      isApart = false
    }
  }

  const afterNextFrame = (run: () => void) => schedule(() => afterPaint(run))

  return {
    schedule(flush) {
      // One of its own: the same function may wait twice.
      const turn = () => flush()
      waiting.push(turn)
      go()
      return () => {
        waiting = waiting.filter((other) => other !== turn)
      }
    },
    drawApart(draw) {
      if (isApart) draw()
      else if (isTaken) apart.push(draw)
      else takeApart(draw)
    },
    afterPaint(painted) {
      if (isApart) afterNextFrame(painted)
      else afterPaint(painted)
    },
    keyPressed() {
      if (keyFrame !== 'none') return
      keyFrame = 'next'
      afterNextFrame(() => {
        keyFrame = 'over'
        go()
        afterNextFrame(() => {
          keyFrame = 'none'
        })
      })
    },
  }
}
