import { expect, test } from 'vitest'
import { ManualClock } from '../../core/lib/clock.ts'
import { createFramePace } from './frame-pace.ts'

/** A page with a frame every 10 ms, in which each caller's work takes its time. */
function setUp({ settleMs = 0 } = {}) {
  const clock = new ManualClock()
  let callers: (() => void)[] = []
  let timers: { readonly at: number; readonly run: () => void }[] = []
  const messages: (() => void)[] = []
  let log: string[] = []
  const logs: string[][] = []
  const pace = createFramePace({
    schedule(flush) {
      callers.push(flush)
      return () => {
        callers = callers.filter((other) => other !== flush)
      }
    },
    afterPaint: (tell) => messages.push(tell),
    after(ms, run) {
      const timer = { at: clock.monotonic() + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    settle() {
      clock.advance(settleMs)
      log.push('settle')
    },
    now: () => clock.monotonic(),
  })
  const task = (run: () => void) => {
    run()
    if (log.length > 0) logs.push(log)
    log = []
  }
  /** Tasks between two frames. */
  const rest = () => {
    const due = timers.filter(({ at }) => at <= clock.monotonic())
    timers = timers.filter((timer) => !due.includes(timer))
    for (const { run } of due) task(run)
    for (let tell = messages.shift(); tell; tell = messages.shift()) task(tell)
  }
  const frame = (beforePaint?: () => void) => {
    rest()
    task(() => {
      const due = callers
      callers = []
      for (const flush of due) flush()
      beforePaint?.()
      log.push('paint')
    })
    rest()
    clock.advance(10)
  }
  const doing = (name: string, ms: number) => () => {
    clock.advance(ms)
    log.push(name)
  }
  const work = (name: string, ms: number) => pace.schedule(doing(name, ms))
  const drawApart = (name: string, ms: number) => pace.drawApart(doing(name, ms))
  /** What was done since this was asked last: tasks, and what each of them did. */
  const tasks = () =>
    logs
      .splice(0)
      .map((each) => each.join('+'))
      .join(' | ')
  const note = (name: string) => () => log.push(name)
  const pass = (ms: number) => clock.advance(ms)
  return {
    frame,
    work,
    schedule: pace.schedule,
    drawApart,
    keyPressed: pace.keyPressed,
    tasks,
    pass,
    afterPaint: pace.afterPaint,
    note,
  }
}

test('[FRAME-3] while what others write is little, each frame shows all that has come', () => {
  const { frame, work, tasks } = setUp()
  for (let i = 0; i < 3; i++) {
    work('chat', 2)
    work('text', 3)
    frame()
  }
  expect(tasks()).toBe('chat+text+paint | chat+text+paint | chat+text+paint')
})

test('[FRAME-3] who is called back and comes again has the next frame', () => {
  const { frame, work, tasks } = setUp()
  work('text', 1)
  frame(() => work('more', 1))
  expect(tasks()).toBe('text+paint')
  frame()
  expect(tasks()).toBe('more+paint')
})

test('[FRAME-4] after a long frame others’ text rests as long as that took, 34 ms at most', () => {
  const { frame, work, tasks } = setUp({ settleMs: 3 })
  work('text', 25)
  frame()
  expect(tasks()).toBe('text+paint')
  work('text', 5)
  work('chat', 3)
  work('outline', 3)
  frame()
  frame()
  expect(tasks()).toBe('paint | paint')
  frame()
  expect(tasks()).toBe('text+chat | settle | paint | outline | settle')
  frame()
  expect(tasks()).toBe('paint')

  work('text', 500)
  frame()
  work('text', 5)
  expect(tasks()).toBe('text | settle | paint')
  for (let i = 0; i < 3; i++) frame()
  expect(tasks()).toBe('paint | paint | paint')
  frame()
  expect(tasks()).toBe('text | settle | paint')
})

test('[FRAME-4] what is cancelled while it waits is not done', () => {
  const { frame, work, tasks } = setUp()
  const cancelFirst = work('text', 5)
  cancelFirst()
  frame()
  work('text', 25)
  frame()
  const cancel = work('text', 5)
  frame()
  cancel()
  for (let i = 0; i < 5; i++) frame()
  expect(tasks()).toBe('paint | text+paint | paint | paint | paint | paint | paint | paint')
})

test('[FRAME-7] who comes late in a frame that others have filled waits for the next', () => {
  const { frame, work, tasks } = setUp()
  work('text', 8)
  work('chat', 3)
  work('outline', 3)
  frame()
  expect(tasks()).toBe('text+paint')
  work('text', 8)
  frame()
  expect(tasks()).toBe('chat+outline+text+paint')
})

test('[FRAME-23] the frame that shows what a key changed is for that alone, and of two frames one is for others', () => {
  const { frame, work, keyPressed, tasks } = setUp()
  work('text', 2)
  keyPressed()
  frame()
  expect(tasks()).toBe('paint')
  keyPressed()
  frame()
  expect(tasks()).toBe('text+paint')
  work('text', 2)
  keyPressed()
  frame()
  expect(tasks()).toBe('paint')
  frame()
  expect(tasks()).toBe('text+paint')
})

test('[FRAME-24] what is heavy is three tasks: drawing and working out between two frames, and the frame', () => {
  const { frame, work, tasks, pass } = setUp({ settleMs: 2 })
  work('text', 13)
  work('chat', 1)
  frame()
  expect(tasks()).toBe('text+paint | chat | settle')
  frame()
  expect(tasks()).toBe('paint')
  // It is no heavier than that now, but may be again.
  work('text', 3)
  work('chat', 1)
  frame()
  expect(tasks()).toBe('text+chat | settle | paint')
  pass(250)
  work('text', 3)
  work('chat', 1)
  frame()
  expect(tasks()).toBe('text+chat+paint')
})

test('[FRAME-24] parts that are long together count as a long frame', () => {
  const { frame, work, tasks } = setUp({ settleMs: 8 })
  work('text', 13)
  frame()
  work('text', 9)
  frame()
  expect(tasks()).toBe('text+paint | text | settle | paint')
  work('text', 1)
  frame()
  expect(tasks()).toBe('paint')
  frame()
  expect(tasks()).toBe('text | settle | paint')
})

test('[FRAME-24] the frame of a key comes before what is heavy', () => {
  const { frame, work, keyPressed, tasks } = setUp()
  work('text', 13)
  frame()
  tasks()
  keyPressed()
  work('text', 9)
  frame()
  expect(tasks()).toBe('paint | text | settle')
})

test('[FRAME-24] an error in drawing stops nothing that comes after it', () => {
  const { frame, work, tasks, schedule } = setUp()
  work('text', 13)
  frame()
  schedule(() => {
    throw new Error('broken')
  })
  expect(() => frame()).toThrow('broken')
  work('text', 9)
  frame()
  frame()
  expect(tasks()).toContain('text | settle | paint')
})

test('[FRAME-25] a jump is drawn between two frames with what waits, and no other text until it is painted', () => {
  const { frame, work, drawApart, tasks } = setUp()
  work('text', 2)
  frame(() => {
    drawApart('jump', 7)
    work('text', 1)
  })
  expect(tasks()).toBe('text+paint | text+jump | settle')
  work('text', 2)
  frame()
  expect(tasks()).toBe('paint')
  frame()
  expect(tasks()).toBe('text+paint')
  drawApart('jump', 7)
  drawApart('jump', 7)
  frame()
  frame()
  expect(tasks()).toBe('jump | settle | paint | jump | settle | paint')
})

test('[FRAME-25] the frame of a key comes before a jump', () => {
  const { frame, drawApart, keyPressed, tasks } = setUp()
  frame(() => {
    drawApart('jump', 9)
    keyPressed()
  })
  expect(tasks()).toBe('paint')
  frame()
  expect(tasks()).toBe('paint | jump | settle')
})

test('[FRAME-27] what is drawn between two frames counts as painted when the second is', () => {
  const { frame, work, schedule, tasks, afterPaint, note } = setUp()
  schedule(() => afterPaint(note('painted')))
  work('text', 13)
  frame()
  expect(tasks()).toBe('text+paint | painted')
  schedule(() => afterPaint(note('painted')))
  frame()
  expect(tasks()).toBe('settle | paint | painted')
})
