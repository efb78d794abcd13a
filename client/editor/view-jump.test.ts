import { expect, test } from 'vitest'
import { createViewJump } from './view-jump.ts'

function setUp() {
  const jumps: number[] = []
  let waiting: (() => void)[] = []
  const jump = createViewJump(
    {
      // Two parts with a fold between them.
      getVisibleRanges: () =>
        [
          { startLineNumber: 10, endLineNumber: 20 },
          { startLineNumber: 30, endLineNumber: 40 },
        ] as never,
      revealLineInCenterIfOutsideViewport: (line) => jumps.push(line),
    },
    (flush) => {
      waiting.push(flush)
      return () => {
        waiting = waiting.filter((other) => other !== flush)
      }
    },
  )
  const frame = () => {
    for (const flush of waiting.splice(0)) flush()
  }
  return { jump, jumps, frame }
}

test('[FRAME-24] a jump waits for the frame after the one that draws text, and goes to the latest place', () => {
  const { jump, jumps, frame } = setUp()
  jump.to(50, true)
  jump.to(52, true)
  expect(jumps).toEqual([])
  frame()
  expect(jumps).toEqual([52])
  frame()
  expect(jumps).toEqual([52])
})

test('[FRAME-24] without text the view jumps at once, and never for what is in sight', () => {
  const { jump, jumps, frame } = setUp()
  jump.to(9, false)
  jump.to(40, false)
  expect(jumps).toEqual([9, 40])
  jump.to(11, false)
  jump.to(39, true)
  frame()
  expect(jumps).toEqual([9, 40])
})

test('[FRAME-24] a view that the person has taken elsewhere by then does not jump', () => {
  const { jump, jumps, frame } = setUp()
  jump.to(50, true)
  jump.cancel()
  frame()
  expect(jumps).toEqual([])
})
