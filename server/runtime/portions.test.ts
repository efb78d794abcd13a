import { expect, test } from 'vitest'
import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'
import { ManualClock } from '../../core/lib/clock.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ModelSession } from '../providers/provider.ts'
import { systemTimers as timers } from '../timers.ts'
import { ModelCaller } from './model-caller.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import { ModelHealth } from './model-health.ts'
import { Portions } from './portions.ts'

const model: ModelDescription = {
  id: 'a/m',
  providerId: 'a',
  name: 'M',
  kind: 'language',
  tools: 'custom',
  contextWindow: 1000,
  maxOutputTokens: 100,
} as ModelDescription
const request = { input: [] } as unknown as ModelRequest

/** Several calls of one server, each of whose answers is said by the test; `told` is what the turns hear, in order. */
function makeCalls(count: number) {
  const clock = new ManualClock()
  const portions = new Portions({ clock, timers })
  const told: string[] = []
  const calls = Array.from({ length: count }, (_, index) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let say = (_event: ModelEvent) => {}
    const session: ModelSession = {
      warm() {},
      close() {},
      stream(_request, _signal, onEvent) {
        say = onEvent
        return promise
      },
    }
    const models = {
      openSession: () => session,
      health: new ModelHealth(clock),
    } as unknown as ModelCatalogue
    const onBug = (error: unknown) => expect(error).toBeUndefined()
    const deps = { models, clock, timers, portions, onBug }
    const caller = new ModelCaller({ ...deps, session: {} as never })
    const onEvent = (event: ModelEvent) => {
      told.push(`${index} ${'text' in event ? event.text : event.type}`)
      // What an end costs.
      if (event.type === 'completed') clock.advance(1.5)
    }
    caller.call(model, { request, silenceMs: undefined, onEvent })
    resolve()
    return { caller, say: (...events: readonly ModelEvent[]) => events.forEach(say) }
  })
  return { told, calls, clock }
}

/** What is ready has been read, and a little of what waited for that was done. */
const round = () => new Promise<void>((resolve) => setImmediate(resolve))

const words = (text: string): ModelEvent => ({ type: 'textDelta', text })
const usage: ModelEvent = {
  type: 'usage',
  usage: { inputTokens: 1, cachedTokens: 0, outputTokens: 1 },
}
const end: readonly ModelEvent[] = [{ type: 'textCompleted' }, usage, { type: 'completed' }]

test('[RELAY-63] alone an answer ends as it is read', () => {
  const { told, calls } = makeCalls(1)
  calls[0]?.say(words('Hi.'), ...end)
  expect(told).toEqual(['0 Hi.', '0 textCompleted', '0 usage', '0 completed'])
})

test('[RELAY-63] of many that end at once a few do so at a time, in their order, and what others say comes between', async () => {
  const { told, calls } = makeCalls(16)
  const ending = calls.slice(0, 15)
  for (const { say } of ending) say(words('Hi.'), ...end)
  const ended = () => told.filter((one) => one.endsWith('completed')).length
  expect(ended()).toBeLessThanOrEqual(3)
  const perRound: number[] = []
  while (ended() < 15) {
    const before = ended()
    calls[15]?.say(words('And '))
    await round()
    perRound.push(ended() - before)
  }
  expect(Math.max(...perRound)).toBeLessThanOrEqual(3)
  expect(told.filter((one) => one === '15 And ').length).toBeGreaterThanOrEqual(3)
  const order = told.filter((one) => !one.startsWith('15'))
  for (const call of ending.keys())
    expect(order.filter((one) => one.startsWith(`${call} `))).toEqual(
      ['Hi.', ...end.map(({ type }) => type)].map((what) => `${call} ${what}`),
    )
})

test('[RELAY-63] where there is much to read ends have a fifth of the time, and where there is little none waits for it', async () => {
  const { told, calls, clock } = makeCalls(40)
  for (const { say } of calls) say(words('Hi.'), ...end)
  const ended = () => told.filter((one) => one.endsWith('completed')).length
  const before = ended()
  for (let n = 0; n < 30; n++) {
    clock.advance(3)
    await round()
  }
  const busy = ended() - before
  expect(busy * 1.5).toBeLessThanOrEqual(0.25 * 90 + 2 + 1.5)
  expect(busy * 1.5).toBeGreaterThan(0.25 * 90 - 2)
  for (let n = 0; n < 12; n++) await round()
  expect(ended()).toBe(40)
})

test('[RELAY-63] an end that waits when its turn is stopped is not told', async () => {
  const { told, calls } = makeCalls(4)
  for (const { say } of calls) say(words('Hi.'), ...end)
  calls[3]?.caller.abort()
  await round()
  await round()
  expect(told.filter((one) => one.endsWith('completed'))).toEqual([
    '0 completed',
    '1 completed',
    '2 completed',
  ])
})
