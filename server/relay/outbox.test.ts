import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { FakeTransport } from '../testing/fake-transport.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { type Delta, Outbox } from './outbox.ts'

const topic = 'thread:thr_1'

function delta(offset: number, text: string, item = 1): Delta {
  const turnId = turnIdSchema.parse('trn_1')
  return { type: 'item/delta', turnId, itemId: itemIdSchema.parse(`trn_1.${item}`), offset, text }
}

function makeOutbox() {
  const transport = new FakeTransport()
  const timers = new ManualTimers()
  return { transport, timers, outbox: new Outbox(transport, timers) }
}

test('[RELAY-1] a delta leaves as soon as what is being read now has been handled, joined with its neighbours', () => {
  const { transport, timers, outbox } = makeOutbox()
  outbox.delta(topic, delta(0, 'a'))
  outbox.delta(topic, delta(1, 'b'))
  expect(transport.sent).toEqual([])
  timers.settle()
  expect(transport.take()).toEqual([{ topic, event: delta(0, 'ab') }])
})

test('[RELAY-2] under load the deltas of one item are joined for at most the coalescing window', () => {
  const { transport, timers, outbox } = makeOutbox()
  transport.buffered = 10
  outbox.delta(topic, delta(0, 'a'))
  timers.settle()
  outbox.delta(topic, delta(1, 'b'))
  outbox.delta(topic, delta(0, 'x', 2))
  expect(transport.sent).toEqual([])
  timers.advance(limits.coalesceMs)
  expect(transport.sent).toHaveLength(1)
  expect(transport.take()).toEqual([
    { topic, event: delta(0, 'ab') },
    { topic, event: delta(0, 'x', 2) },
  ])
})

test('[RELAY-3] anything else sends what waits first, so that order never changes', () => {
  const { transport, outbox } = makeOutbox()
  outbox.delta(topic, delta(0, 'a'))
  outbox.event(topic, '{"seq":1}')
  outbox.delta(topic, delta(1, 'b'))
  outbox.response('{"id":1}')
  expect(transport.take()).toEqual([
    { topic, event: delta(0, 'a') },
    { seq: 1 },
    { topic, event: delta(1, 'b') },
    { id: 1 },
  ])
})

test('[RELAY-72] what nobody waits for goes along with what is sent next, before it, or alone a moment later', () => {
  const { transport, timers, outbox } = makeOutbox()
  outbox.patient('list', '{"seq":1}')
  outbox.patient('list', '{"seq":2}')
  expect(transport.take()).toEqual([])
  outbox.event('list', '{"seq":3}')
  expect(transport.take()).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  outbox.patient('list', '{"seq":4}')
  outbox.delta(topic, delta(0, 'a'))
  timers.settle()
  expect(transport.take()).toEqual([{ seq: 4 }, { topic, event: delta(0, 'a') }])
  outbox.patient('list', '{"seq":5}')
  timers.advance(limits.patientMs - 1)
  expect(transport.take()).toEqual([])
  timers.advance(1)
  expect(transport.take()).toEqual([{ seq: 5 }])
})

test('[RELAY-72] it is dropped with its topic, and with the session', () => {
  const { transport, timers, outbox } = makeOutbox()
  outbox.patient('list', '{"seq":1}')
  transport.buffered = limits.outboxBytes + 1
  outbox.patient('list', '{"seq":2}')
  transport.buffered = 0
  timers.advance(limits.patientMs)
  expect(transport.take()).toEqual([{ lagging: ['list'] }])
  outbox.patient('list', '{"seq":3}')
  outbox.close()
  timers.advance(limits.patientMs)
  expect(transport.take()).toEqual([])
})

test('[RELAY-4] past its bound the outbox drops a topic and says so when the socket has drained', () => {
  const { transport, timers, outbox } = makeOutbox()
  transport.buffered = limits.outboxBytes + 1
  outbox.delta(topic, delta(0, 'a'))
  outbox.event(topic, '{"seq":1}')
  timers.advance(200)
  expect(transport.sent).toEqual([])
  transport.buffered = 0
  timers.advance(50)
  expect(transport.take()).toEqual([{ lagging: [topic] }])
  outbox.event(topic, '{"seq":2}')
  expect(transport.take()).toEqual([{ seq: 2 }])
})

test('[RELAY-5] documents: one large frame is always taken, a browser that takes no more is given up', () => {
  const { transport, outbox } = makeOutbox()
  const large = new Uint8Array(10 * 1024 * 1024)
  expect(outbox.binary(large)).toBe(true)
  transport.buffered = large.length
  expect(outbox.binary(new Uint8Array(10))).toBe(true)
  transport.buffered = large.length + limits.outboxBytes + 1
  expect(outbox.binary(new Uint8Array(10))).toBe(false)
})

test('[RELAY-6] whatever the pace and the load, the text of an item arrives whole and in order', () => {
  const action = fc.oneof(
    fc.record({
      kind: fc.constant('delta' as const),
      item: fc.integer({ min: 1, max: 3 }),
      text: fc.string({ minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(12) }),
    fc.record({ kind: fc.constant('buffer' as const), bytes: fc.nat(1000) }),
    fc.record({ kind: fc.constant('event' as const) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const { transport, timers, outbox } = makeOutbox()
      const expected = new Map<number, string>()
      for (const act of actions) {
        if (act.kind === 'delta') {
          const before = expected.get(act.item) ?? ''
          outbox.delta(topic, delta(before.length, act.text, act.item))
          expected.set(act.item, before + act.text)
        } else if (act.kind === 'advance') timers.advance(act.ms)
        else if (act.kind === 'buffer') transport.buffered = act.bytes
        else outbox.event(topic, '{"event":{"type":"x"}}')
      }
      timers.advance(100)
      const got = new Map<number, string>()
      for (const frame of transport.take() as { event: Delta }[]) {
        if (frame.event.type !== 'item/delta') continue
        const item = Number(frame.event.itemId.split('.')[1])
        const text = got.get(item) ?? ''
        expect(frame.event.offset).toBe(text.length)
        got.set(item, text + frame.event.text)
      }
      expect(got).toEqual(expected)
    }),
  )
})
