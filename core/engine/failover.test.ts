import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '../protocol/limits.ts'
import type { ModelDescription, ModelFailureCode } from '../protocol/model.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'

const second: ModelDescription = { ...testModel, id: 'other/plain', providerId: 'other', tools: 'none' }
const third: ModelDescription = { ...testModel, id: 'other/third', providerId: 'other' }

const lastCall = ({ effects }: EngineStory) => effects.findLast((effect) => effect.type === 'callModel')
const moves = ({ turn }: EngineStory) => (turn.movedOn ?? []).map(({ from, to }) => [from, to])

test('[TIER-1] a model that fails before its answer is followed by the next at once, in its own form, and the turn says so', () => {
  const story = new EngineStory({ fallbacks: [second] }).start('hello')
  story.take()
  story.fails({ code: 'noBackend', detail: 'Nothing answers at a.' })
  expect(story.effects.map(({ type }) => type)).toEqual(['callModel'])
  expect(story.lastRequest()).toMatchObject({ model: 'plain', tools: [] })
  expect(story.turn).toMatchObject({
    status: 'running',
    modelId: 'other/plain',
    movedOn: [{ from: 'test/spark', to: 'other/plain', failure: { code: 'noBackend' } }],
  })
  story.text('Hi').model({ type: 'completed' })
  expect(story.turn).toMatchObject({ status: 'completed', modelId: 'other/plain' })
  const folded = story.events.reduce(reduceThread, new EngineStory({ fallbacks: [second] }).state.thread)
  expect(folded).toEqual(story.state.thread)
})

test('[TIER-1] later requests of the turn stay with the model that answered', () => {
  const story = new EngineStory({ fallbacks: [third] }).start('look').fails({ code: 'overloaded' })
  story.tool('a', 'read_file', '{"path":"x"}').model({ type: 'completed' }).toolSettles('a', 'text')
  expect(story.lastRequest().model).toBe('third')
  expect(moves(story)).toEqual([['test/spark', 'other/third']])
})

test('[TIER-2] once anything was shown, or where no model could help, it is never another model', () => {
  const shown = new EngineStory({ fallbacks: [second] }).start('hello').text('Hi')
  shown.fails({ code: 'overloaded' })
  expect(shown.turn).toMatchObject({ status: 'failed', modelId: testModel.id })
  for (const code of ['refused', 'contextOverflow', 'badRequest'] as const satisfies ModelFailureCode[]) {
    const story = new EngineStory({ fallbacks: [second] }).start('hello').fails({ code, retriable: false })
    expect(story.turn).toMatchObject({ status: 'failed', failure: { code }, modelId: testModel.id })
    expect(story.turn.movedOn).toBeUndefined()
  }
})

test('[TIER-2] the last model is tried again as one without others is', () => {
  const story = new EngineStory({ fallbacks: [second] }).start('hello').fails({ code: 'overloaded' })
  for (let attempt = 1; attempt <= limits.retryAttempts; attempt++) {
    story.fails({ code: 'overloaded' })
    expect(story.turn.status).toBe('retrying')
    story.retryDue()
  }
  story.fails({ code: 'overloaded' })
  expect(story.turn).toMatchObject({ status: 'failed', modelId: 'other/plain' })
})

test('[TIER-3] the models before the last share failoverMs in a request; the last has no such bound', () => {
  const story = new EngineStory({ fallbacks: [second, third] }).start('hello')
  expect(lastCall(story)).toMatchObject({ silenceMs: limits.failoverMs / 2 })
  story.fails({ code: 'timedOut' })
  expect(lastCall(story)).toMatchObject({ silenceMs: limits.failoverMs / 2 })
  story.fails({ code: 'timedOut' })
  expect(lastCall(story)).not.toHaveProperty('silenceMs')
  expect(lastCall(new EngineStory().start('hello'))).not.toHaveProperty('silenceMs')
})

test('[TIER-3] however models fail, none is asked before the one it follows, and their silences never add up to more', () => {
  const happening = fc.constantFrom('fail', 'heard', 'call', 'retry' as const)
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (all) => {
      const story = new EngineStory({ fallbacks: [second, third] }).start('hello')
      let calls = 0
      for (const what of all) {
        if (what === 'fail') story.fails({ code: 'overloaded' })
        else if (what === 'heard') story.model({ type: 'heard' })
        else if (what === 'retry') story.retryDue()
        else {
          const id = `c${calls++}`
          story.tool(id, 'read_file', `{"path":"${id}"}`).model({ type: 'completed' }).toolSettles(id, '')
        }
      }
      const order = [testModel.id, second.id, third.id]
      const asked = [testModel.id, ...moves(story).map(([, to]) => to)]
      expect(asked).toEqual(order.slice(0, asked.length))
      expect(story.turn.modelId).toBe(asked.at(-1))
      let silence = 0
      for (const effect of story.effects) {
        if (effect.type !== 'callModel') continue
        // Another request begins once there is more to show.
        silence = effect.request.input.length > 1 ? 0 : silence + (effect.silenceMs ?? 0)
        expect(silence).toBeLessThanOrEqual(limits.failoverMs)
      }
    }),
  )
})

test('[TIER-4] models that are known not to work are passed over, and the turn says so from the start', () => {
  const failure = { code: 'overloaded', detail: 'busy', retriable: true } as const
  const story = new EngineStory({ model: third, passedOver: [{ modelId: testModel.id, failure }] })
  story.start('hello')
  expect(story.turn).toMatchObject({
    modelId: third.id,
    movedOn: [{ from: testModel.id, to: third.id, failure }],
  })
  story.interrupt().resume()
  expect(story.turn.movedOn).toHaveLength(2)
})
