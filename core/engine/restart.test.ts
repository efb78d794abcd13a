import { expect, test } from 'vitest'
import { EngineStory, testModel } from '../testing/engine-story.ts'
import { step } from './turn-machine.ts'

test('[JOB-7] a request that is made again drops what it had brought and gives its items new numbers', () => {
  const story = new EngineStory({ mode: 'background' }).start('work')
  story.text('First.').edit('c1', 'P').editEnds('c1', 'P').model({ type: 'completed' })
  story.editSettles('c1', { ok: true, message: 'Success.' })
  story.text('Half of the sec')
  const { thread } = story.state
  const before = thread.turns.at(-1)?.items ?? []
  expect(before.map(({ id }) => id)).toEqual(['trn_1.0', 'trn_1.1', 'trn_1.2', 'trn_1.3'])
  // Another server: it knows the log and nothing else.
  const turn = thread.turns.at(-1)
  if (!turn) throw new Error('the turn is gone')
  const { state, effects } = step(
    { thread, active: undefined },
    {
      type: 'restart',
      turnId: turn.id,
      request: 1,
      attempt: 2,
      choice: { model: testModel, fallbacks: [], passedOver: [] },
      guidance: undefined,
      at: 9,
    },
    { next: () => 0 },
  )
  expect(state.thread.turns.at(-1)).toMatchObject({ status: 'running' })
  expect(state.thread.turns.at(-1)?.items.map(({ id }) => id)).toEqual(['trn_1.0', 'trn_1.1', 'trn_1.2'])
  expect(state.active).toMatchObject({ nextItem: 4, request: 2 })
  expect(effects).toMatchObject([{ type: 'callModel', call: 1 }])
})
