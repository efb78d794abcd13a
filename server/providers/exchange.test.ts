import { expect, test } from 'vitest'
import type { ModelEvent } from '../../core/engine/model-stream.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { patientTimeouts } from '../testing/provider-requests.ts'
import { Exchange } from './exchange.ts'

function begin() {
  const timers = new ManualTimers()
  const events: ModelEvent[] = []
  let cuts = 0
  const timeouts = { ...patientTimeouts, firstByteMs: 1000, stallMs: 100 }
  const exchange = new Exchange({
    signal: new AbortController().signal,
    timeouts,
    timers,
    onEvent: (event) => events.push(event),
  })
  exchange.attach(() => {
    cuts++
  })
  const failures = () =>
    events.flatMap((event) => (event.type === 'failed' ? [`${event.failure.code}, ${cuts} cut`] : []))
  return { timers, exchange, failures }
}

test('[UPLINK-20] each sign of life begins the wait anew: short within output, long before and between', () => {
  const { timers, exchange, failures } = begin()
  timers.advance(999)
  exchange.alive('brisk')
  for (let token = 0; token < 20; token++) {
    timers.advance(99)
    exchange.alive('brisk')
  }
  timers.advance(99)
  exchange.alive('patient')
  timers.advance(999)
  exchange.alive('patient')
  timers.advance(999)
  expect(failures()).toEqual([])
  timers.advance(1)
  expect(failures()).toEqual(['timedOut, 1 cut'])
})

test('[UPLINK-20] a silence within output ends the answer once, and an answer that is over has none', () => {
  const stalled = begin()
  stalled.exchange.alive('brisk')
  stalled.timers.advance(100)
  stalled.timers.advance(10_000)
  expect(stalled.failures()).toEqual(['stalled, 1 cut'])
  const over = begin()
  over.exchange.alive('brisk')
  over.exchange.complete()
  over.timers.advance(10_000)
  expect(over.failures()).toEqual([])
})
