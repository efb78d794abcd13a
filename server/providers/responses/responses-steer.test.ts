import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeModel, type FakeModel } from '../../../bench/fake-model/fake-model.ts'
import type { Step } from '../../../bench/fake-model/script.ts'
import type { ModelEvent, ModelItem } from '../../../core/engine/model-stream.ts'
import { ManualClock } from '../../../core/lib/clock.ts'
import { patientTimeouts, requestOf, run, sessionOptions, textOf } from '../../testing/provider-requests.ts'
import { systemTimers } from '../../timers.ts'
import { knownModels } from '../known-models.ts'
import type { ModelSession, Provider } from '../provider.ts'
import { createResponsesProvider } from './responses-provider.ts'

const user = (text: string): ModelItem => ({ type: 'message', role: 'user', text })
const assistant = (text: string): ModelItem => ({ type: 'message', role: 'assistant', text })
const call = { callId: 'a', name: 'read_file', format: 'json' } as const
const toolCall: ModelItem = { type: 'toolCall', ...call, input: '{}' }
const toolResult: ModelItem = { type: 'toolResult', ...call, output: 'text' }
const steer = (id: string) => ({ id, input: [user(`words ${id}`)] })

describe('words for a response that runs', () => {
  let fake: FakeModel
  let provider: Provider
  let session: ModelSession

  function open(transport: 'websocket' | 'http' = 'websocket', verdictMs = 5000): void {
    provider = createResponsesProvider({
      id: 'fake',
      baseUrl: fake.url,
      headers: {},
      transport,
      timeouts: { ...patientTimeouts, verdictMs },
      clock: new ManualClock(),
      timers: systemTimers,
      lister: {
        providerId: 'fake',
        transport: 'websocket',
        configured: [],
        preferred: [],
        known: knownModels,
        otherwise: { contextWindow: 1000, maxOutputTokens: 100, tools: 'custom' },
      },
    })
    session = provider.openSession(sessionOptions())
  }
  /** Runs `go`, and does something when its first words have come. */
  async function runAnd(onText: () => void): Promise<ModelEvent[]> {
    const events: ModelEvent[] = []
    let told = false
    await session.stream(requestOf('go'), new AbortController().signal, (event) => {
      events.push(event)
      if (event.type !== 'textDelta' || told) return
      told = true
      onText()
    })
    return events
  }
  const ends = (events: readonly ModelEvent[]) =>
    events.flatMap((event) =>
      event.type === 'steersApplied' || event.type === 'steerFailed' || event.type === 'completed'
        ? [event]
        : [],
    )
  const creates = () =>
    fake.requests.filter(({ kind, body }) => kind !== 'models' && body.type === 'response.create')

  beforeEach(async () => {
    const endless: readonly Step[] = [
      { type: 'text', text: 'First' },
      { type: 'hold', until: new Promise(() => {}) },
    ]
    fake = await createFakeModel()
    fake.script = ({ userText }) =>
      userText === 'go' ? endless : [{ type: 'text', text: `So: ${userText}` }]
    open()
  })
  afterEach(async () => {
    session.close()
    provider.close?.()
    await fake.close()
  })

  it('[STEER-23] the response that takes them up is the same answer, and nothing is asked twice', async () => {
    const events = await runAnd(() => expect(session.steer?.(steer('1'))).toBe(true))
    expect(textOf(events)).toBe('FirstSo: words 1')
    expect(ends(events)).toEqual([{ type: 'steersApplied', ids: ['1'] }, { type: 'completed' }])
    expect(creates()).toHaveLength(1)
    expect(fake.steers).toMatchObject([
      { type: 'response.steer', input: [{ role: 'user', content: [{ text: 'words 1' }] }] },
    ])
    expect(Object.keys(fake.steers[0] ?? {})).toEqual(['type', 'previous_response_id', 'input'])
    // The conversation goes on from the response that took them up, as an addition.
    const next = [user('go'), assistant('First'), user('words 1'), assistant('So: words 1'), user('thanks')]
    await run(session, requestOf(next))
    expect(creates().at(-1)?.body).toMatchObject({ input: [{ content: [{ text: 'thanks' }] }] })
    expect(creates().at(-1)?.body.previous_response_id).toBeDefined()
  })

  it('[STEER-23] words kept for the request with the results of tools are not sent again', async () => {
    // A response that has called tools waits for their results.
    fake.script = ({ round }) =>
      round === 0
        ? [
            { type: 'functionCall', name: 'read_file', callId: 'a', text: '{}' },
            { type: 'text', text: 'First' },
            { type: 'hold', until: new Promise(() => {}) },
          ]
        : [{ type: 'text', text: 'Done.' }]
    const events = await runAnd(() => session.steer?.(steer('1')))
    expect(ends(events)).toEqual([{ type: 'completed' }])
    const input = [user('go'), toolCall, assistant('First'), toolResult, user('words 1')]
    await run(session, requestOf(input))
    expect(creates()).toHaveLength(2)
    expect(creates()[1]?.body.input).toEqual([{ type: 'function_call_output', call_id: 'a', output: 'text' }])
    expect(creates()[1]?.body.previous_response_id).toBeDefined()
  })

  it('[STEER-23] words that are kept and not wanted any more are not said', async () => {
    fake.script = ({ round }) =>
      round === 0
        ? [
            { type: 'functionCall', name: 'read_file', callId: 'a', text: '{}' },
            { type: 'text', text: 'First' },
            { type: 'hold', until: new Promise(() => {}) },
          ]
        : [{ type: 'text', text: 'Done.' }]
    await runAnd(() => session.steer?.(steer('1')))
    await run(session, requestOf([user('go'), toolCall, assistant('First'), toolResult]))
    expect(creates()[1]?.body.previous_response_id).toBeUndefined()
    expect(JSON.stringify(creates()[1]?.body)).not.toContain('words 1')
  })

  const codes = [
    'response_not_found',
    'invalid_input',
    'too_many_pending_steers',
    'response_already_completed',
    'response_not_active',
    'steering_not_supported',
    'a_code_of_tomorrow',
  ]
  for (const code of codes) {
    it(`[STEER-24] words refused with ${code} are told as failed, and the answer goes on`, async () => {
      const held = Promise.withResolvers<void>()
      fake.script = () => [
        { type: 'text', text: 'First' },
        { type: 'hold', until: held.promise },
        { type: 'text', text: ', then the rest.' },
      ]
      fake.steering = { refuse: code }
      const events: ModelEvent[] = []
      await session.stream(requestOf('go'), new AbortController().signal, (event) => {
        events.push(event)
        if (event.type === 'textDelta' && textOf(events) === 'Firs') session.steer?.(steer('1'))
        if (event.type === 'steerFailed') held.resolve()
      })
      expect(textOf(events)).toBe('First, then the rest.')
      expect(ends(events)).toEqual([{ type: 'steerFailed', id: '1' }, { type: 'completed' }])
      fake.steering = 'take'
      const again = await runAnd(() =>
        expect(session.steer?.(steer('2'))).toBe(code !== 'steering_not_supported'),
      )
      expect(again.at(-1)).toEqual({ type: 'completed' })
    })
  }

  it('[STEER-24] a response that ended for them and has no successor is whole, and they are told as failed', async () => {
    fake.steering = { fail: 'successor_creation_failed' }
    const events = await runAnd(() => session.steer?.(steer('1')))
    expect(textOf(events)).toBe('First')
    expect(ends(events)).toEqual([{ type: 'steerFailed', id: '1' }, { type: 'completed' }])
  })

  it('[STEER-24] without a word about them they are told as failed, on a connection that can say them no more', async () => {
    open('websocket', 20)
    fake.script = () => [{ type: 'text', text: 'First' }]
    fake.steering = 'ignore'
    const events = await runAnd(() => session.steer?.(steer('1')))
    expect(ends(events)).toEqual([{ type: 'steerFailed', id: '1' }, { type: 'completed' }])
    await run(session, requestOf([user('go'), assistant('First'), user('words 1')]))
    const [first, second] = creates()
    expect(second?.socketId).not.toBe(first?.socketId)
    expect(second?.body.previous_response_id).toBeUndefined()
  })

  it('[STEER-24] a cut tells no fate: the call fails and its words go with it', async () => {
    const events = await runAnd(() => {
      fake.steering = 'ignore'
      session.steer?.(steer('1'))
      fake.dropConnections()
    })
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'cut' } })
    expect(ends(events)).toEqual([])
  })

  it('[STEER-24] over HTTP, and while nothing runs, none are taken', async () => {
    expect(session.steer?.(steer('1'))).toBe(false)
    open('http')
    fake.script = () => [{ type: 'text', text: 'First' }]
    await runAnd(() => expect(session.steer?.(steer('1'))).toBe(false))
    expect(fake.steers).toEqual([])
  })
})
