import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../../../core/engine/model-stream.ts'
import { patientTimeouts } from '../../testing/provider-requests.ts'
import { systemTimers } from '../../timers.ts'
import { Exchange } from '../exchange.ts'
import { SseParser } from '../sse.ts'
import { type ResponseEnd, ResponseReader } from './response-reader.ts'

function reading() {
  const events: ModelEvent[] = []
  const stop = new AbortController()
  const exchange = new Exchange({
    signal: stop.signal,
    timeouts: patientTimeouts,
    timers: systemTimers,
    onEvent: (event) => event.type !== 'heard' && events.push(event),
  })
  const reader = new ResponseReader({ exchange, now: () => 0 })
  return { events, reader, stop: () => stop.abort() }
}

/** Reads a recorded stream, cut at the given places. */
function read(bytes: Buffer, places: readonly number[] = []) {
  const { events, reader, stop } = reading()
  let end: ResponseEnd | undefined
  const parser = new SseParser((data) => {
    end ??= reader.push(data)
  })
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  for (const [index, from] of [0, ...at].entries())
    parser.push(bytes.subarray(from, at[index] ?? bytes.length))
  stop()
  return { events, end, output: reader.output }
}

const recorded = readFileSync(new URL('fixtures/reasoning-and-patch.txt', import.meta.url))

describe('events of the Responses API', () => {
  it('[RELAY-74] what a long answer says again in whole is not read, short ones and all others are', () => {
    const { reader, stop } = reading()
    const long = 'word '.repeat(400)
    for (const name of ['output_text', 'content_part', 'custom_tool_call_input', 'reasoning_summary_text'])
      expect(reader.push(`{"type":"response.${name}.done","text":"${long}`)).toBeUndefined()
    expect(reader.push('{"type":"response.output_text.done","text":"wo')).toMatchObject({ type: 'failed' })
    expect(reader.push(`{"type":"response.output_item.done","text":"${long}`)).toMatchObject({
      type: 'failed',
    })
    stop()
  })

  it('[PROV-3] reads reasoning, text and a custom tool call, and keeps encrypted reasoning as it is', () => {
    const { events, end, output } = read(recorded)
    const call = { callId: 'call_1', name: 'apply_patch', format: 'freeform' }
    const opaque = expect.stringContaining('"encrypted_content":"gAAAAA=="')
    expect(events).toEqual([
      { type: 'reasoningDelta', text: 'Change größe 👋' },
      { type: 'opaque', data: opaque },
      { type: 'textDelta', text: 'Ok — ' },
      { type: 'textDelta', text: 'ok' },
      { type: 'textCompleted' },
      { type: 'toolCallStarted', ...call },
      { type: 'toolCallDelta', callId: 'call_1', delta: '*** Begin Patch\n' },
      { type: 'toolCallDelta', callId: 'call_1', delta: '*** End Patch' },
      { type: 'toolCallCompleted', ...call, input: '*** Begin Patch\n*** End Patch' },
      { type: 'usage', usage: { inputTokens: 900, cachedTokens: 768, outputTokens: 40 } },
    ])
    expect(end).toEqual({ type: 'completed', id: 'resp_1' })
    expect(output).toEqual([
      { type: 'opaque', data: opaque },
      { type: 'message', role: 'assistant', text: 'Ok — ok' },
      { type: 'toolCall', ...call, input: '*** Begin Patch\n*** End Patch' },
    ])
  })

  it('[PROV-16] gives the same events for any split of a recorded stream', () => {
    const whole = read(recorded)
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
        expect(read(recorded, places)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('[PROV-23] takes equal events for two where the backend does not number them', () => {
    const { events, reader, stop } = reading()
    const frame = '{"type":"response.output_text.delta","sequence_number":0,"item_id":"m","delta":"ha"}'
    reader.push(frame)
    reader.push(frame)
    stop()
    expect(events).toHaveLength(2)
  })

  it('[PROV-1] takes the whole from the end where nothing came before it', () => {
    const { events, reader, stop } = reading()
    const content = [{ type: 'output_text', text: 'All at once.' }]
    const call = { type: 'function_call', call_id: 'c', name: 'read_file', arguments: '{}' }
    const response = { id: 'resp_9', output: [{ type: 'message', role: 'assistant', content }, call] }
    const end = reader.push(JSON.stringify({ type: 'response.completed', response }))
    stop()
    expect(end).toEqual({ type: 'completed', id: 'resp_9' })
    expect(events.map(({ type }) => type)).toEqual([
      'textDelta',
      'textCompleted',
      'toolCallStarted',
      'toolCallCompleted',
    ])
  })

  it('[PROV-8] never throws, whatever the frame', () => {
    const type = fc.constantFrom(
      'response.output_text.delta',
      'response.output_item.added',
      'response.output_item.done',
      'response.function_call_arguments.delta',
      'response.completed',
      'response.failed',
      'response.incomplete',
      'error',
    )
    const key = fc.constantFrom(
      'item',
      'delta',
      'response',
      'error',
      'output_index',
      'type',
      'call_id',
      'usage',
      'output',
    )
    const frame = fc.record({ type, rest: fc.dictionary(key, fc.jsonValue({ maxDepth: 3 })) })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        const { reader, stop } = reading()
        for (const each of frames) reader.push(JSON.stringify({ ...each.rest, type: each.type }))
        stop()
      }),
      {
        examples: [
          [[{ type: 'response.function_call_arguments.delta', rest: { output_index: { toString: 0 } } }]],
        ],
      },
    )
  })
})
