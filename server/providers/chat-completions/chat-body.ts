import type { ModelItem, ModelRequest, ToolSpec } from '../../../core/engine/model-stream.ts'
import { freeformArgument } from './freeform-argument.ts'

/** Where backends of the chat completions API differ in what they accept. */
export interface ChatDialect {
  readonly outputLimit: 'max_completion_tokens' | 'max_tokens'
  readonly cacheKey: boolean
}

interface Message {
  role: string
  content: string | null
  tool_calls?: unknown[]
  tool_call_id?: string
}

export function chatBody(request: ModelRequest, dialect: ChatDialect): string {
  const { model, tools } = request
  return JSON.stringify({
    model,
    messages: messagesOf(request),
    ...(tools.length > 0 && { tools: tools.map(wireTool), tool_choice: 'auto' }),
    [dialect.outputLimit]: request.maxOutputTokens,
    ...(dialect.cacheKey && { prompt_cache_key: request.cacheKey }),
    stream: true,
    stream_options: { include_usage: true },
  })
}

function wireTool(tool: ToolSpec): unknown {
  const { name, description } = tool
  const parameters =
    tool.format === 'json'
      ? (tool.schema ?? { type: 'object', properties: {} })
      : {
          type: 'object',
          properties: { [freeformArgument]: { type: 'string', description: 'The whole input as raw text.' } },
          required: [freeformArgument],
        }
  return { type: 'function', function: { name, description, parameters } }
}

function messagesOf(request: ModelRequest): readonly Message[] {
  const messages: Message[] = []
  if (request.instructions !== '') messages.push({ role: 'system', content: request.instructions })
  for (const item of request.input) append(messages, item)
  return messages
}

function append(messages: Message[], item: ModelItem): void {
  switch (item.type) {
    case 'message': {
      const role = item.role === 'developer' ? 'system' : item.role
      messages.push({ role, content: item.text })
      return
    }
    case 'toolCall': {
      const text = item.format === 'json' ? item.input : JSON.stringify({ [freeformArgument]: item.input })
      const call = { id: item.callId, type: 'function', function: { name: item.name, arguments: text } }
      const last = messages.at(-1)
      // What the model said and the calls it made right after are one message here.
      if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call]
      else messages.push({ role: 'assistant', content: null, tool_calls: [call] })
      return
    }
    case 'toolResult':
      messages.push({ role: 'tool', tool_call_id: item.callId, content: item.output })
      return
    case 'opaque':
      return
  }
}
