import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '../protocol/limits.ts'
import { tierId } from '../protocol/model.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'
import { largestOutput, outputTokens } from './output-size.ts'
import { buildRequest } from './prompt.ts'

const inline = (text: string) => ({ inline: [{ startLine: 1, endLine: 9, text }] })
const usage = (outputTokens: number) =>
  ({ type: 'usage', usage: { inputTokens: 100, cachedTokens: 0, outputTokens } }) as const
const outputLimit = { code: 'outputLimit', retriable: false } as const

test('[SIZE-1] an answer is asked for as many tokens as it is likely to need: of an edit in place, of a plan, of a turn like those before it', () => {
  const asked = (story: EngineStory) => story.lastRequest().maxOutputTokens
  expect(asked(new EngineStory().start('shout', [], inline('x'.repeat(400))))).toBe(2048 + 3 * 100)
  expect(asked(new EngineStory({ mode: 'plan' }).start('how?'))).toBe(limits.planAnswerTokens)
  const story = new EngineStory().start('hello')
  expect(asked(story)).toBe(limits.firstAnswerTokens)
  story.text('Hi').model(usage(40), { type: 'completed' }).start('and?')
  expect(asked(story)).toBe(limits.leastAnswerTokens)
  story.text('A lot').model(usage(1500), { type: 'completed' }).start('more')
  expect(asked(story)).toBe(6000)
  story.text('A lot more').model(usage(9000), { type: 'completed' }).start('more')
  expect(asked(story)).toBe(testModel.maxOutputTokens)
  const patient = reduceThread(new EngineStory().start('think').state.thread, {
    type: 'thread/configured',
    modelId: tierId('deep'),
    mode: 'live',
  })
  expect(outputTokens(patient, testModel)).toBe(largestOutput(testModel))
})

test('[SIZE-1] whatever was asked before, it is at most what the model gives and half of its window, and room is kept for all of that', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(200_000), { maxLength: 5 }),
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 2, max: 400_000 }),
      (taken, maxOutputTokens, contextWindow) => {
        const model = { ...testModel, maxOutputTokens, contextWindow }
        const story = new EngineStory({ model })
        for (const tokens of taken) story.start('go').text('on').model(usage(tokens), { type: 'completed' })
        const request = buildRequest({ thread: story.state.thread, model, guidance: undefined })
        expect(request.maxOutputTokens).toBeGreaterThan(0)
        expect(request.maxOutputTokens).toBeLessThanOrEqual(request.reserve)
        expect(request.reserve).toBe(Math.min(maxOutputTokens, Math.floor(contextWindow / 2)))
      },
    ),
  )
})

test('[SIZE-2] text that reaches what was asked for goes on in the same message, with all there is, and nobody is told', () => {
  const story = new EngineStory().start('tell')
  story.take()
  story.text('Once upon a ti').fails(outputLimit)
  const request = story.lastRequest()
  expect(request.maxOutputTokens).toBe(testModel.maxOutputTokens)
  expect(request.input.slice(-2)).toMatchObject([
    { role: 'assistant', text: 'Once upon a ti' },
    { role: 'user', text: expect.stringContaining('Go on exactly where it ends') },
  ])
  expect(story.turn.status).toBe('running')
  story.text('me.').model({ type: 'completed' })
  expect(story.turn).toMatchObject({
    status: 'completed',
    items: [
      { type: 'userMessage' },
      { type: 'agentMessage', status: 'completed', text: 'Once upon a time.' },
    ],
  })
  expect(story.turn.failure).toBeUndefined()
  story.start('and then?')
  expect(story.lastRequest().input.slice(-2)).toMatchObject([
    { role: 'assistant', text: 'Once upon a time.' },
    { role: 'user' },
  ])
})

test('[SIZE-2] wherever it is cut, also while the next attempt fails once, the text is the whole text', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), fc.nat(60), fc.boolean(), (whole, at, fails) => {
      const cut = Math.min(at, whole.length)
      const story = new EngineStory().start('tell').text(whole.slice(0, cut)).fails(outputLimit)
      if (fails) story.fails({ code: 'overloaded' }).retryDue()
      story.text(whole.slice(cut)).model({ type: 'completed' })
      const messages = story.turn.items.filter((item) => item.type === 'agentMessage')
      expect(messages.map(({ text, status }) => [text, status])).toEqual([[whole, 'completed']])
    }),
  )
})

test('[SIZE-2] words that were added meanwhile stand behind what was said until then', () => {
  const story = new EngineStory().start('tell').text('One, ').steer('in French', 'a').fails(outputLimit)
  story.prepared().text('deux').model({ type: 'completed' })
  expect(story.turn.items.map((item) => ('text' in item ? item.text : item.type))).toEqual([
    'tell',
    'One, ',
    'Text with in French',
    'in French',
    'deux',
  ])
})

test('[SIZE-3] an edit in whose middle the answer is cut off keeps what is finished, and the rest is asked for', () => {
  const story = new EngineStory().start('edit').edit('c1', '*** Begin Patch', '\n+half')
  story.take()
  story.fails(outputLimit)
  expect(story.take()).toEqual([{ type: 'cutEdit', callId: 'c1', placed: true }])
  expect(story.turn.status).toBe('running')
  story.editSettles('c1', {
    ok: false,
    message: 'The edit was cut off.\nUpdated the following files:\nM a.ts',
  })
  const request = story.lastRequest()
  expect(request.maxOutputTokens).toBe(testModel.maxOutputTokens)
  const told = request.input.at(-1)
  expect(told).toMatchObject({ role: 'user', text: expect.stringContaining('M a.ts Write what is missing') })
  expect(story.item('fileChange')).toMatchObject({ status: 'interrupted', cutBy: 'length' })
  story.edit('c2', 'rest').editEnds('c2', 'rest').model({ type: 'completed' })
  story.editSettles('c2', { ok: true, message: 'Success.' })
  story.text('Done.').model({ type: 'completed' })
  expect(story.turn).toMatchObject({ status: 'completed' })
})

test('[SIZE-3] calls that were whole by then have their results in the next request', () => {
  const story = new EngineStory().start('look').tool('a', 'read_file', '{"path":"x"}')
  story.text('Half a wo').fails(outputLimit)
  expect(story.turn.status).toBe('running')
  story.toolSettles('a', 'text of x')
  expect(story.lastRequest().input).toContainEqual(
    expect.objectContaining({ type: 'toolResult', callId: 'a', output: 'text of x' }),
  )
})

test('[SIZE-4] what reaches the most a model gives is told, and can be gone on from', () => {
  const story = new EngineStory()
    .start('tell')
    .text('One ')
    .fails(outputLimit)
    .text('two ')
    .fails(outputLimit)
  expect(story.turn).toMatchObject({ status: 'failed', failure: { code: 'outputLimit' } })
  story.resume().text('three').model({ type: 'completed' })
  expect(story.turn.status).toBe('completed')
})
