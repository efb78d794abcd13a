/** How late what lies over the text may be while text streams, in milliseconds. */
const lateMs = 100

/** When what lies over the text, marks and carets, is drawn anew. */
export interface Redraw {
  /** In the next frame: the person did something. */
  soon(): void
  /** Along with the model's next text, should that come shortly: the editor draws all of its lines once, not twice. */
  withText(): void
  /** It has been drawn; `streams`: the model writes in the text that is shown. */
  drawn(streams: boolean): void
  dispose(): void
}

export function createRedraw(options: {
  readonly draw: () => void
  /** Calls back before the next paint. Returns the cancel. */
  readonly schedule: (flush: () => void) => () => void
  readonly after: (ms: number, run: () => void) => () => void
}): Redraw {
  const { draw, schedule, after } = options
  let cancelSoon: (() => void) | undefined
  let cancelLate: (() => void) | undefined
  let isStreaming = false

  function cancel(): void {
    cancelSoon?.()
    cancelLate?.()
    cancelSoon = undefined
    cancelLate = undefined
  }

  const soon = () => {
    cancelSoon ??= schedule(draw)
  }

  return {
    soon,
    withText() {
      if (isStreaming) cancelLate ??= after(lateMs, soon)
      else soon()
    },
    drawn(streams) {
      cancel()
      isStreaming = streams
    },
    dispose: cancel,
  }
}
