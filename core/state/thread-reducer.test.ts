import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { ThreadEvent } from '../protocol/thread.ts'
import { EngineStory } from '../testing/engine-story.ts'
import { reduceThread } from './thread-reducer.ts'

const turnId = turnIdSchema.parse('trn_1')
const itemId = itemIdSchema.parse('trn_1.1')

function streaming() {
  return new EngineStory().start('hi').text('x').state.thread
}

function textOf(thread: ReturnType<typeof streaming>): string {
  const item = thread.turns[0]?.items.find(({ id }) => id === itemId)
  return item?.type === 'agentMessage' ? item.text : ''
}

test('[STATE-1] deltas repeated, overlapping or seen before change nothing; each text arrives once', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(40), fc.nat(40))),
      (text, pieces) => {
        const whole = `x${text}`
        let thread = streaming()
        const apply = (offset: number, end: number) => {
          const event: ThreadEvent = {
            type: 'item/delta',
            turnId,
            itemId,
            offset,
            text: whole.slice(offset, end),
          }
          thread = reduceThread(thread, event)
          expect(whole.startsWith(textOf(thread))).toBe(true)
        }
        for (const [offset, length] of pieces) apply(offset, offset + length)
        apply(0, whole.length)
        expect(textOf(thread)).toBe(whole)
      },
    ),
  )
})

test('[STATE-2] a completed item is authoritative: deltas that come after it change nothing', () => {
  const thread = new EngineStory().start('hi').text('abc').model({ type: 'textCompleted' }).state.thread
  const late: ThreadEvent = { type: 'item/delta', turnId, itemId, offset: 3, text: 'def' }
  expect(reduceThread(thread, late)).toBe(thread)
})

test('[STATE-3] undo marks the hunks and keeps what brings them back; redo puts the turn as it was', () => {
  const story = new EngineStory().start('edit').edit('c', 'p')
  const fileItem = story.item('fileChange').id
  const hunk = {
    id: `${fileItem}.1`,
    path: 'a.ts',
    status: 'written',
    startLine: 1,
    addedLines: 1,
    removedLines: 0,
    removedText: '',
    changes: 'c1',
  } as never
  const file = { path: 'a.ts', kind: 'update', status: 'written', hunks: [hunk] } as const
  story.give({
    type: 'fact',
    event: { type: 'edit/fileChanged', turnId, itemId: fileItem, file: { ...file, hunks: [...file.hunks] } },
  })
  const written = story.turn
  const inverse = { [`${fileItem}.1`]: 'c2' }
  story.give({ type: 'fact', event: { type: 'turn/undone', turnId, inverse } as never })
  expect(story.turn.undone).toEqual(inverse)
  expect(story.item('fileChange').files[0]).toMatchObject({ status: 'undone', hunks: [{ status: 'undone' }] })
  story.give({
    type: 'fact',
    event: { type: 'turn/redone', turnId, changes: { [`${fileItem}.1`]: 'c1' } } as never,
  })
  expect(story.turn).toEqual(written)
})

test('[JOB-40] what a tool writes while it runs grows its output beside its arguments, and its result replaces it', () => {
  const base = { type: 'toolCall', id: itemId, request: 0, callId: 'c', name: 'run_command' } as const
  const delta = (offset: number, text: string) =>
    ({ type: 'item/delta', turnId, itemId, offset, text }) as const
  const events: readonly ThreadEvent[] = [
    { type: 'item/started', turnId, item: { ...base, status: 'streaming', input: '', output: '' } },
    delta(0, '{"comm'),
    { type: 'item/completed', turnId, item: { ...base, status: 'running', input: '{}', output: '' } },
    delta(0, 'one\n'),
    delta(4, 'two\n'),
    delta(0, 'one\n'),
  ]
  const thread = events.reduce(reduceThread, new EngineStory().start('hi').state.thread)
  expect(thread.turns[0]?.items.at(-1)).toMatchObject({ input: '{}', output: 'one\ntwo\n' })
  const result = { ...base, status: 'completed', input: '{}', output: 'all of it' } as const
  const settled = [{ type: 'item/completed', turnId, item: result } as const, delta(0, 'too late')]
  expect(settled.reduce(reduceThread, thread).turns[0]?.items.at(-1)).toEqual(result)
})

test('[STATE-4] events of a turn or item that is not there are ignored', () => {
  const { thread } = new EngineStory().state
  const event: ThreadEvent = { type: 'item/delta', turnId, itemId, offset: 0, text: 'x' }
  expect(reduceThread(thread, event)).toBe(thread)
})
