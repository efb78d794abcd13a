import { expect, test } from 'vitest'
import { createRedraw } from './redraw.ts'

/** A page whose frames and timers come when the test says so. */
function setUp() {
  let frame: (() => void) | undefined
  let timer: { readonly ms: number; readonly run: () => void } | undefined
  let draws = 0
  const redraw = createRedraw({
    draw() {
      draws++
      redraw.drawn(streams)
    },
    schedule(flush) {
      frame = flush
      return () => {
        frame = undefined
      }
    },
    after(ms, run) {
      timer = { ms, run }
      return () => {
        timer = undefined
      }
    },
  })
  let streams = false
  return {
    redraw,
    draws: () => draws,
    frame: () => frame?.(),
    wait: () => timer?.run(),
    waits: () => timer?.ms,
    stream(value: boolean) {
      streams = value
      redraw.drawn(value)
    },
  }
}

test('[FRAME-20] while text streams, marks are drawn along with it', () => {
  const { redraw, draws, frame, waits, stream } = setUp()
  stream(true)
  redraw.withText()
  frame()
  expect(draws()).toBe(0)
  // The text has come.
  stream(true)
  expect(waits()).toBeUndefined()
})

test('[FRAME-20] when no more text comes they are drawn 100 ms later', () => {
  const { redraw, draws, frame, wait, waits, stream } = setUp()
  stream(true)
  redraw.withText()
  redraw.withText()
  expect(waits()).toBe(100)
  wait()
  frame()
  expect([draws(), waits()]).toEqual([1, undefined])
})

test('[FRAME-20] without a stream, and for what the person does, marks are drawn in the next frame', () => {
  const { redraw, draws, frame, waits, stream } = setUp()
  redraw.withText()
  frame()
  expect(draws()).toBe(1)
  stream(true)
  redraw.withText()
  redraw.soon()
  frame()
  expect([draws(), waits()]).toEqual([2, undefined])
})

test('[FRAME-20] nothing is drawn after the end', () => {
  const { redraw, draws, frame, wait, stream } = setUp()
  redraw.soon()
  stream(true)
  redraw.withText()
  redraw.dispose()
  frame()
  wait()
  expect(draws()).toBe(0)
})
