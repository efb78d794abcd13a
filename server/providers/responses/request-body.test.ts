import { describe, expect, it } from 'vitest'
import { requestOf } from '../../testing/provider-requests.ts'
import { RequestWriter } from './request-body.ts'

describe('the body of a Responses request', () => {
  it('[PROV-22] maps tools and items, and passes encrypted reasoning back byte for byte', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAA==', summary: [] }
    const request = requestOf([
      { type: 'message', role: 'developer', text: 'Rules.' },
      { type: 'message', role: 'user', text: 'Go "on".' },
      { type: 'opaque', data: JSON.stringify(reasoning) },
      { type: 'opaque', data: 'of another provider' },
      { type: 'message', role: 'assistant', text: 'Reading.' },
      { type: 'toolCall', callId: 'a', name: 'read_file', input: '{"path":"a"}', format: 'json' },
      { type: 'toolResult', callId: 'a', name: 'read_file', output: 'text', format: 'json' },
      { type: 'toolCall', callId: 'b', name: 'apply_patch', input: '*** Begin', format: 'freeform' },
      { type: 'toolResult', callId: 'b', name: 'apply_patch', output: 'Done.', format: 'freeform' },
    ])
    const writer = new RequestWriter()
    const body: unknown = JSON.parse(writer.httpBody(request))
    expect(body).toEqual({
      model: 'fake-fast',
      instructions: 'Be brief.',
      tools: [
        {
          type: 'custom',
          name: 'apply_patch',
          description: 'Edits files.',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        },
        {
          type: 'function',
          name: 'read_file',
          description: 'Reads a file.',
          parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
          strict: false,
        },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Rules.' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go "on".' }] },
        reasoning,
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Reading.' }] },
        { type: 'function_call', call_id: 'a', name: 'read_file', arguments: '{"path":"a"}' },
        { type: 'function_call_output', call_id: 'a', output: 'text' },
        { type: 'custom_tool_call', call_id: 'b', name: 'apply_patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'b', output: 'Done.' },
      ],
      max_output_tokens: 4096,
      prompt_cache_key: 'thread-1',
      store: false,
      include: ['reasoning.encrypted_content'],
      stream_options: { include_obfuscation: false },
      stream: true,
    })
  })

  it('[PROV-22] adds the envelope of the socket, and notices changed instructions and tools', () => {
    const writer = new RequestWriter()
    const request = requestOf('hi')
    const frame: unknown = JSON.parse(
      writer.frame(request, { input: [], previousResponseId: 'resp_1', generate: false }),
    )
    expect(frame).toMatchObject({
      type: 'response.create',
      previous_response_id: 'resp_1',
      generate: false,
      input: [],
    })
    expect(frame).not.toHaveProperty('stream')
    const before = writer.stablePart(request)
    expect(writer.stablePart({ ...request, tools: [...request.tools] })).toBe(before)
    expect(writer.stablePart({ ...request, tools: request.tools.slice(1) })).not.toBe(before)
    expect(writer.stablePart({ ...request, instructions: 'Other.' })).not.toBe(before)
    expect(writer.stablePart({ ...request, model: 'other' })).not.toBe(before)
    expect(JSON.parse(writer.httpBody({ ...request, tools: [] }))).not.toHaveProperty('tool_choice')
  })
})
