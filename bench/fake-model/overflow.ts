import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import type { Json } from './json.ts'
import type { Step } from './script.ts'

/** What a request of this size is told whose answer would go beyond the window; `undefined` when there is room. */
export function overflow(body: Json, input: number, contextWindow: number): readonly Step[] | undefined {
  const output = body.max_output_tokens ?? body.max_completion_tokens ?? 0
  if (typeof output !== 'number' || input + output <= contextWindow) return undefined
  const message = `This model's maximum context length is ${contextWindow} tokens; you asked for ${input + output}.`
  const error = { type: 'invalid_request_error', code: 'context_length_exceeded', message }
  return [{ type: 'fault', fault: { type: 'status', status: 400, body: { error } } }]
}

/** All of a request as its model reads it, in tokens: names and texts, not the JSON around them. */
export function inputTokens({ instructions, tools }: Json, history: readonly Json[]): number {
  return [instructions, tools, history].reduce((sum: number, part) => sum + tokensIn(part), 0)
}

function tokensIn(value: unknown): number {
  if (typeof value === 'string') return countTokens(value, { disallowedSpecial: new Set() })
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, part) => sum + tokensIn(part), 0)
}
