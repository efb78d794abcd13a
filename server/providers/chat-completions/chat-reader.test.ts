import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../../../core/engine/model-stream.ts'
import { patientTimeouts } from '../../testing/provider-requests.ts'
import { systemTimers } from '../../timers.ts'
import { Exchange } from '../exchange.ts'
import { SseParser } from '../sse.ts'
import { ChatReader } from './chat-reader.ts'

/** Reads a recorded stream, cut at the given places. */
function read(bytes: Buffer, places: readonly number[] = []): readonly ModelEvent[] {
  const events: ModelEvent[] = []
  const exchange = new Exchange({
    signal: new AbortController().signal,
    timeouts: patientTimeouts,
    timers: systemTimers,
    onEvent: (event) => events.push(event),
  })
  const reader = new ChatReader({ exchange, now: () => 0, isFreeform: (tool) => tool === 'apply_patch' })
  const parser = new SseParser((data) => {
    const failure = data === '[DONE]' ? reader.end() : reader.push(data)
    if (failure) exchange.fail(failure)
    else if (data === '[DONE]') exchange.complete()
  })
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  for (const [index, from] of [0, ...at].entries())
    parser.push(bytes.subarray(from, at[index] ?? bytes.length))
  if (exchange.isOpen) exchange.fail({ code: 'cut', detail: '', retriable: true })
  return events
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url))
}

describe('chunks of chat completions', () => {
  it('[PROV-4] reads a Cerebras stream with reasoning, a call, usage and times', () => {
    const events = read(fixture('cerebras-tool-call.txt'))
    const completed = events.find((event) => event.type === 'toolCallCompleted')
    expect(completed).toMatchObject({ callId: '8f3a', input: '{"path":"src/größe.ts"}' })
    expect(events.find((event) => event.type === 'usage')).toEqual({
      type: 'usage',
      usage: { inputTokens: 412, cachedTokens: 384, outputTokens: 31 },
      timing: { queueMs: 1.5, promptMs: 12, completionMs: 25 },
    })
    expect(events.at(-1)).toEqual({ type: 'completed' })
  })

  it('[PROV-5] reads an error chunk in a stream that began well', () => {
    const events = read(fixture('cerebras-error-chunk.txt'))
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      failure: {
        code: 'rateLimited',
        detail: 'Tokens per minute limit exceeded - too many tokens processed.',
      },
    })
  })

  it('[PROV-2] tells apart calls that all have the index 0, as Ollama sends them', () => {
    const calls = read(fixture('ollama-two-calls.txt')).filter((event) => event.type === 'toolCallCompleted')
    expect(calls.map(({ callId, input }) => [callId, input])).toEqual([
      ['call_1', '{"path":"a"}'],
      ['call_2', '{"path":"b"}'],
    ])
  })

  it('[PROV-16] gives the same events for any split of a recorded stream', () => {
    for (const name of ['cerebras-tool-call.txt', 'cerebras-error-chunk.txt', 'ollama-two-calls.txt']) {
      const bytes = fixture(name)
      const whole = read(bytes)
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
          expect(read(bytes, places)).toEqual(whole)
        }),
        { numRuns: 60 },
      )
    }
  })

  it('[PROV-8] never throws, whatever the chunk', () => {
    const key = fc.constantFrom(
      'choices',
      'delta',
      'tool_calls',
      'function',
      'name',
      'arguments',
      'index',
      'id',
      'usage',
      'error',
      'toString',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('tree'), { maxLength: 2 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), (chunks) => {
        read(Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')))
      }),
    )
  })
})
