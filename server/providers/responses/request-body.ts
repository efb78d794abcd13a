import type { ModelItem, ModelRequest, ToolSpec } from '../../../core/engine/model-stream.ts'
import { isJson, parseJson } from '../json.ts'

/**
 * Writes the JSON of Responses requests. Instructions and tools are most of it and stay the same for a whole
 * thread, so their text is made once and kept.
 */
export class RequestWriter {
  #instructions: string | undefined
  #tools: readonly ToolSpec[] | undefined
  #toolsJson = ''
  #prefix = ''

  /** All but input and envelope: what must be unchanged for a request to continue an earlier response. */
  stablePart(request: ModelRequest): string {
    const { instructions, tools } = request
    if (instructions !== this.#instructions || tools !== this.#tools) {
      if (tools !== this.#tools) this.#toolsJson = JSON.stringify(tools.map(wireTool))
      this.#tools = tools
      this.#instructions = instructions
      const choice = tools.length > 0 ? ',"tool_choice":"auto","parallel_tool_calls":true' : ''
      this.#prefix = `"instructions":${JSON.stringify(instructions)},"tools":${this.#toolsJson}${choice}`
    }
    const { model, compactAt } = request
    const compaction = { type: 'compaction', compact_threshold: compactAt }
    const managed = compactAt === undefined ? '' : `,"context_management":${JSON.stringify([compaction])}`
    return `"model":${JSON.stringify(model)},${this.#prefix}${managed}`
  }

  /** The frame of the WebSocket mode. */
  frame(request: ModelRequest, options: FrameOptions): string {
    const previous =
      options.previousResponseId === undefined
        ? ''
        : `,"previous_response_id":${JSON.stringify(options.previousResponseId)}`
    const generate = options.generate ? '' : ',"generate":false'
    const lane = options.lane === undefined ? '' : `,"stream_id":${JSON.stringify(options.lane)}`
    return `{"type":"response.create",${this.#common(request, options.input)}${previous}${generate}${lane}}`
  }

  /** The frame that gives words to a running response; its lane follows from the response. */
  steerFrame(responseId: string, input: readonly ModelItem[]): string {
    return JSON.stringify({
      type: 'response.steer',
      previous_response_id: responseId,
      input: input.map(wireItem),
    })
  }

  /** The body of an HTTP request that streams. */
  httpBody(request: ModelRequest): string {
    return `{${this.#common(request, request.input)},"stream":true}`
  }

  #common(request: ModelRequest, input: readonly ModelItem[]): string {
    const wired = input.map(wireItem).filter((item) => item !== undefined)
    if (request.summarise) wired.push({ type: 'compaction_trigger' })
    const items = JSON.stringify(wired)
    return (
      `${this.stablePart(request)},"input":${items},"max_output_tokens":${request.maxOutputTokens}` +
      `,"prompt_cache_key":${JSON.stringify(request.cacheKey)},"store":false` +
      ',"include":["reasoning.encrypted_content"],"stream_options":{"include_obfuscation":false}'
    )
  }
}

export interface FrameOptions {
  readonly input: readonly ModelItem[]
  readonly previousResponseId?: string | undefined
  /** `false`: only prepare the state for requests to come. */
  readonly generate: boolean
  /** `undefined`: the connection's main one. */
  readonly lane?: string | undefined
}

function wireTool(tool: ToolSpec): unknown {
  const { name, description } = tool
  if (tool.format === 'json') {
    const parameters = tool.schema ?? { type: 'object', properties: {} }
    return { type: 'function', name, description, parameters, strict: false }
  }
  const grammar = tool.grammar
  const format =
    grammar === undefined ? { type: 'text' } : { type: 'grammar', syntax: 'lark', definition: grammar }
  return { type: 'custom', name, description, format }
}

/** Items that go back as they came. */
const sealedTypes: ReadonlySet<unknown> = new Set(['reasoning', 'compaction'])

function wireItem(item: ModelItem): unknown {
  switch (item.type) {
    case 'message': {
      const type = item.role === 'assistant' ? 'output_text' : 'input_text'
      return { type: 'message', role: item.role, content: [{ type, text: item.text }] }
    }
    case 'toolCall':
      return item.format === 'json'
        ? { type: 'function_call', call_id: item.callId, name: item.name, arguments: item.input }
        : { type: 'custom_tool_call', call_id: item.callId, name: item.name, input: item.input }
    case 'toolResult': {
      const type = item.format === 'json' ? 'function_call_output' : 'custom_tool_call_output'
      return { type, call_id: item.callId, output: item.output }
    }
    case 'opaque': {
      // Another provider's opaque item means nothing here.
      const value = parseJson(item.data)
      return isJson(value) && sealedTypes.has(value.type) ? value : undefined
    }
  }
}
