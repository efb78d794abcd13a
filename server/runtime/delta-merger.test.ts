import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ModelEvent } from '../../core/engine/model-stream.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { DeltaMerger } from './delta-merger.ts'

function makeMerger() {
  const timers = new ManualTimers()
  const out: { event: ModelEvent; inAt: number; at: number }[] = []
  const merger = new DeltaMerger({ clock: timers.clock, timers }, (event, inAt) =>
    out.push({ event, inAt, at: timers.clock.monotonic() }),
  )
  const read = (...texts: readonly string[]) => {
    for (const text of texts) merger.push({ type: 'textDelta', text })
    timers.settle()
  }
  const taken = () => out.splice(0).map(({ event }) => (event.type === 'textDelta' ? event.text : event.type))
  return { timers, merger, read, taken, out }
}

test('[OUTBOX-31] what is read in one piece is one delta, at once', () => {
  const { read, taken } = makeMerger()
  read('a', 'b', 'c')
  expect(taken()).toEqual(['abc'])
})

test('[OUTBOX-31] in a quick stream the second of three pieces waits for the third, which takes it along', () => {
  const { timers, read, taken } = makeMerger()
  const perPiece: string[][] = []
  for (let piece = 0; piece < 9; piece++) {
    read(`${piece}`, '.')
    perPiece.push(taken())
    timers.advance(1)
  }
  expect(perPiece).toEqual([['0.'], [], ['1.2.'], ['3.'], [], ['4.5.'], ['6.'], [], ['7.8.']])
})

test('[OUTBOX-31] a piece that nothing follows waits 5 ms at most, and at the pace of a slow stream nothing waits', () => {
  const { timers, read, taken } = makeMerger()
  read('a')
  timers.advance(1)
  read('b')
  expect(taken()).toEqual(['a'])
  timers.advance(4)
  expect(taken()).toEqual([])
  timers.advance(1)
  expect(taken()).toEqual(['b'])
  for (const text of ['c', 'd', 'e']) {
    timers.advance(2)
    read(text)
    expect(taken()).toEqual([text])
  }
})

test('[OUTBOX-31] whatever the pace, all comes in order, no text is lost and none waits longer than that', () => {
  const kind = fc.constantFrom('textDelta', 'reasoningDelta', 'toolCallDelta', 'heard')
  const act = fc.oneof(
    fc.record({ do: fc.constant('read' as const), kinds: fc.array(kind, { minLength: 1, maxLength: 4 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(7) }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const { timers, merger, out } = makeMerger()
      const pushed: string[] = []
      for (const one of acts) {
        if (one.do === 'wait') {
          timers.advance(one.ms)
          continue
        }
        for (const type of one.kinds) {
          const text = String.fromCharCode(97 + (pushed.length % 26))
          pushed.push(type === 'heard' ? 'heard' : `${type} ${text}`)
          if (type === 'heard') merger.push({ type })
          else if (type === 'toolCallDelta') merger.push({ type, callId: 'c', delta: text })
          else merger.push({ type, text } as ModelEvent)
        }
        timers.settle()
      }
      timers.advance(5)
      const got = out.flatMap(({ event }) => {
        const text = 'text' in event ? event.text : 'delta' in event ? event.delta : undefined
        return text === undefined ? [event.type] : [...text].map((char) => `${event.type} ${char}`)
      })
      expect(got).toEqual(pushed)
      for (const { inAt, at } of out) expect(at - inAt).toBeLessThanOrEqual(5)
    }),
  )
})
