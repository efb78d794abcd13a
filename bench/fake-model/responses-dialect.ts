import type { Dialect, FakeCall } from './dialect.ts'
import type { Wire } from './wire.ts'

export interface ResponsesDialect extends Dialect {
  readonly id: string
  /** The items of this answer as a server would keep them. */
  readonly output: readonly Readonly<Record<string, unknown>>[]
}

/** Frames of the Responses API. Deltas are written as text by hand: they are most of the traffic. */
export function responsesDialect(options: {
  readonly wire: Wire
  readonly id: string
  readonly model: string
  readonly streamId: string | undefined
}): ResponsesDialect {
  const { wire, id, model } = options
  const lane = options.streamId === undefined ? {} : { stream_id: options.streamId }
  const laneJson = options.streamId === undefined ? '' : `,"stream_id":${JSON.stringify(options.streamId)}`
  const createdAt = Math.floor(Date.now() / 1000)
  const output: Record<string, unknown>[] = []
  let sequence = 0
  let itemId = ''
  let text = ''
  let call: FakeCall | undefined

  function event(type: string, fields: Record<string, unknown>): void {
    wire.send(JSON.stringify({ type, sequence_number: sequence++, ...lane, ...fields }), type)
  }
  function delta(type: string, value: string): void {
    const place = `"item_id":"${itemId}","output_index":${output.length},"content_index":0`
    wire.send(
      `{"type":"${type}","sequence_number":${sequence++}${laneJson},${place},"delta":${JSON.stringify(value)}}`,
      type,
    )
  }
  function added(prefix: string, item: Record<string, unknown>): void {
    itemId = `${prefix}_${id}_${output.length}`
    text = ''
    event('response.output_item.added', { output_index: output.length, item: { id: itemId, ...item } })
  }
  function done(item: Record<string, unknown>): void {
    const whole = { id: itemId, ...item }
    event('response.output_item.done', { output_index: output.length, item: whole })
    output.push(whole)
  }
  function response(status: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
    return { response: { id, object: 'response', created_at: createdAt, model, status, output, ...fields } }
  }
  function callItem(
    { callId, name, format }: FakeCall,
    input: string,
    status: string,
  ): Record<string, unknown> {
    const type = format === 'function' ? 'function_call' : 'custom_tool_call'
    const key = format === 'function' ? 'arguments' : 'input'
    return { type, call_id: callId, name, [key]: input, status }
  }

  return {
    id,
    output,
    begin() {
      event('response.created', response('in_progress'))
      event('response.in_progress', response('in_progress'))
    },
    openText() {
      added('msg', { type: 'message', role: 'assistant', status: 'in_progress', content: [] })
      const part = { type: 'output_text', text: '', annotations: [] }
      event('response.content_part.added', {
        item_id: itemId,
        output_index: output.length,
        content_index: 0,
        part,
      })
    },
    textDelta(value) {
      text += value
      delta('response.output_text.delta', value)
    },
    closeText() {
      const part = { type: 'output_text', text, annotations: [] }
      const place = { item_id: itemId, output_index: output.length, content_index: 0 }
      event('response.output_text.done', { ...place, text })
      event('response.content_part.done', { ...place, part })
      done({ type: 'message', role: 'assistant', status: 'completed', content: [part] })
    },
    openReasoning() {
      added('rs', { type: 'reasoning', summary: [] })
      event('response.reasoning_summary_part.added', { item_id: itemId, summary_index: 0 })
    },
    reasoningDelta(value) {
      text += value
      delta('response.reasoning_summary_text.delta', value)
    },
    closeReasoning(encrypted) {
      event('response.reasoning_summary_text.done', { item_id: itemId, summary_index: 0, text })
      const secret = encrypted === undefined ? {} : { encrypted_content: encrypted }
      done({ type: 'reasoning', summary: [{ type: 'summary_text', text }], ...secret })
    },
    compaction(encrypted) {
      added('cmp', { type: 'compaction' })
      done({ type: 'compaction', encrypted_content: encrypted })
    },
    openCall(next) {
      call = next
      added(next.format === 'function' ? 'fc' : 'ctc', callItem(next, '', 'in_progress'))
    },
    callDelta(value) {
      text += value
      const custom = call?.format === 'custom'
      delta(
        custom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta',
        value,
      )
    },
    closeCall() {
      if (!call) return
      const custom = call.format === 'custom'
      event(custom ? 'response.custom_tool_call_input.done' : 'response.function_call_arguments.done', {
        item_id: itemId,
        output_index: output.length,
        [custom ? 'input' : 'arguments']: text,
      })
      done(callItem(call, text, 'completed'))
    },
    complete(usage) {
      event(
        'response.completed',
        response('completed', {
          usage: {
            input_tokens: usage.input,
            input_tokens_details: { cached_tokens: usage.cached },
            output_tokens: usage.output,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: usage.input + usage.output,
          },
        }),
      )
    },
    fault(fault) {
      if (fault.type === 'incomplete') {
        event('response.incomplete', response('incomplete', { incomplete_details: { reason: fault.reason } }))
        return
      }
      const { code, message } = fault
      if (fault.type === 'failed') {
        event('response.failed', response('failed', { error: { code, message } }))
        return
      }
      const error = { type: 'invalid_request_error', code, message }
      const { status = 400, headers = {} } = fault
      wire.send(JSON.stringify({ type: 'error', ...lane, status, error, headers }), 'error')
    },
  }
}
