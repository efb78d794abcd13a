import type { Dialect } from './dialect.ts'
import type { Wire } from './wire.ts'

/** Chunks of chat completions; the Cerebras flavour adds `time_info` and names reasoning `reasoning`. */
export function chatDialect(options: {
  readonly wire: Wire
  readonly id: string
  readonly model: string
  readonly flavour: 'openai' | 'cerebras'
}): Dialect {
  const { wire, id, model, flavour } = options
  const head = `{"id":"${id}","object":"chat.completion.chunk","created":1,"model":${JSON.stringify(model)}`
  const reasoningKey = flavour === 'cerebras' ? 'reasoning' : 'reasoning_content'
  let calls = 0

  function chunk(delta: string, finish: string | null, extra = ''): void {
    const reason = finish === null ? 'null' : `"${finish}"`
    wire.send(`${head},"choices":[{"index":0,"delta":${delta},"finish_reason":${reason}}]${extra}}`)
  }

  return {
    begin() {
      chunk('{"role":"assistant","content":""}', null)
    },
    openText() {},
    textDelta(text) {
      chunk(`{"content":${JSON.stringify(text)}}`, null)
    },
    closeText() {},
    openReasoning() {},
    reasoningDelta(text) {
      chunk(`{"${reasoningKey}":${JSON.stringify(text)}}`, null)
    },
    closeReasoning() {},
    compaction() {},
    openCall({ callId, name }) {
      const fn = { name, arguments: '' }
      chunk(
        JSON.stringify({ tool_calls: [{ index: calls, id: callId, type: 'function', function: fn }] }),
        null,
      )
    },
    callDelta(text) {
      chunk(`{"tool_calls":[{"index":${calls},"function":{"arguments":${JSON.stringify(text)}}}]}`, null)
    },
    closeCall() {
      calls += 1
    },
    complete({ input, cached, output }) {
      chunk('{}', calls > 0 ? 'tool_calls' : 'stop')
      const usage = {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
        prompt_tokens_details: { cached_tokens: cached },
      }
      const times = {
        queue_time: 0.002,
        prompt_time: 0.01,
        completion_time: output / 2000,
        total_time: output / 1900,
      }
      const timing = flavour === 'cerebras' ? `,"time_info":${JSON.stringify(times)}` : ''
      wire.send(`${head},"choices":[],"usage":${JSON.stringify(usage)}${timing}}`)
    },
    fault(fault) {
      if (fault.type === 'incomplete') {
        chunk('{}', fault.reason === 'max_output_tokens' ? 'length' : 'content_filter')
        return
      }
      const { code, message } = fault
      const status = fault.type === 'error' ? (fault.status ?? 400) : 500
      wire.send(JSON.stringify({ error: { message, type: 'error', param: null, code }, status_code: status }))
    },
  }
}
