import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { itemIdSchema, threadIdSchema, turnIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { createFrameBatcher, joinDeltas } from './frame-batcher.ts'

const turnId = turnIdSchema.parse('trn_a')
const items = ['trn_a.1', 'trn_a.2'].map((id) => itemIdSchema.parse(id))

function delta(item: number, offset: number, text: string): ThreadEvent {
  return { type: 'item/delta', turnId, itemId: items[item]!, offset, text }
}

function threadWithItems(): ThreadState {
  const events: ThreadEvent[] = [
    {
      type: 'thread/created',
      id: threadIdSchema.parse('thr_a'),
      workspaceId: workspaceIdSchema.parse('wsp_a'),
      title: '',
      modelId: 'm',
      mode: 'live',
      at: 0,
    },
    { type: 'turn/started', turnId, modelId: 'm', mode: 'live', at: 0 },
    ...items.map(
      (id): ThreadEvent => ({
        type: 'item/started',
        turnId,
        item: { type: 'agentMessage', id, request: 1, status: 'streaming', text: '' },
      }),
    ),
  ]
  return events.reduce<ThreadState | undefined>(reduceThread, undefined)!
}

describe('the frame batcher', () => {
  test('[FRAME-1] a thousand events are one write', () => {
    const frames: (() => void)[] = []
    const writes: (readonly ThreadEvent[])[] = []
    const batcher = createFrameBatcher({
      schedule: (flush) => {
        frames.push(flush)
        return () => frames.splice(frames.indexOf(flush), 1)
      },
      flush: (events) => writes.push(events),
    })
    for (let i = 0; i < 1000; i++) batcher.push(delta(0, i, 'x'))
    expect([frames.length, writes.length]).toEqual([1, 0])
    frames.shift()?.()
    expect(writes).toEqual([[delta(0, 0, 'x'.repeat(1000))]])
    batcher.push(delta(0, 1000, 'y'))
    batcher.clear()
    expect(frames).toEqual([])
  })

  test('[FRAME-2] joined events fold to the same state as each by itself', () => {
    const step = fc.oneof(
      fc.record({
        item: fc.nat(1),
        text: fc.string({ minLength: 1, maxLength: 4 }),
        slip: fc.integer({ min: -3, max: 2 }),
      }),
      fc.constant('rename' as const),
      fc.nat(1),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ends = [0, 0]
        const events = steps.map((one): ThreadEvent => {
          if (one === 'rename') return { type: 'thread/renamed', title: 'r' }
          if (typeof one === 'number') {
            return { type: 'item/statusChanged', turnId, itemId: items[one]!, status: 'streaming' }
          }
          const offset = Math.max(0, ends[one.item]! + one.slip)
          ends[one.item] = Math.max(ends[one.item]!, offset + one.text.length)
          return delta(one.item, offset, one.text)
        })
        const joined = joinDeltas(events)
        expect(joined.length).toBeLessThanOrEqual(events.length)
        expect(joined.reduce(reduceThread, threadWithItems())).toEqual(
          events.reduce(reduceThread, threadWithItems()),
        )
      }),
      { numRuns: 500 },
    )
  })
})
