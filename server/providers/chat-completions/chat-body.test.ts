import { describe, expect, it } from 'vitest'
import { editTool, readTool, requestOf } from '../../testing/provider-requests.ts'
import { chatBody } from './chat-body.ts'

describe('the body of a chat completion', () => {
  it('[PROV-22] maps instructions, roles, calls, results and freeform tools', () => {
    const request = requestOf([
      { type: 'message', role: 'developer', text: 'Rules.' },
      { type: 'message', role: 'user', text: 'Go.' },
      { type: 'opaque', data: '{"type":"reasoning"}' },
      { type: 'message', role: 'assistant', text: 'Reading.' },
      { type: 'toolCall', callId: 'a', name: 'read_file', input: '{"path":"a"}', format: 'json' },
      { type: 'toolCall', callId: 'b', name: 'apply_patch', input: '*** Begin', format: 'freeform' },
      { type: 'toolResult', callId: 'a', name: 'read_file', output: 'text', format: 'json' },
      { type: 'toolResult', callId: 'b', name: 'apply_patch', output: 'Done.', format: 'freeform' },
    ])
    const body: unknown = JSON.parse(chatBody(request, { outputLimit: 'max_tokens', cacheKey: true }))
    const fn = (name: string, args: string) => ({ name, arguments: args })
    expect(body).toMatchObject({
      model: 'fake-fast',
      max_tokens: 4096,
      prompt_cache_key: 'thread-1',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: 'Rules.' },
        { role: 'user', content: 'Go.' },
        {
          role: 'assistant',
          content: 'Reading.',
          tool_calls: [
            { id: 'a', type: 'function', function: fn('read_file', '{"path":"a"}') },
            { id: 'b', type: 'function', function: fn('apply_patch', '{"input":"*** Begin"}') },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'text' },
        { role: 'tool', tool_call_id: 'b', content: 'Done.' },
      ],
      tools: [
        { function: { name: editTool.name, parameters: { required: ['input'] } } },
        { function: { name: readTool.name, parameters: readTool.schema } },
      ],
    })
  })

  it('[PROV-22] names no tools where there are none, and only fields the backend knows', () => {
    const text = chatBody(requestOf('hi', { tools: [] }), {
      outputLimit: 'max_completion_tokens',
      cacheKey: false,
    })
    const body: unknown = JSON.parse(text)
    expect(Object.keys(body as object)).toEqual([
      'model',
      'messages',
      'max_completion_tokens',
      'stream',
      'stream_options',
    ])
  })
})
