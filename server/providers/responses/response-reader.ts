import type { ModelItem, ToolFormat } from '../../../core/engine/model-stream.ts'
import type { ModelFailure } from '../../../core/protocol/model.ts'
import type { Exchange } from '../exchange.ts'
import { modelFailure } from '../failures.ts'
import { countAt, isJson, type Json, listAt, numberAt, objectAt, parseJson, textAt } from '../json.ts'
import { quotasInFrame } from '../quotas.ts'
import { failureOfError, failureOfIncomplete } from './response-failures.ts'

export type ResponseEnd =
  | { readonly type: 'completed'; readonly id: string }
  | { readonly type: 'failed'; readonly failure: ModelFailure; readonly code: string | undefined }

const shortChars = 1000
const repetition =
  /^\{"type":"response\.(?:output_text|refusal|content_part|custom_tool_call_input|function_call_arguments|reasoning_text|reasoning_summary_text|reasoning_summary_part)\.done"/

/** An event that only says again what has come in parts. A long answer has several, each as long as all of it. */
export function saysAgain(text: string): boolean {
  return text.length > shortChars && repetition.test(text)
}

interface OpenCall {
  readonly callId: string
  readonly name: string
  readonly format: ToolFormat
}

/** Turns the events of one response into ModelEvents. */
export class ResponseReader {
  /** What the answer consists of so far, as the next request will repeat it. */
  readonly output: ModelItem[] = []
  /** The response's id, once the backend has given it. */
  id: string | undefined
  readonly #exchange: Exchange
  readonly #now: () => number
  readonly #calls = new Map<string, OpenCall>()
  #itemHasText = false
  #sequence = -1
  #numbered = false

  constructor(options: { readonly exchange: Exchange; readonly now: () => number }) {
    this.#exchange = options.exchange
    this.#now = options.now
  }

  /** Takes one event; returns how the response ended once it has. Events nobody knows are skipped. */
  push(text: string): ResponseEnd | undefined {
    if (saysAgain(text)) return undefined
    const frame = parseJson(text)
    return frame === undefined || isJson(frame) ? this.take(frame) : undefined
  }

  /** The same of what was read before; `undefined`: it was no JSON. */
  take(frame: Json | undefined): ResponseEnd | undefined {
    if (!frame) {
      return {
        type: 'failed',
        code: undefined,
        failure: modelFailure('malformed', 'The backend sent something that is no JSON.'),
      }
    }
    if (this.#isRepeated(frame)) return undefined
    switch (frame.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        if (typeof frame.delta !== 'string') return malformed(frame)
        this.#exchange.alive('brisk')
        this.#itemHasText = true
        this.#exchange.emit({ type: 'textDelta', text: frame.delta })
        return undefined
      case 'response.custom_tool_call_input.delta':
      case 'response.function_call_arguments.delta': {
        const call = this.#calls.get(placeOf(frame))
        if (typeof frame.delta !== 'string' || !call) return malformed(frame)
        this.#exchange.alive('brisk')
        this.#exchange.emit({ type: 'toolCallDelta', callId: call.callId, delta: frame.delta })
        return undefined
      }
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        if (typeof frame.delta !== 'string') return malformed(frame)
        this.#exchange.alive('patient')
        this.#exchange.emit({ type: 'reasoningDelta', text: frame.delta })
        return undefined
      case 'response.output_item.added':
        return this.#itemAdded(frame)
      case 'response.output_item.done':
        return this.#itemDone(frame)
      case 'response.completed':
      case 'response.done':
        return this.#completed(frame)
      case 'response.incomplete': {
        this.#usage(frame)
        const reason =
          textAt(objectAt(objectAt(frame, 'response'), 'incomplete_details'), 'reason') ?? 'unknown'
        return { type: 'failed', failure: failureOfIncomplete(reason), code: reason }
      }
      case 'response.failed': {
        this.#usage(frame)
        const response = objectAt(frame, 'response')
        return this.#failed(response)
      }
      case 'error':
        return this.#failed(frame)
      case 'response.created':
        this.id = textAt(objectAt(frame, 'response'), 'id')
        this.#exchange.alive('patient')
        return undefined
      case 'codex.rate_limits':
        this.#exchange.quotas(quotasInFrame(frame, this.#now()))
        return undefined
      case 'response.queued':
      case 'response.in_progress':
        this.#exchange.alive('patient')
        return undefined
      default:
        return undefined
    }
  }

  /** A frame that came twice is known by its number, where the backend numbers at all. */
  #isRepeated(frame: Json): boolean {
    const { sequence_number: number } = frame
    if (typeof number !== 'number') return false
    if (number > this.#sequence) {
      this.#numbered ||= this.#sequence >= 0
      this.#sequence = number
      return false
    }
    return this.#numbered
  }

  #itemAdded(frame: Json): ResponseEnd | undefined {
    const item = objectAt(frame, 'item')
    this.#itemHasText = false
    const format = callFormat(item)
    if (format === undefined) {
      this.#exchange.alive(item?.type === 'reasoning' ? 'patient' : 'brisk')
      return undefined
    }
    this.#exchange.alive('brisk')
    this.#startCall(item, format, frame)
    return undefined
  }

  #startCall(item: unknown, format: ToolFormat, frame: Json): OpenCall | undefined {
    const callId = textAt(item, 'call_id')
    const name = textAt(item, 'name')
    if (callId === undefined || name === undefined) return undefined
    const call = { callId, name, format }
    const id = textAt(item, 'id')
    if (id !== undefined) this.#calls.set(id, call)
    this.#calls.set(indexOf(frame), call)
    this.#exchange.emit({ type: 'toolCallStarted', ...call })
    return call
  }

  #itemDone(frame: Json): ResponseEnd | undefined {
    const item = objectAt(frame, 'item')
    this.#exchange.alive('patient')
    const format = callFormat(item)
    if (format !== undefined) return this.#callDone(item, format, frame)
    if (item?.type === 'message') this.#messageDone(item)
    else if (isSealed(item) && typeof item.encrypted_content === 'string') {
      const data = JSON.stringify(item)
      this.output.push({ type: 'opaque', data })
      const compacts = item.type === 'compaction' ? ({ compacts: true } as const) : {}
      this.#exchange.emit({ type: 'opaque', data, ...compacts })
    }
    return undefined
  }

  #callDone(item: Json | undefined, format: ToolFormat, frame: Json): ResponseEnd | undefined {
    const id = textAt(item, 'id')
    const known = (id === undefined ? undefined : this.#calls.get(id)) ?? this.#calls.get(indexOf(frame))
    const call = known ?? this.#startCall(item, format, frame)
    const input = textAt(item, format === 'json' ? 'arguments' : 'input')
    if (!call || input === undefined) return malformed(frame)
    this.output.push({ type: 'toolCall', ...call, input })
    this.#exchange.emit({ type: 'toolCallCompleted', ...call, input })
    return undefined
  }

  #messageDone(item: Json): void {
    const text = listAt(item, 'content')
      .map((part) => textAt(part, 'text') ?? textAt(part, 'refusal') ?? '')
      .join('')
    if (text === '') return
    if (!this.#itemHasText) this.#exchange.emit({ type: 'textDelta', text })
    this.output.push({ type: 'message', role: 'assistant', text })
    this.#exchange.emit({ type: 'textCompleted' })
  }

  #completed(frame: Json): ResponseEnd {
    const response = objectAt(frame, 'response')
    // Some backends send only the whole at the end.
    if (this.output.length === 0) {
      for (const [index, item] of listAt(response, 'output').entries()) {
        this.#itemHasText = false
        this.#itemDone({ item, output_index: index })
      }
    }
    this.#usage(frame)
    return { type: 'completed', id: textAt(response, 'id') ?? '' }
  }

  #failed(frame: Json | undefined): ResponseEnd {
    const error = objectAt(frame, 'error') ?? frame
    return {
      type: 'failed',
      failure: failureOfError(frame, { nowMs: this.#now() }),
      code: textAt(error, 'code'),
    }
  }

  #usage(frame: Json): void {
    const usage = objectAt(objectAt(frame, 'response'), 'usage')
    if (!usage) return
    this.#exchange.emit({
      type: 'usage',
      usage: {
        inputTokens: countAt(usage, 'input_tokens'),
        cachedTokens: countAt(objectAt(usage, 'input_tokens_details'), 'cached_tokens'),
        outputTokens: countAt(usage, 'output_tokens'),
      },
    })
  }
}

function isSealed(item: Json | undefined): item is Json {
  return item?.type === 'reasoning' || item?.type === 'compaction'
}

function callFormat(item: Json | undefined): ToolFormat | undefined {
  if (item?.type === 'function_call') return 'json'
  return item?.type === 'custom_tool_call' ? 'freeform' : undefined
}

function placeOf(frame: Json): string {
  return typeof frame.item_id === 'string' ? frame.item_id : indexOf(frame)
}

function indexOf(frame: Json): string {
  return `#${numberAt(frame, 'output_index') ?? 0}`
}

function malformed(frame: Json): ResponseEnd {
  const detail = `The event ${String(frame.type)} lacks what it must have.`
  return { type: 'failed', code: undefined, failure: modelFailure('malformed', detail) }
}
