import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeModel, type FakeModel } from '../../../bench/fake-model/fake-model.ts'
import type { ModelItem } from '../../../core/engine/model-stream.ts'
import { ManualClock } from '../../../core/lib/clock.ts'
import {
  failureIn,
  patientTimeouts,
  requestOf,
  run,
  sessionOptions,
  textOf,
} from '../../testing/provider-requests.ts'
import { systemTimers } from '../../timers.ts'
import { knownModels } from '../known-models.ts'
import type { ModelSession, Provider } from '../provider.ts'
import { createResponsesProvider } from './responses-provider.ts'

const user = (text: string): ModelItem => ({ type: 'message', role: 'user', text })
const assistant = (text: string): ModelItem => ({ type: 'message', role: 'assistant', text })

describe('Responses in WebSocket mode', () => {
  let fake: FakeModel
  let clock: ManualClock
  let provider: Provider
  let session: ModelSession

  function open(transport: 'auto' | 'websocket' | 'http' = 'auto', timeouts = patientTimeouts): void {
    provider = createResponsesProvider({
      id: 'fake',
      baseUrl: fake.url,
      headers: {},
      transport,
      timeouts,
      clock,
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
  /** The inputs of the requests so far, and the ids they continue from. */
  function seen() {
    return fake.requests.map(({ kind, body }) => ({
      kind,
      items: Array.isArray(body.input) ? body.input.length : -1,
      continues: body.previous_response_id !== undefined,
    }))
  }
  const full = (items: number) => ({ kind: 'responses-websocket', items, continues: false })
  const added = (items: number) => ({ kind: 'responses-websocket', items, continues: true })

  beforeEach(async () => {
    clock = new ManualClock()
    fake = await createFakeModel({ script: () => [{ type: 'text', text: 'ok' }] })
    open()
  })
  afterEach(async () => {
    session.close()
    provider.close?.()
    await fake.close()
  })

  it('[PROV-11] sends only what is new when the request continues the last answer', async () => {
    fake.script = ({ round }) =>
      round === 0
        ? [
            { type: 'reasoning', text: 'hm', encrypted: 'c2Vj' },
            { type: 'functionCall', name: 'read_file', callId: 'a', text: '{"path":"a"}' },
            { type: 'customCall', name: 'apply_patch', callId: 'b', text: '*** Begin Patch' },
          ]
        : [{ type: 'text', text: 'Done.' }]
    const first = requestOf('go')
    const events = await run(session, first)
    const opaque = events.find((event) => event.type === 'opaque')
    const calls: readonly ModelItem[] = [
      { type: 'opaque', data: opaque?.data ?? '' },
      { type: 'toolCall', callId: 'a', name: 'read_file', input: '{"path":"a"}', format: 'json' },
      { type: 'toolResult', callId: 'a', name: 'read_file', output: 'text', format: 'json' },
      { type: 'toolCall', callId: 'b', name: 'apply_patch', input: '*** Begin Patch', format: 'freeform' },
      { type: 'toolResult', callId: 'b', name: 'apply_patch', output: 'Done.', format: 'freeform' },
    ]
    const second = requestOf([...first.input, ...calls])
    await run(session, second)
    await run(session, requestOf([...second.input, assistant('Done.'), user('thanks')]))
    expect(seen()).toEqual([full(1), added(2), added(1)])
    expect(fake.requests[1]?.body.input).toEqual([
      { type: 'function_call_output', call_id: 'a', output: 'text' },
      { type: 'custom_tool_call_output', call_id: 'b', output: 'Done.' },
    ])
    expect(fake.requests[1]?.body).toMatchObject({ instructions: 'Be brief.', store: false })
  })

  it('[PROV-11] sends everything when something but the input changed, or the past reads otherwise', async () => {
    await run(session, requestOf('one'))
    const next = [user('one'), assistant('ok'), user('two')]
    await run(session, requestOf(next, { instructions: 'Be long.' }))
    await run(
      session,
      requestOf([user('uno'), assistant('ok'), user('two'), assistant('ok'), user('three')], {
        instructions: 'Be long.',
      }),
    )
    await run(session, requestOf([user('short')], { instructions: 'Be long.' }))
    expect(seen()).toEqual([full(1), full(3), full(5), full(1)])
  })

  it('[PROV-12] sends everything again when the server forgot', async () => {
    await run(session, requestOf('one'))
    fake.forget()
    const events = await run(session, requestOf([user('one'), assistant('ok'), user('two')]))
    expect(textOf(events)).toBe('ok')
    expect(events.filter(({ type }) => type === 'sent')).toHaveLength(1)
    expect(seen()).toEqual([full(1), added(1), full(3)])
    expect(new Set(fake.requests.map(({ socketId }) => socketId)).size).toBe(1)
  })

  it('[PROV-12] sends everything on a new socket when the old one is at its end or lost', async () => {
    await run(session, requestOf('one'))
    let told = 0
    fake.script = () =>
      told++ === 0
        ? [
            {
              type: 'fault',
              fault: { type: 'error', code: 'websocket_connection_limit_reached', message: '60 minutes' },
            },
          ]
        : [{ type: 'text', text: 'ok' }]
    expect(textOf(await run(session, requestOf([user('one'), assistant('ok'), user('two')])))).toBe('ok')
    fake.dropConnections()
    const third = requestOf([user('one'), assistant('ok'), user('two'), assistant('ok'), user('three')])
    expect(textOf(await run(session, third))).toBe('ok')
    expect(seen().at(-1)).toEqual(full(5))
    expect(fake.socketsSeen).toBe(3)
  })

  it('[PROV-12] gives up when the second attempt fails as well', async () => {
    const fault = { type: 'error', code: 'previous_response_not_found', message: 'Gone.' } as const
    fake.script = () => [{ type: 'fault', fault }]
    const events = await run(session, requestOf('one'))
    expect(failureIn(events)).toMatchObject({ code: 'badRequest', detail: 'Gone.' })
    expect(fake.requests).toHaveLength(2)
  })

  it('[PROV-13] replaces its socket before the backend ends it', async () => {
    await run(session, requestOf('one'))
    clock.advance(51 * 60_000)
    const second = [user('one'), assistant('ok'), user('two')]
    await run(session, requestOf(second))
    clock.advance(6 * 60_000)
    // What follows it was opened and prepared after the response before.
    const warming = await fake.waitFor(({ body }) => body.generate === false)
    await warming.over
    await provider.models(new AbortController().signal)
    const [sent] = await run(session, requestOf([...second, assistant('ok'), user('three')]))
    expect(sent).toEqual({ type: 'sent', connection: 'reused', connectMs: 0 })
    expect(seen().filter(({ kind }) => kind !== 'models')).toEqual([full(1), added(1), full(3), added(2)])
    expect(fake.requests.at(-1)?.socketId).toBe(warming.socketId)
    expect(warming.socketId).not.toBe(fake.requests[0]?.socketId)
  })

  it('[PROV-14] uses HTTP at once when the upgrade is refused, and tries the socket again a minute later', async () => {
    fake.upgrade = { status: 426 }
    expect(textOf(await run(session, requestOf('one')))).toBe('ok')
    const other = provider.openSession(sessionOptions())
    expect(textOf(await run(other, requestOf('two')))).toBe('ok')
    expect(seen().map(({ kind }) => kind)).toEqual(['responses-sse', 'responses-sse'])
    fake.upgrade = 'accept'
    clock.advance(61_000)
    await run(other, requestOf('three'))
    // The probe runs beside the request; the request after it finds the socket open.
    for (let i = 0; fake.requests.at(-1)?.kind !== 'responses-websocket' && i < 50; i++)
      await run(session, requestOf('four'))
    expect(fake.requests.at(-1)?.kind).toBe('responses-websocket')
    other.close()
  })

  const refusals = [
    { status: 426, body: '{}' },
    { status: 404, body: '{"error":{"message":"No route."}}' },
    { status: 403, body: '<html><body>Blocked by the proxy.</body></html>' },
    { status: 200, body: '<!doctype html><title>Sign in to the network</title>' },
    { status: 502, body: '' },
  ]
  for (const refusal of refusals) {
    it(`[PROV-14] uses HTTP at once where an upgrade is answered with ${refusal.status}, also by a proxy`, async () => {
      fake.upgrade = refusal
      const events = await run(session, requestOf('one'))
      expect(textOf(events)).toBe('ok')
      expect(events.filter(({ type }) => type === 'failed')).toEqual([])
      expect(seen().map(({ kind }) => kind)).toEqual(['responses-sse'])
    })
  }

  it('[PROV-5] a used-up plan on the socket says when it is free again, and is not tried over HTTP', async () => {
    fake.script = () => [
      {
        type: 'fault',
        fault: {
          type: 'error',
          code: 'usage_limit_reached',
          message: 'The usage limit has been reached.',
          status: 429,
          headers: { 'retry-after': '90' },
        },
      },
    ]
    expect(failureIn(await run(session, requestOf('one')))).toMatchObject({
      code: 'quotaExceeded',
      retriable: false,
      retryAfterMs: 90_000,
    })
    expect(fake.requests).toHaveLength(1)
  })

  it('[PROV-5] an error without a status is an error, and the socket serves on', async () => {
    const data = '{"type":"error","error":{"code":"server_error","message":"Oops."}}'
    fake.script = () => [{ type: 'begin' }, { type: 'fault', fault: { type: 'raw', data } }]
    expect(failureIn(await run(session, requestOf('one')))).toMatchObject({
      code: 'internal',
      detail: 'Oops.',
    })
    fake.script = () => [{ type: 'text', text: 'ok' }]
    expect(textOf(await run(session, requestOf('two')))).toBe('ok')
  })

  it('[SPECUL-2] a warm-up that is out of date is cancelled, and the next begins', async () => {
    session.warm(requestOf([user('context'), user('more')]))
    await fake.waitFor(({ body }) => body.generate === false)
    session.warm(requestOf([user('context')]))
    await fake.waitFor(({ body }) => Array.isArray(body.input) && body.input.length === 1)
    const prepared = fake.requests.filter(({ body }) => body.generate === false)
    expect(prepared.map(({ body }) => Array.isArray(body.input) && body.input.length)).toEqual([2, 1])
  })

  it('[PROV-14] uses HTTP when the upgrade is not answered in time', async () => {
    open('auto', { ...patientTimeouts, connectMs: 40 })
    fake.upgrade = 'hang'
    expect(textOf(await run(session, requestOf('one')))).toBe('ok')
    expect(seen()).toMatchObject([{ kind: 'responses-sse' }])
  })

  it('[PROV-14] keeps to the transport that is configured', async () => {
    open('websocket')
    fake.upgrade = { status: 404 }
    const refused = await run(session, requestOf('one'))
    expect(failureIn(refused)?.code).toMatch(/modelNotFound|noBackend/)
    fake.upgrade = 'accept'
    open('http')
    await run(session, requestOf('two'))
    expect(seen()).toMatchObject([{ kind: 'responses-sse' }])
  })

  it('[PROV-14] tells a wrong key at the upgrade without asking HTTP', async () => {
    fake.upgrade = { status: 401, body: '{"error":{"message":"Bad key.","code":"invalid_api_key"}}' }
    expect(failureIn(await run(session, requestOf('one')))).toMatchObject({
      code: 'wrongKey',
      detail: 'Bad key.',
    })
    expect(fake.requests).toEqual([])
  })

  it('[PROV-15] lets the server prepare instructions, tools and input when warmed, once', async () => {
    session.warm(requestOf([user('context')]))
    const warming = await fake.waitFor(() => true)
    await warming.over
    // A round trip on another connection: by then the answer has been read here too.
    await provider.models(new AbortController().signal)
    session.warm(requestOf([user('context')]))
    const events = await run(session, requestOf([user('context'), user('go')]))
    expect(events[0]).toEqual({ type: 'sent', connection: 'reused', connectMs: 0 })
    expect(seen().filter(({ kind }) => kind !== 'models')).toEqual([full(1), added(1)])
    expect(warming.body).toMatchObject({ generate: false, instructions: 'Be brief.' })
    expect(fake.requests.at(-1)?.body.generate).toBeUndefined()
    expect(events.filter(({ type }) => type === 'completed')).toHaveLength(1)
  })

  it('[PROV-15] does not wait for a warm-up, nor take its events for its own', async () => {
    session.warm(requestOf([user('context')]))
    const events = await run(session, requestOf([user('context'), user('go')]))
    expect(textOf(events)).toBe('ok')
    expect(fake.socketsSeen).toBe(1)
  })

  it('[PROV-23] skips an event that came twice', async () => {
    fake.script = () => [
      { type: 'begin' },
      { type: 'text', text: 'ab', unfinished: true },
      { type: 'fault', fault: { type: 'duplicate' } },
      { type: 'text', text: 'cdef' },
    ]
    const events = await run(session, requestOf('hi'))
    expect(textOf(events)).toBe('abcdef')
  })

  it('[PROV-9] opens the next socket after an abort, before it is asked for', async () => {
    fake.script = () => [{ type: 'text', tokens: 1000, tokensPerSecond: 1000 }]
    const stop = new AbortController()
    await session.stream(requestOf('hi'), stop.signal, (event) => {
      if (event.type === 'textDelta') stop.abort()
    })
    fake.script = () => [{ type: 'text', text: 'ok' }]
    session.warm(requestOf('hi'))
    const warming = await fake.waitFor(({ body }) => body.generate === false)
    await warming.over
    expect(warming.socketId).toBe(2)
    expect((await run(session, requestOf('hi')))[0]).toEqual({
      type: 'sent',
      connection: 'reused',
      connectMs: 0,
    })
  })
})
