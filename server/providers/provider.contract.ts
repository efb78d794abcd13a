import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeModel, type FakeModel } from '../../bench/fake-model/fake-model.ts'
import type { RecordedRequest } from '../../bench/fake-model/recorded.ts'
import type { Fault, Step } from '../../bench/fake-model/script.ts'
import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { ModelFailure } from '../../core/protocol/model.ts'
import {
  failureIn,
  patientTimeouts,
  requestOf,
  run,
  sessionOptions,
  textOf,
} from '../testing/provider-requests.ts'
import type { ModelSession, Provider } from './provider.ts'
import type { Timeouts } from './timeouts.ts'

/** One way to reach a model; the suite runs on each. */
export interface ProviderUnderTest {
  readonly name: string
  readonly kind: RecordedRequest['kind']
  /** Whether the API has tools of raw text, and encrypted reasoning. */
  readonly isResponses: boolean
  create(fake: FakeModel, timeouts: Timeouts): Provider
}

/** What holds for every answer: `sent` first and once, one terminal event and that last. */
function expectWellFormed(events: readonly ModelEvent[]): void {
  const terminal = events.filter(({ type }) => type === 'completed' || type === 'failed')
  expect(terminal).toHaveLength(1)
  expect(events.at(-1)).toBe(terminal[0])
  const sent = events.findIndex(({ type }) => type === 'sent')
  expect(sent).toBeLessThanOrEqual(0)
  expect(events.filter(({ type }) => type === 'sent').length).toBeLessThanOrEqual(1)
}

/** Joined deltas, so that the cut of the tokens does not matter; what else is left of the backend is another matter. */
function joined(events: readonly ModelEvent[]): readonly unknown[] {
  const out: { type: string; text?: string }[] = []
  for (const event of events) {
    if (event.type === 'quotas') continue
    const last = out.at(-1)
    const piece =
      event.type === 'textDelta' || event.type === 'reasoningDelta'
        ? event.text
        : event.type === 'toolCallDelta'
          ? event.delta
          : undefined
    if (piece !== undefined && last?.type === event.type) last.text += piece
    else if (piece !== undefined) out.push({ type: event.type, text: piece })
    else out.push(event)
  }
  return out
}

