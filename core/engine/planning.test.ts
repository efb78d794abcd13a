import { expect, test } from 'vitest'
import type { ModelDescription } from '../protocol/model.ts'
import { isOfPlan } from '../state/plans.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'

const deep: ModelDescription = { ...testModel, id: 'other/deep', providerId: 'other' }
const spare: ModelDescription = { ...testModel, id: 'other/spare', providerId: 'other' }
const planner = { model: deep, fallbacks: [spare], passedOver: [] }

const saidIn = (story: EngineStory) => JSON.stringify(story.lastRequest().input)
const toolsIn = (story: EngineStory) => story.lastRequest().tools.map(({ name }) => name)

test('[TIER-20] the planner is asked first, without tools that write; then the writer, told whose plan that is', () => {
  const story = new EngineStory({ planner }).start('make it red')
  expect(story.lastRequest().model).toBe('deep')
  expect(toolsIn(story)).not.toContain('apply_patch')
  expect(toolsIn(story)).toContain('read_file')
  expect(story.lastRequest().instructions).toContain('planning partner')
  expect(story.turn).toMatchObject({ modelId: 'other/deep', plan: { modelId: 'other/deep' } })
  story.tool('a', 'read_file', '{"path":"x"}').model({ type: 'completed' }).toolSettles('a', 'text')
  expect(story.lastRequest().model).toBe('deep')
  story.text('1. Change x.').model({ type: 'completed' })
  expect(story.lastRequest().model).toBe('spark')
  expect(toolsIn(story)).toContain('apply_patch')
  expect(saidIn(story)).toMatch(/1\. Change x\..*Another model wrote this plan/)
  expect(story.turn).toMatchObject({
    status: 'running',
    modelId: testModel.id,
    plan: { modelId: 'other/deep', requests: 2 },
  })
  story.edit('b', 'patch').editEnds('b', 'patch').model({ type: 'completed' })
  story.editSettles('b', { ok: true, message: 'Done.' }).text('It is red.').model({ type: 'completed' })
  expect(story.turn.status).toBe('completed')
  const texts = story.turn.items.filter((item) => item.type === 'agentMessage')
  expect(texts.map((item) => isOfPlan(story.turn, item))).toEqual([true, false])
  expect(story.events.reduce(reduceThread, new EngineStory().state.thread)).toEqual(story.state.thread)
  // The next turn is planned anew, and what was sent of this one stays as it was.
  const before = saidIn(story)
  story.start('and now blue')
  expect(story.lastRequest().model).toBe('deep')
  expect(saidIn(story).startsWith(before.slice(0, -1))).toBe(true)
})

test('[TIER-20] an edit the planner writes all the same is none', () => {
  const story = new EngineStory({ planner }).start('make it red')
  story.edit('a', 'patch')
  expect(story.effects.some(({ type }) => type === 'beginEdit')).toBe(false)
  expect(story.item('toolCall').name).toBe('apply_patch')
})

test('[TIER-21] a redirect plans anew; an addition joins what is written; a stop in the plan ends the turn', () => {
  const story = new EngineStory({ planner }).start('make it red').text('First, ')
  story.redirect('blue instead')
  expect(story.lastRequest().model).toBe('deep')
  expect(saidIn(story)).toContain('blue instead')
  story.text('1. Blue.').steer('quickly').model({ type: 'completed' }).prepared()
  expect(story.lastRequest().model).toBe('spark')
  expect(saidIn(story)).toMatch(/1\. Blue\..*quickly/)
  const stopped = new EngineStory({ planner }).start('make it red').text('First, ').interrupt()
  expect(stopped.turn).toMatchObject({ status: 'interrupted', plan: { modelId: 'other/deep' } })
  expect(stopped.turn.plan?.requests).toBeUndefined()
})

test('[TIER-21] a planner that does not answer is followed by the next of its tier', () => {
  const story = new EngineStory({ planner }).start('make it red').fails({ code: 'overloaded' })
  expect(story.lastRequest().model).toBe('spare')
  expect(story.turn.plan).toEqual({ modelId: 'other/spare' })
  story.text('1. Red.').model({ type: 'completed' })
  expect(story.lastRequest().model).toBe('spark')
})
