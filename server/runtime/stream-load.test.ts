import { expect, test } from 'vitest'
import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'
import { ManualClock } from '../../core/lib/clock.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ModelSession } from '../providers/provider.ts'
import { systemTimers as timers } from '../timers.ts'
import { ModelCaller } from './model-caller.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import { ModelHealth } from './model-health.ts'
import { StreamLoad } from './stream-load.ts'

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
  const load = new StreamLoad({ clock, timers })
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
    const deps = { models, clock, timers, load, onBug }
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
  const makeBusy = () => {
    for (let piece = 0; piece < 4000; piece++) load.piece(clock.monotonic() + piece / 20)
    clock.advance(200)
  }
  return { told, calls, makeBusy }
}

/** What is ready has been read, and a little of what waited for that was done. */
const round = () => new Promise<void>((resolve) => setImmediate(resolve))

const words = (text: string): ModelEvent => ({ type: 'textDelta', text })
const usage: ModelEvent = {
  type: 'usage',
  usage: { inputTokens: 1, cachedTokens: 0, outputTokens: 1 },
}
const ending: readonly ModelEvent[] = [{ type: 'textCompleted' }, usage, { type: 'completed' }]

test('[OUTBOX-33] alone an answer ends as it is read', () => {
  const { told, calls } = makeCalls(1)
  calls[0]?.say(words('Hi.'), ...ending)
  expect(told).toEqual(['0 Hi.', '0 textCompleted', '0 usage', '0 completed'])
})

test('[OUTBOX-33] while the server reads much, ends wait for the words of others that are there, and keep their order', async () => {
  const { told, calls, makeBusy } = makeCalls(3)
  makeBusy()
  calls[0]?.say(words('One.'), ...ending)
  calls[1]?.say(words('Two.'), ...ending)
  calls[2]?.say(words('Three.'))
  while (told.length < 9) await round()
  expect(told.slice(0, 3)).toEqual(['0 One.', '1 Two.', '2 Three.'])
  expect(told.slice(3)).toEqual([0, 1].flatMap((call) => ending.map(({ type }) => `${call} ${type}`)))
})

test('[OUTBOX-33] words that come meanwhile wait for no more than a few ends', async () => {
  const { told, calls, makeBusy } = makeCalls(9)
  makeBusy()
  for (const { say } of calls.slice(0, 8)) say(...ending)
  const ended = () => told.filter((one) => one.endsWith('completed')).length
  const perRound: number[] = []
  while (ended() < 8) {
    const before = ended()
    calls[8]?.say(words('And '))
    await round()
    perRound.push(ended() - before)
  }
  expect(Math.max(...perRound)).toBeLessThanOrEqual(2)
  expect(told[0]).toBe('8 And ')
})

test('[OUTBOX-33] an end that waits when its turn is stopped is not told', async () => {
  const { told, calls, makeBusy } = makeCalls(1)
  makeBusy()
  calls[0]?.say(words('Hi.'), ...ending)
  calls[0]?.caller.abort()
  await round()
  await round()
  expect(told.filter((one) => one.endsWith('completed'))).toEqual([])
})
