import { expect, test } from 'vitest'
import type { ThreadRequest } from '../../core/engine/prompt.ts'
import { messageEntry } from '../../core/engine/render-turn.ts'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { systemTimers } from '../timers.ts'
import { RequestWindow } from './request-window.ts'
import { TokenCounts } from './token-counts.ts'

/** A request of 2,000 characters to a model with so much room, weighed when its answer began and learned from at its end. */
async function answer(contextWindow: number) {
  const timers = new ManualTimers()
  let counted = 0
  const countText = (text: string) => {
    counted += text.length
    return text.length / 4
  }
  const counts = new TokenCounts({
    clock: timers.clock,
    timers: systemTimers,
    countText,
    isReady: () => false,
  })
  const window = new RequestWindow(counts, timers)
  const model = { id: 'a/m', providerId: 'a', contextWindow } as ModelDescription
  const entry = messageEntry('said', 'user', 'word '.repeat(400))
  const request: ThreadRequest = {
    model: 'm',
    instructions: '',
    tools: [],
    input: [entry.item],
    maxOutputTokens: 100,
    cacheKey: threadIdSchema.parse('thr_1'),
    head: [],
    turns: [{ entries: [entry], asked: [], files: [] }],
    pins: new Set(),
    reserve: 100,
  }
  const fitted = await window.prepare(request, model)
  counted = 0
  const told = Promise.all([window.weigh(request, model), window.learn(fitted.request, model, 900)])
  // What is ready now has its turn.
  await new Promise((resolve) => setImmediate(resolve))
  timers.settle()
  return { timers, told, counted: () => counted }
}

test('[RELAY-73] where there is room, tokens are counted a moment after an answer: what follows it at once does not wait', async () => {
  const { timers, told, counted } = await answer(1_000_000)
  timers.advance(20)
  expect(counted()).toBe(0)
  timers.advance(20)
  const [weight] = await told
  expect(counted()).toBeGreaterThan(0)
  expect(weight.tokens).toBeGreaterThan(500)
})

test('[RELAY-73] where there is little room they are counted at once', async () => {
  const { told, counted } = await answer(2600)
  await told
  expect(counted()).toBeGreaterThan(0)
})
