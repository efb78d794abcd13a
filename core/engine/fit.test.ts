import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateTokens, tokenBound } from '../lib/token-estimate.ts'
import type { ModelDescription } from '../protocol/model.ts'
import { testModel } from '../testing/engine-story.ts'
import { type TurnShape, threadOf } from '../testing/rendered-threads.ts'
import { type Fitted, fitRequest, type TokenCounts } from './fit.ts'
import type { ModelItem, ModelRequest } from './model-stream.ts'
import { buildRequest } from './prompt.ts'

const counts: TokenCounts = {
  item: (item) => 4 + estimateTokens(JSON.stringify(item)),
  fixed: ({ instructions, tools }) => estimateTokens(instructions + JSON.stringify(tools)),
}
const modelOf = (contextWindow: number, maxOutputTokens = 1000): ModelDescription => ({
  ...testModel,
  contextWindow,
  maxOutputTokens,
})
const weigh = (request: ModelRequest) =>
  request.input.reduce((sum, item) => sum + counts.item(item), counts.fixed(request))

function fitInto(thread: ReturnType<typeof threadOf>, window: number): Fitted {
  const model = modelOf(window)
  return fitRequest(buildRequest({ thread, model, guidance: undefined }), window, counts)
}

const textOf = (item: ModelItem) =>
  item.type === 'message' ? item.text : item.type === 'toolResult' ? item.output : ''
const all = ({ request }: Fitted) => request.input.map(textOf).join('\n')

const size = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 60_000 }))
const shape: fc.Arbitrary<TurnShape> = fc.record({
  prompt: size,
  shown: fc.oneof(fc.constant(0), size),
  results: fc.array(size, { maxLength: 6 }),
  answer: size,
})

test('[WINDOW-1] whatever the history, a request has room in the window with its answer, or is told to be too large', () => {
  fc.assert(
    fc.property(
      fc.array(shape, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 3000, max: 60_000 }),
      (shapes, window) => {
        const thread = threadOf(shapes)
        const fitted = fitInto(thread, window)
        const room = window - fitted.request.maxOutputTokens
        expect(weigh(fitted.request)).toBe(fitted.tokens)
        expect(fitted.tokens <= room).toBe(fitted.outcome !== 'tooLarge')
        const prompt = thread.turns.at(-1)?.items.find((item) => item.type === 'userMessage')
        expect(all(fitted)).toContain(prompt?.type === 'userMessage' ? prompt.text : 'a prompt')
        // What is too large is so by its last prompt or the answer that led to the present results.
        if (fitted.outcome === 'tooLarge') expect((shapes.at(-1)?.prompt ?? 0) + 8000).toBeGreaterThan(room)
      },
    ),
    { numRuns: 300 },
  )
})

test('[WINDOW-2] every result follows its call and every call has its result, whatever was left out', () => {
  fc.assert(
    fc.property(
      fc.array(shape, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 3000, max: 40_000 }),
      (shapes, window) => {
        const open = new Set<string>()
        for (const item of fitInto(threadOf(shapes), window).request.input) {
          if (item.type === 'toolCall') open.add(item.callId)
          if (item.type === 'toolResult') expect(open.delete(item.callId)).toBe(true)
        }
        expect([...open]).toEqual([])
      },
    ),
    { numRuns: 200 },
  )
})

test('[WINDOW-3] the oldest tool results are shortened first, then the oldest turns left out, each with a word that says so', () => {
  const turn = { prompt: 400, results: [8000], answer: 400 }
  const shapes = Array.from({ length: 8 }, () => turn)
  expect(fitInto(threadOf(shapes), 100_000).outcome).toBe('whole')
  const some = fitInto(threadOf(shapes), 16_000)
  expect(some.outcome).toBe('cut')
  const results = some.request.input.filter((item) => item.type === 'toolResult').map(textOf)
  const isShort = results.map((text) => text.includes('characters are left out here'))
  expect(isShort).toEqual([...isShort].sort((a, b) => Number(b) - Number(a)))
  expect([isShort[0], isShort.at(-2), isShort.at(-1)]).toEqual([true, false, false])
  expect(all(some)).not.toContain('turns are left out')
  const few = fitInto(threadOf(shapes), 8500)
  expect(all(few)).toMatch(/earlier turns? (is|are) left out here.*Asked in them:\n- ask1 /s)
  expect(all(few)).toContain('ask7')
})

test('[WINDOW-4] pins and the last two turns are there where they can be', () => {
  const shapes = Array.from({ length: 40 }, () => ({ prompt: 600, answer: 600 }))
  const thread = threadOf(shapes)
  const pinned = thread.turns[2]?.items.find((item) => item.type === 'userMessage')
  const fitted = fitInto({ ...thread, pins: pinned ? [pinned.id] : [] }, 9000)
  expect(fitted.outcome).toBe('cut')
  const text = all(fitted)
  expect(pinned?.type === 'userMessage' && text.includes(pinned.text)).toBe(true)
  for (const last of ['ask40 ask40', 'ask39 ask39', 'answer39']) expect(text).toContain(last)
  expect(text).not.toContain('answer3 ')
})

test('[WINDOW-5] while a thread grows the beginning of what is sent changes seldom', () => {
  const shapes = Array.from({ length: 60 }, () => ({ prompt: 200, results: [1500], answer: 200 }))
  let changes = 0
  let before: readonly string[] = []
  for (let length = 1; length <= shapes.length; length++) {
    const fitted = fitInto(threadOf(shapes.slice(0, length)), 10_000)
    expect(fitted.outcome).not.toBe('tooLarge')
    const now = fitted.request.input.map((item) => JSON.stringify(item))
    // The last turn was running then.
    if (!before.every((item, index) => now[index] === item)) changes++
    before = now
  }
  expect(changes).toBeLessThan(30)
})

test('[WINDOW-6] what is not counted yet is taken for more than it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(tokenBound(text)).toBeGreaterThanOrEqual(estimateTokens(text) * 0.75)
    }),
  )
  expect(tokenBound('A sentence of plain words.')).toBeGreaterThan(6)
  expect(tokenBound('你好世界')).toBeGreaterThanOrEqual(4)
})