export function providerContract(under: ProviderUnderTest): void {
  describe(under.name, () => {
    let fake: FakeModel
    let provider: Provider
    let session: ModelSession
    let closing: (() => void)[] = []

    function open(timeouts = patientTimeouts): void {
      provider = under.create(fake, timeouts)
      session = provider.openSession(sessionOptions())
      const { close } = session
      closing.push(close.bind(session), () => provider.close?.())
    }
    function script(...steps: readonly Step[]): void {
      fake.script = () => steps
    }
    function fault(value: Fault): Step {
      return { type: 'fault', fault: value }
    }

    beforeEach(async () => {
      fake = await createFakeModel()
      closing = []
      open()
    })
    afterEach(async () => {
      for (const close of closing) close()
      await fake.close()
    })

    it('[PROV-1] gives an answer as sent, heard, deltas and one completed', async () => {
      script({ type: 'text', text: 'Hello, 世界 👋🏽!' })
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(joined(events)).toEqual([
        expect.objectContaining({ type: 'sent', connection: 'opened', connectMs: expect.any(Number) }),
        { type: 'heard' },
        { type: 'textDelta', text: 'Hello, 世界 👋🏽!' },
        expect.objectContaining(under.isResponses ? { type: 'textCompleted' } : { type: expect.any(String) }),
        expect.objectContaining(under.isResponses ? { type: 'usage' } : { type: expect.any(String) }),
        { type: 'completed' },
      ])
      expect(events.map(({ type }) => type)).toContain('textCompleted')
    })

    it('[PROV-1] streams each token as it comes', async () => {
      script({ type: 'text', tokens: 500, tokensPerSecond: 10_000 })
      const events = await run(session, requestOf('hi'))
      expect(events.filter(({ type }) => type === 'textDelta')).toHaveLength(500)
      expect(textOf(events)).toHaveLength(2000)
    })

    it('[PROV-2] gives a function call as started, deltas and the whole arguments', async () => {
      script({ type: 'functionCall', name: 'read_file', callId: 'call_a', text: '{"path":"src/a.ts"}' })
      const events = await run(session, requestOf('read'))
      expectWellFormed(events)
      const call = { callId: 'call_a', name: 'read_file', format: 'json' }
      expect(joined(events).filter((event) => JSON.stringify(event).includes('toolCall'))).toEqual([
        { type: 'toolCallStarted', ...call },
        { type: 'toolCallDelta', text: '{"path":"src/a.ts"}' },
        { type: 'toolCallCompleted', ...call, input: '{"path":"src/a.ts"}' },
      ])
    })

    it('[PROV-2] gives a freeform tool its raw text, also where the API has only functions', async () => {
      const patch = '*** Begin Patch\n*** Update File: "ä\\b".ts\n@@\n-a\t👋\n+b\n*** End Patch\n'
      script({ type: 'customCall', name: 'apply_patch', callId: 'call_p', text: patch })
      const events = await run(session, requestOf('edit'))
      const call = { callId: 'call_p', name: 'apply_patch', format: 'freeform' }
      expect(joined(events).filter((event) => JSON.stringify(event).includes('toolCall'))).toEqual([
        { type: 'toolCallStarted', ...call },
        { type: 'toolCallDelta', text: patch },
        { type: 'toolCallCompleted', ...call, input: patch },
      ])
    })

    it('[PROV-2] keeps several calls of one answer apart', async () => {
      script(
        { type: 'text', text: 'Two files.' },
        { type: 'functionCall', name: 'read_file', callId: 'call_a', text: '{"path":"a"}' },
        { type: 'functionCall', name: 'read_file', callId: 'call_b', text: '{"path":"b"}' },
      )
      const events = await run(session, requestOf('read'))
      const inputs = events.flatMap((event) =>
        event.type === 'toolCallCompleted' ? [[event.callId, event.input]] : [],
      )
      expect(inputs).toEqual([
        ['call_a', '{"path":"a"}'],
        ['call_b', '{"path":"b"}'],
      ])
      const types = events.map(({ type }) => type)
      expect(types.indexOf('textCompleted')).toBeLessThan(types.indexOf('toolCallStarted'))
    })

    it('[PROV-3] gives reasoning as deltas apart from the text', async () => {
      script(
        { type: 'reasoning', text: 'Let me see.', encrypted: 'c2VjcmV0' },
        { type: 'text', text: 'Yes.' },
      )
      const events = await run(session, requestOf('think'))
      const reasoning = joined(events).filter((event) => JSON.stringify(event).includes('reasoningDelta'))
      expect(reasoning).toEqual([{ type: 'reasoningDelta', text: 'Let me see.' }])
      expect(textOf(events)).toBe('Yes.')
      expect(events.some(({ type }) => type === 'opaque')).toBe(under.isResponses)
    })

    it('[PROV-4] reports usage with cached tokens', async () => {
      script({ type: 'usage', input: 120, cached: 80, output: 7 }, { type: 'text', text: 'ok' })
      const usage = (await run(session, requestOf('hi'))).find((event) => event.type === 'usage')
      expect(usage).toMatchObject({ usage: { inputTokens: 120, cachedTokens: 80, outputTokens: 7 } })
    })

    const errors: readonly [string, Fault, Partial<ModelFailure>][] = [
      [
        '401',
        {
          type: 'status',
          status: 401,
          body: { error: { message: 'Incorrect API key.', code: 'invalid_api_key' } },
        },
        { code: 'wrongKey', retriable: false },
      ],
      ['403', { type: 'status', status: 403 }, { code: 'wrongKey', retriable: false }],
      [
        '404',
        { type: 'status', status: 404, body: { error: { message: 'The model `x` does not exist.' } } },
        { code: 'modelNotFound', retriable: false },
      ],
      ['429 without a wait', { type: 'status', status: 429 }, { code: 'rateLimited', retriable: true }],
      [
        '429 with Retry-After',
        { type: 'status', status: 429, headers: { 'retry-after': '7' } },
        { code: 'rateLimited', retriable: true, retryAfterMs: 7000 },
      ],
      [
        '429 with the wait in words',
        { type: 'status', status: 429, body: { error: { message: 'Please try again in 1.5s.' } } },
        { code: 'rateLimited', retryAfterMs: 1500 },
      ],
      [
        'a used-up quota',
        { type: 'status', status: 429, body: { error: { message: 'Quota.', code: 'insufficient_quota' } } },
        { code: 'quotaExceeded', retriable: false },
      ],
      ['500', { type: 'status', status: 500 }, { code: 'internal', retriable: true }],
      ['503', { type: 'status', status: 503 }, { code: 'overloaded', retriable: true }],
      [
        'overload within the stream',
        { type: 'failed', code: 'server_is_overloaded', message: 'At capacity.' },
        { code: 'overloaded', retriable: true },
      ],
      [
        'slow_down',
        { type: 'failed', code: 'slow_down', message: 'Slow down, try again in 2s.' },
        { code: 'overloaded', retryAfterMs: 2000 },
      ],
      [
        'too long an input',
        { type: 'error', code: 'context_length_exceeded', message: 'Too long.', status: 400 },
        { code: 'contextOverflow', retriable: false },
      ],
      [
        'the output limit',
        { type: 'incomplete', reason: 'max_output_tokens' },
        { code: 'outputLimit', retriable: false },
      ],
      ['a filter', { type: 'incomplete', reason: 'content_filter' }, { code: 'refused', retriable: false }],
    ]
    for (const [name, what, expected] of errors) {
      it(`[PROV-5] tells ${name} as ${expected.code}`, async () => {
        script(fault(what))
        const events = await run(session, requestOf('hi'))
        expectWellFormed(events)
        expect(failureIn(events)).toMatchObject(expected)
        if (!('retryAfterMs' in expected)) expect(failureIn(events)).not.toHaveProperty('retryAfterMs')
      })
    }

    it('[PROV-5] tells an error in the middle of an answer, keeping what came before', async () => {
      script(
        { type: 'text', text: 'Half' },
        fault({ type: 'error', code: 'rate_limit_exceeded', message: 'Later.', status: 429 }),
      )
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(textOf(events)).toBe('Half')
      expect(failureIn(events)).toMatchObject({ code: 'rateLimited', detail: 'Later.' })
    })

    it('[PROV-5] tells a backend that is not there as noBackend', async () => {
      await fake.close()
      open()
      const events = await run(session, requestOf('hi'))
      expect(failureIn(events)).toMatchObject({ code: 'noBackend', retriable: true })
      expect(failureIn(events)?.detail).toContain(`127.0.0.1:${fake.port}`)
    })

    it('[PROV-6] tells a connection cut before the first token', async () => {
      script({ type: 'begin' }, fault({ type: 'cut' }))
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(failureIn(events)).toMatchObject({ code: 'cut', retriable: true })
    })

    it('[PROV-6] tells a connection cut in the middle of an answer and completes no half tool call', async () => {
      const seen = Promise.withResolvers<void>()
      fake.script = () => [
        { type: 'text', text: 'abcdefgh' },
        { type: 'functionCall', name: 'read_file', text: '{"path":"a', unfinished: true },
        { type: 'hold', until: seen.promise },
        fault({ type: 'cut' }),
      ]
      const events: ModelEvent[] = []
      await session.stream(requestOf('hi'), new AbortController().signal, (event) => {
        events.push(event)
        if (event.type === 'toolCallDelta') seen.resolve()
      })
      expectWellFormed(events)
      expect(textOf(events)).toBe('abcdefgh')
      expect(failureIn(events)?.code).toBe('cut')
      expect(events.some(({ type }) => type === 'toolCallCompleted')).toBe(false)
    })

    it('[PROV-6] tells an orderly end without a last word as cut', async () => {
      script({ type: 'text', text: 'Half' }, fault({ type: 'end' }))
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(failureIn(events)?.code).toBe('cut')
    })

    it('[PROV-7] gives up on a backend that does not begin', async () => {
      open({ ...patientTimeouts, firstByteMs: 40 })
      script(fault({ type: 'stall' }))
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(failureIn(events)).toMatchObject({ code: 'timedOut', retriable: true })
      const request = await fake.waitFor(({ kind }) => kind === under.kind)
      await request.over
      expect(request.cutAt).toBeDefined()
    })

    it('[PROV-7] gives up on an answer that stops in the middle', async () => {
      open({ ...patientTimeouts, stallMs: 40 })
      script(
        { type: 'functionCall', name: 'read_file', text: '{"path":"a', unfinished: true },
        fault({ type: 'stall' }),
      )
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(failureIn(events)).toMatchObject({ code: 'stalled', retriable: true })
      expect(events.some(({ type }) => type === 'toolCallCompleted')).toBe(false)
    })

    for (const type of ['malformed', 'truncated'] as const) {
      it(`[PROV-8] ends an answer with a ${type} frame in one failure, and works again after it`, async () => {
        script({ type: 'text', text: 'Half' }, fault({ type }), { type: 'text', text: ' and more' })
        const events = await run(session, requestOf('hi'))
        expectWellFormed(events)
        expect(failureIn(events)?.code).toMatch(type === 'malformed' ? /malformed/ : /malformed|cut/)
        expect(textOf(events)).toBe('Half')
        script({ type: 'text', text: 'Fine.' })
        expect(textOf(await run(session, requestOf('again')))).toBe('Fine.')
      })
    }

    it('[PROV-8] skips events nobody knows', async () => {
      script(
        { type: 'begin' },
        fault({ type: 'raw', data: '{"type":"codex.rate_limits","plan_type":"pro"}' }),
        fault({ type: 'raw', data: '[]' }),
        { type: 'text', text: 'ok' },
      )
      expect(textOf(await run(session, requestOf('hi')))).toBe('ok')
    })

    it('[PROV-8] reads frames cut inside characters', async () => {
      const text = 'żółć 世界 👋🏽 — “ok”'
      script(fault({ type: 'split' }), { type: 'text', text })
      const events = await run(session, requestOf('hi'))
      expectWellFormed(events)
      expect(textOf(events)).toBe(text)
    })

    it('[PROV-9] cuts upstream at once when aborted, and gives no event afterwards', async () => {
      script({ type: 'text', tokens: 2000, tokensPerSecond: 1000 })
      const stop = new AbortController()
      const events: ModelEvent[] = []
      let afterAbort = 0
      await session.stream(requestOf('hi'), stop.signal, (event) => {
        if (stop.signal.aborted) afterAbort += 1
        events.push(event)
        if (event.type === 'textDelta' && events.length > 20) stop.abort()
      })
      const request = await fake.waitFor(({ kind }) => kind === under.kind)
      await request.over
      expect(request.cutAt).toBeDefined()
      expect(request.endedAt).toBeUndefined()
      expect(afterAbort).toBe(0)
      expect(events.at(-1)?.type).toBe('textDelta')
    })

    it('[PROV-9] cuts upstream when aborted before the first byte', async () => {
      script(fault({ type: 'stall' }))
      const stop = new AbortController()
      const events: ModelEvent[] = []
      const done = session.stream(requestOf('hi'), stop.signal, (event) => events.push(event))
      const request = await fake.waitFor(({ kind }) => kind === under.kind)
      stop.abort()
      await done
      await request.over
      expect(request.cutAt).toBeDefined()
      expect(events.filter(({ type }) => type !== 'sent')).toEqual([])
    })

    it('[UPLINK-31] a stop ends the response upstream within 30 ms, before its first byte and within its words', async () => {
      const untilCut = async (...steps: readonly Step[]) => {
        const asked = fake.requests.length
        script(...steps)
        const stop = new AbortController()
        const isSilent = steps[0]?.type === 'fault'
        const spoke = Promise.withResolvers<void>()
        const done = session.stream(requestOf('hi'), stop.signal, (event) => {
          if (event.type === 'textDelta') spoke.resolve()
        })
        const request = await fake.waitFor(({ kind, index }) => kind === under.kind && index >= asked)
        if (!isSilent) await spoke.promise
        const at = performance.now()
        stop.abort()
        await Promise.all([request.over, done])
        expect(request.endedAt).toBeUndefined()
        return performance.now() - at
      }
      const silent = fault({ type: 'stall' })
      const talking = { type: 'text', tokens: 2000, tokensPerSecond: 1000 } as const
      // The middle of three: a machine that is busy for a moment says nothing about the way.
      for (const steps of [silent, talking]) {
        const times = [await untilCut(steps), await untilCut(steps), await untilCut(steps)]
        expect(times.toSorted((a, b) => a - b)[1]).toBeLessThan(30)
      }
    })

    it('[PROV-9] sends nothing when aborted before it began, and serves the next request', async () => {
      expect(await run(session, requestOf('hi'), AbortSignal.abort())).toEqual([])
      script({ type: 'text', text: 'ok' })
      expect(textOf(await run(session, requestOf('hi')))).toBe('ok')
      expect(fake.requests.filter(({ kind }) => kind === under.kind)).toHaveLength(1)
    })

    it('[PROV-9] answers the redirect that follows an abort in the same tick', async () => {
      script({ type: 'text', tokens: 2000, tokensPerSecond: 1000 })
      const stop = new AbortController()
      let second: Promise<ModelEvent[]> | undefined
      await session.stream(requestOf('hi'), stop.signal, (event) => {
        if (event.type !== 'textDelta' || second) return
        stop.abort()
        script({ type: 'text', text: 'The other way.' })
        second = run(session, requestOf('no, differently'))
      })
      const events = (await second) ?? []
      expectWellFormed(events)
      expect(textOf(events)).toBe('The other way.')
    })

    it('[PROV-10] reuses its connection and says so', async () => {
      script({ type: 'text', text: 'ok' })
      const connections: string[] = []
      for (const text of ['one', 'two', 'three']) {
        const [first] = await run(session, requestOf(text))
        if (first?.type === 'sent') connections.push(first.connection)
      }
      expect(connections).toEqual(['opened', 'reused', 'reused'])
      const sockets = new Set(fake.requests.map(({ socketId }) => socketId))
      expect(sockets.size).toBe(1)
    })

    it('[PROV-10] connects ahead of time when warmed', async () => {
      script({ type: 'text', text: 'ok' })
      session.warm(requestOf([]))
      const warming = await fake.waitFor(() => true)
      await warming.over
      await provider.models(new AbortController().signal)
      const [first] = await run(session, requestOf('one'))
      expect(first).toMatchObject({ type: 'sent', connection: 'reused', connectMs: 0 })
    })

    it('[PROV-10] survives an idle connection that the backend closed', async () => {
      script({ type: 'text', text: 'ok' })
      await run(session, requestOf('one'))
      fake.dropConnections()
      const events = await run(session, requestOf('two'))
      expectWellFormed(events)
      expect(textOf(events)).toBe('ok')
    })

    it('[PROV-24] runs a second request of a session beside the first', async () => {
      const first = Promise.withResolvers<void>()
      fake.script = ({ userText }) =>
        userText === 'first'
          ? [{ type: 'begin' }, { type: 'hold', until: first.promise }, { type: 'text', text: 'one' }]
          : [{ type: 'text', text: 'two' }]
      const running = run(session, requestOf('first'))
      await fake.waitFor(({ kind }) => kind === under.kind)
      expect(textOf(await run(session, requestOf('second')))).toBe('two')
      first.resolve()
      expect(textOf(await running)).toBe('one')
    })

    it('[PROV-20] lists the models of the backend, and says when the key is wrong', async () => {
      const signal = new AbortController().signal
      expect(await provider.models(signal)).toMatchObject([
        { name: 'fake-fast', status: 'ready', kind: 'language' },
      ])
      await fake.close()
      expect(await provider.models(signal)).toEqual([])
    })
  })
}
