import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import { itemIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import { EngineStory } from '../../core/testing/engine-story.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { FakeTransport } from '../testing/fake-transport.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { Hub } from './hub.ts'
import { Outbox } from './outbox.ts'

const topic = 'thread:thr_1'
const renamed = (title: string): ThreadEvent => ({ type: 'thread/renamed', title })

function makeHub({ epoch = 'e1', store = createMemoryStore() } = {}) {
  const timers = new ManualTimers()
  const hub = new Hub({ store, clock: timers.clock, timers, epoch })
  const turnId = turnIdSchema.parse('trn_1')
  const soFar = {
    type: 'item/delta' as const,
    turnId,
    itemId: itemIdSchema.parse('trn_1.1'),
    offset: 0,
    text: 'so far',
  }
  hub.open(topic, 0, { state: () => new EngineStory().state.thread, running: () => [soFar] })
  const join = () => {
    const transport = new FakeTransport()
    return { transport, outbox: new Outbox(transport, timers) }
  }
  return { hub, store, timers, join, soFar }
}

test('[HUB-1] events are numbered by one, stored, and sent to whoever subscribed', async () => {
  const { hub, store, timers, join } = makeHub()
  const { transport, outbox } = join()
  hub.subscribe(outbox, { topic })
  const stored = Promise.all([hub.publish(topic, renamed('a')), hub.publish(topic, renamed('b'))])
  timers.settle()
  await stored
  expect(transport.take()).toEqual([
    { topic, seq: 1, event: renamed('a') },
    { topic, seq: 2, event: renamed('b') },
  ])
  const rows = await store.readEvents(topic, 0)
  expect(rows.map(({ seq, body }) => [seq, JSON.parse(body)])).toEqual([
    [1, renamed('a')],
    [2, renamed('b')],
  ])
})

test('[HUB-2] a returning browser gets what follows its last seq, and the running text so far', () => {
  const { hub, join, soFar } = makeHub()
  for (const title of ['a', 'b', 'c']) void hub.publish(topic, renamed(title))
  const { outbox } = join()
  expect(hub.subscribe(outbox, { topic, since: 1, epoch: 'e1' })).toEqual({
    kind: 'replay',
    seq: 3,
    events: [
      { topic, seq: 2, event: renamed('b') },
      { topic, seq: 3, event: renamed('c') },
      { topic, event: soFar },
    ],
  })
})

test('[HUB-3] a new browser, one of another epoch, and one too far behind get a snapshot', () => {
  const { hub, join } = makeHub()
  for (let i = 0; i <= limits.replayEvents; i++) void hub.publish(topic, renamed(String(i)))
  const { outbox } = join()
  const kind = (params: { since?: number; epoch?: string }) =>
    hub.subscribe(outbox, { topic, ...params }).kind
  expect(kind({})).toBe('snapshot')
  expect(kind({ since: limits.replayEvents, epoch: 'e0' })).toBe('snapshot')
  expect(kind({ since: 0, epoch: 'e1' })).toBe('snapshot')
  expect(kind({ since: 1, epoch: 'e1' })).toBe('replay')
  expect(kind({ since: limits.replayEvents + 100, epoch: 'e1' })).toBe('snapshot')
})

test('[HUB-4] who left gets nothing more', () => {
  const { hub, join } = makeHub()
  const { transport, outbox } = join()
  hub.subscribe(outbox, { topic })
  hub.leave(outbox)
  void hub.publish(topic, renamed('a'))
  expect(transport.take()).toEqual([])
})

test('[HUB-5] events the store refuses are told as not stored, and stored in order when it takes them again', async () => {
  const kept = createMemoryStore()
  let refusal: 'none' | 'before' | 'after' = 'none'
  const store: Store = {
    ...kept,
    async appendEvents(name, rows) {
      if (refusal === 'before') throw new RequestError('storageFailed', 'The disk is full.')
      await kept.appendEvents(name, rows)
      if (refusal === 'after') throw new RequestError('storageFailed', 'The disk failed on the way back.')
    },
  }
  const { hub, timers } = makeHub({ store })
  const publish = async (title: string) => {
    const stored = hub.publish(topic, renamed(title)).then(
      () => 'stored',
      (error) => error.code,
    )
    timers.settle()
    return stored
  }
  const rowsAre = async (...seqs: number[]) =>
    expect((await kept.readEvents(topic, 0)).map(({ seq }) => seq)).toEqual(seqs)
  refusal = 'before'
  expect(await publish('a')).toBe('storageFailed')
  const waiting = publish('b')
  await rowsAre()
  refusal = 'none'
  timers.advance(limits.diskRetryMs)
  expect(await waiting).toBe('stored')
  await rowsAre(1, 2)
  refusal = 'after'
  expect(await publish('c')).toBe('storageFailed')
  refusal = 'none'
  timers.advance(limits.diskRetryMs)
  expect(await publish('d')).toBe('stored')
  await rowsAre(1, 2, 3, 4)
})

test('[HUB-6] what is kept for a replay is bounded in events and in size', () => {
  const { hub, join } = makeHub()
  const large = 'x'.repeat(limits.replayChars / 2)
  for (const title of ['a', large, large, 'b']) void hub.publish(topic, renamed(title))
  const { outbox } = join()
  expect(hub.subscribe(outbox, { topic, since: 1, epoch: 'e1' }).kind).toBe('snapshot')
  expect(hub.subscribe(outbox, { topic, since: 2, epoch: 'e1' }).kind).toBe('replay')
})

test('[HUB-7] a topic is forgotten when nobody follows it and all of it is stored', async () => {
  const { hub, timers, join } = makeHub()
  const { outbox } = join()
  hub.subscribe(outbox, { topic })
  expect(hub.release(topic)).toBe(false)
  hub.leave(outbox)
  const stored = hub.publish(topic, renamed('a'))
  expect(hub.release(topic)).toBe(false)
  timers.settle()
  await stored
  expect(hub.release(topic)).toBe(true)
  expect(hub.isOpen(topic)).toBe(false)
})
