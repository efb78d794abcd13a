import { expect, test } from 'vitest'
import { ManualClock } from '../../core/lib/clock.ts'
import { createFramePace } from './frame-pace.ts'

/** A page with a frame every 10 ms, in which each caller's work takes its time. */
function setUp() {
  const clock = new ManualClock()
  let callers: (() => void)[] = []
  const painted: (() => void)[] = []
  const pace = createFramePace({
    schedule(flush) {
      callers.push(flush)
      return () => {
        callers = callers.filter((other) => other !== flush)
      }
    },
    afterPaint: (tell) => painted.push(tell),
    now: () => clock.monotonic(),
  })
  const frame = () => {
    const due = callers
    callers = []
    for (const flush of due) flush()
    for (const tell of painted.splice(0)) tell()
    clock.advance(10)
  }
  const work = (name: string, ms: number, done: string[]) =>
    pace.schedule(() => {
      clock.advance(ms)
      done.push(name)
    })
  return { frame, work, keyPressed: pace.keyPressed }
}

test('[FRAME-3] short frames take all that has come, each of them', () => {
  const { frame, work } = setUp()
  const done: string[] = []
  for (let i = 0; i < 3; i++) {
    work('chat', 2, done)
    work('text', 3, done)
    frame()
  }
  expect(done).toEqual(['chat', 'text', 'chat', 'text', 'chat', 'text'])
})

test('[FRAME-4] after a long frame others’ text waits as long as that took, two frames at most, and callers take turns', () => {
  const { frame, work } = setUp()
  const done: string[] = []
  work('text', 25, done)
  frame()
  work('text', 5, done)
  work('chat', 5, done)
  frame()
  frame()
  expect(done).toEqual(['text'])
  frame()
  expect(done).toEqual(['text', 'text'])
  frame()
  expect(done).toEqual(['text', 'text', 'chat'])

  work('text', 500, done)
  frame()
  work('text', 5, done)
  for (let i = 0; i < 3; i++) frame()
  expect(done).toHaveLength(4)
  frame()
  expect(done).toHaveLength(5)
})

test('[FRAME-7] who comes late in a frame that others have filled waits for the next', () => {
  const { frame, work } = setUp()
  const done: string[] = []
  work('text', 9, done)
  work('chat', 3, done)
  work('outline', 3, done)
  frame()
  expect(done).toEqual(['text'])
  work('text', 9, done)
  frame()
  expect(done).toEqual(['text', 'chat', 'outline', 'text'])
})

test('[FRAME-4] what is cancelled while it waits is not done', () => {
  const { frame, work } = setUp()
  const done: string[] = []
  work('text', 25, done)
  frame()
  const cancel = work('text', 5, done)
  frame()
  cancel()
  for (let i = 0; i < 5; i++) frame()
  expect(done).toEqual(['text'])
})

test('[FRAME-23] the frame that shows what a key changed is for that alone, and of two frames one is for others', () => {
  const { frame, work, keyPressed } = setUp()
  const done: string[] = []
  work('text', 2, done)
  keyPressed()
  frame()
  expect(done).toEqual([])
  keyPressed()
  frame()
  expect(done).toEqual(['text'])
  work('text', 2, done)
  keyPressed()
  frame()
  expect(done).toEqual(['text'])
  frame()
  expect(done).toEqual(['text', 'text'])
})
