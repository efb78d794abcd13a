import { expect, test } from 'vitest'
import type { EngineInput } from '../../core/engine/turn-state.ts'
import { ManualClock } from '../../core/lib/clock.ts'
import { seededRandom } from '../../core/lib/random.ts'
import { threadIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { systemTimers as timers } from '../timers.ts'
import { Portions } from './portions.ts'
import { TurnStarts } from './turn-starts.ts'

const model = { id: 'a/m', providerId: 'a', name: 'M', kind: 'language' } as ModelDescription

/** As many threads of one server, in which a beginning takes 1.5 ms; `begun` are those whose turn has begun, in order. */
function makeThreads(count: number) {
  const clock = new ManualClock()
  const portions = new Portions({ clock, timers })
  const begun: number[] = []
  const threads = Array.from({ length: count }, (_, index) => {
    const created = {
      type: 'thread/created',
      id: threadIdSchema.parse(`thr_${index}`),
      workspaceId: workspaceIdSchema.parse('wsp_1'),
      title: '',
      modelId: model.id,
      mode: 'live',
      at: 0,
    } as const
    const state = reduceThread(undefined, created)
    return new TurnStarts({
      models: { choose: async () => ({ model, fallbacks: [], passedOver: [] }) } as never,
      guidance: { read: async () => undefined } as never,
      documents: {} as never,
      workspace: { id: created.workspaceId } as never,
      clock,
      random: seededRandom(index),
      portions,
      readThread: async () => state,
      state: () => state,
      queued: () => '',
      onBegin() {},
      dispatch({ type }: EngineInput) {
        if (type !== 'start') throw new Error(`a turn begins with ${type}`)
        if (index === 3) throw new Error('It cannot begin.')
        begun.push(index)
        clock.advance(1.5)
      },
      noteShown() {},
    })
  })
  const ask = (thread: TurnStarts) => thread.begin({ text: 'Hi.', context: { openPaths: [] } }, 0)
  return { begun, threads, ask }
}

/** What is ready has been read, and a little of what waited for that was done. */
const round = () => new Promise<void>((resolve) => setImmediate(resolve))

test('[RELAY-70] a turn that begins alone does so as soon as what goes along with it is there', async () => {
  const { begun, threads, ask } = makeThreads(1)
  let isLater = false
  setImmediate(() => {
    isLater = true
  })
  for (const thread of threads) await ask(thread)
  expect({ begun, isLater }).toEqual({ begun: [0], isLater: false })
})

test('[RELAY-70] of many turns that begin at once a few do so at a time, in their order; one that cannot holds up none', async () => {
  const { begun, threads, ask } = makeThreads(16)
  const asked = threads.map(ask)
  const [, , , failing] = asked
  const failed = expect(failing).rejects.toThrow('It cannot begin.')
  const perRound: number[] = []
  while (begun.length < 15) {
    const before = begun.length
    await round()
    perRound.push(begun.length - before)
  }
  await failed
  expect(Math.max(...perRound)).toBeLessThanOrEqual(4)
  expect(perRound.length).toBeGreaterThanOrEqual(3)
  expect(begun).toEqual(threads.map((_, index) => index).filter((index) => index !== 3))
})
