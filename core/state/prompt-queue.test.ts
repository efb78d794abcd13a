import fc from 'fast-check'
import { expect, test } from 'vitest'
import { turnIdSchema } from '../protocol/ids.ts'
import { type QueuedPrompt, queueIdSchema } from '../protocol/queue.ts'
import { EngineStory } from '../testing/engine-story.ts'
import { changeQueue, type QueueChange } from './prompt-queue.ts'

const idOf = (n: number) => queueIdSchema.parse(`que_${n}`)
const promptOf = (n: number): QueuedPrompt => ({ id: idOf(n), text: `text ${n}`, context: { openPaths: [] } })

const changes = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('add' as const), prompt: fc.nat(9).map(promptOf) }),
    fc.record({ type: fc.constant('edit' as const), id: fc.nat(9).map(idOf), text: fc.string() }),
    fc.record({ type: fc.constant('move' as const), id: fc.nat(9).map(idOf), to: fc.nat(12) }),
    fc.record({ type: fc.constant('remove' as const), id: fc.nat(9).map(idOf) }),
  ),
)

test('[QUEUE-1] whatever happens to the queue, each prompt is in it once, and only a removal takes one out', () => {
  fc.assert(
    fc.property(changes, (list: readonly QueueChange[]) => {
      let queue: readonly QueuedPrompt[] = []
      for (const change of list) {
        const before = new Set(queue.map(({ id }) => id))
        queue = changeQueue(queue, change)
        const ids = queue.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        if (change.type === 'add') before.add(change.prompt.id)
        if (change.type === 'remove') before.delete(change.id)
        expect(new Set(ids)).toEqual(before)
      }
    }),
  )
})

test('[QUEUE-1] a prompt is moved to its place and edited in it', () => {
  let queue: readonly QueuedPrompt[] = [1, 2, 3].map(promptOf)
  queue = changeQueue(queue, { type: 'move', id: idOf(3), to: 0 })
  queue = changeQueue(queue, { type: 'edit', id: idOf(1), text: 'other' })
  queue = changeQueue(queue, { type: 'add', prompt: promptOf(4), at: 1 })
  expect(queue.map(({ text }) => text)).toEqual(['text 3', 'text 4', 'other', 'text 2'])
})

test('[QUEUE-2] the turn that begins with a queued prompt takes it out', () => {
  const story = new EngineStory()
  const queue = [1, 2].map(promptOf)
  story.give({ type: 'fact', event: { type: 'queue/changed', queue, paused: true } })
  expect(story.state.thread).toMatchObject({ queue, queuePaused: true })
  const turnId = turnIdSchema.parse('trn_9')
  const started = {
    type: 'turn/started',
    turnId,
    queueId: idOf(1),
    modelId: 'm',
    mode: 'live',
    at: 1,
  } as const
  story.give({ type: 'fact', event: started })
  expect(story.state.thread.queue).toEqual([promptOf(2)])
  story.give({ type: 'fact', event: { type: 'queue/changed', queue: [], paused: false } })
  expect(story.state.thread.queue).toBeUndefined()
})
