import { expect, test } from 'vitest'
import { reviewNote } from '../engine/review-note.ts'
import { hunkIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { FileEdit, Hunk } from '../protocol/item.ts'
import type { ThreadEvent } from '../protocol/thread.ts'
import { EngineStory } from '../testing/engine-story.ts'
import { hunksToReview, unreviewedIn } from './review.ts'

const turnId = turnIdSchema.parse('trn_1')

function written() {
  const story = new EngineStory().start('edit').edit('c', 'p')
  const itemId = story.item('fileChange').id
  const ids = [1, 2].map((n) => hunkIdSchema.parse(`${itemId}.${n}`))
  const hunks = ids.map(
    (id, index): Hunk => ({
      id,
      path: 'a.ts',
      status: 'written',
      startLine: index + 1,
      addedLines: 1,
      removedLines: 0,
      removedText: '',
      changes: `c${index}`,
    }),
  )
  const tell = (status: FileEdit['status']) =>
    give({ type: 'edit/fileChanged', turnId, itemId, file: { path: 'a.ts', kind: 'update', status, hunks } })
  const give = (event: ThreadEvent) => story.give({ type: 'fact', event })
  const states = () => hunksToReview(story.state.thread).map(({ state }) => state)
  const [first, second] = ids
  if (!first || !second) throw new Error('two hunks')
  return { story, give, tell, states, first, second, itemId }
}

test('[REVIEW-1] unreviewed once written, then kept or undone; taken back unreviewed with the text it had', () => {
  const { story, give, tell, states, first, second } = written()
  tell('writing')
  expect(states()).toEqual([])
  tell('written')
  expect(states()).toEqual(['unreviewed', 'unreviewed'])
  const before = story.turn
  give({ type: 'review/kept', hunkIds: [first] })
  give({ type: 'review/undone', inverse: { [second]: 'i1' } })
  expect(states()).toEqual(['kept', 'undone'])
  expect(unreviewedIn(story.state.thread, 'a.ts')).toEqual([])
  give({ type: 'review/takenBack', hunkIds: [first, second], changes: { [second]: 'c1' } })
  expect(story.turn).toEqual(before)
})

test('[REVIEW-2] undo and redo of the turn leave alone what was undone by itself', () => {
  const { story, give, tell, states, first, second } = written()
  tell('written')
  const file = () => story.item('fileChange').files[0]?.status
  give({ type: 'review/undone', inverse: { [second]: 'i1' } })
  expect(file()).toBe('written')
  give({ type: 'turn/undone', turnId, inverse: { [first]: 'i0' } })
  expect([states(), file()]).toEqual([['undone', 'undone'], 'undone'])
  give({ type: 'turn/redone', turnId, changes: { [first]: 'c0' } })
  expect([states(), file()]).toEqual([['unreviewed', 'undone'], 'written'])
  give({ type: 'review/undone', inverse: { [first]: 'i0' } })
  expect(file()).toBe('undone')
})

test('[REVIEW-3] the model is told of what was undone since, once, and not of what came back', () => {
  const { story, give, tell, first, second } = written()
  tell('written')
  expect(reviewNote(story.state.thread)).toBeUndefined()
  give({ type: 'review/undone', inverse: { [first]: 'i0', [second]: 'i1' } })
  give({ type: 'review/takenBack', hunkIds: [second], changes: { [second]: 'c1' } })
  expect(reviewNote(story.state.thread)).toMatch(
    /undid these changes.*\n- a\.ts, written at line 1 \(\+1 −0 lines\)$/,
  )
  give({ type: 'turn/started', turnId: turnIdSchema.parse('trn_2'), modelId: 'm', mode: 'live', at: 1 })
  expect(reviewNote(story.state.thread)).toBeUndefined()
  give({ type: 'review/takenBack', hunkIds: [first], changes: { [first]: 'c0' } })
  expect(reviewNote(story.state.thread)).toMatch(/brought these changes/)
})
