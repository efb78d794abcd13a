import type { ToolFormat } from '../../../core/engine/model-stream.ts'
import type { ModelFailure } from '../../../core/protocol/model.ts'
import type { Exchange } from '../exchange.ts'
import { modelFailure } from '../failures.ts'
import { countAt, isJson, type Json, listAt, numberAt, objectAt, textAt } from '../json.ts'
import { failureOfChatError, isErrorChunk } from './chat-failures.ts'
import { FreeformArgument, freeformInput } from './freeform-argument.ts'

interface OpenCall {
  readonly callId: string
  readonly name: string
  readonly format: ToolFormat
  readonly freeform: FreeformArgument | undefined
  input: string
}

/** Turns the chunks of one chat completion into ModelEvents. */
export class ChatReader {
  readonly #exchange: Exchange
  readonly #now: () => number
  readonly #isFreeform: (tool: string) => boolean
  /** By the index the backend gives them, in order of appearance. */
  readonly #calls = new Map<number, OpenCall>()
  readonly #closed: OpenCall[] = []
  #hasText = false
  #finish: string | undefined

  constructor(options: {
    readonly exchange: Exchange
    readonly now: () => number
    readonly isFreeform: (tool: string) => boolean
  }) {
    this.#exchange = options.exchange
    this.#now = options.now
    this.#isFreeform = options.isFreeform
  }

  /** Takes the data of one event; returns the failure it means, if it means one. */
  push(data: string): ModelFailure | undefined {
    let chunk: unknown
    try {
      chunk = JSON.parse(data)
    } catch {
      return modelFailure('malformed', `Not JSON: ${data.slice(0, 80)}`)
    }
    if (!isJson(chunk)) return undefined
    const choices = chunk.choices
    if (!Array.isArray(choices)) {
      if (isErrorChunk(chunk)) return failureOfChatError(chunk, { headers: {}, nowMs: this.#now() })
    } else {
      const choice: unknown = choices[0]
      if (isJson(choice)) {
        const failure = this.#choice(choice, chunk)
        if (failure) return failure
      }
    }
    if (isJson(chunk.usage)) this.#usage(chunk.usage, chunk)
    return undefined
  }

  /** The stream has ended: closes what is open; returns the failure if the answer is not whole. */
  end(): ModelFailure | undefined {
    if (this.#finish === undefined) return modelFailure('cut', 'The stream ended before the answer did.')
    if (this.#finish === 'length') {
      // All but the one it ended in.
      for (const call of [...this.#closed, ...[...this.#calls.values()].slice(0, -1)]) this.#closeCall(call)
      return modelFailure('outputLimit', 'The answer reached the most tokens it may have.')
    }
    if (this.#finish === 'content_filter') return modelFailure('refused', 'The backend filtered the answer.')
    if (this.#finish === 'error')
      return modelFailure('internal', 'The backend ended the answer with an error.')
    this.#closeText()
    for (const call of [...this.#closed, ...this.#calls.values()]) this.#closeCall(call)
    return undefined
  }

  get isFinished(): boolean {
    return this.#finish !== undefined
  }

  #choice(choice: Json, chunk: Json): ModelFailure | undefined {
    const delta = choice.delta
    if (isJson(delta)) {
      const { content } = delta
      if (typeof content === 'string' && content !== '') {
        this.#exchange.alive('brisk')
        this.#hasText = true
        this.#exchange.emit({ type: 'textDelta', text: content })
      }
      const reasoning = delta.reasoning ?? delta.reasoning_content
      if (typeof reasoning === 'string' && reasoning !== '') {
        this.#exchange.alive('patient')
        this.#exchange.emit({ type: 'reasoningDelta', text: reasoning })
      }
      for (const part of listAt(delta, 'tool_calls')) {
        const failure = this.#callDelta(part, chunk)
        if (failure) return failure
      }
    }
    if (typeof choice.finish_reason === 'string') this.#finish = choice.finish_reason
    return undefined
  }

  #callDelta(part: unknown, chunk: Json): ModelFailure | undefined {
    const fn = objectAt(part, 'function')
    const name = textAt(fn, 'name')
    const id = textAt(part, 'id')
    const index = numberAt(part, 'index') ?? 0
    let call = this.#calls.get(index)
    // Some backends give every call the index 0: another id with a name is another call.
    if (call && id && name && id !== call.callId) {
      this.#closed.push(call)
      call = undefined
    }
    if (!call) {
      if (!name) return modelFailure('malformed', 'A tool call began without a name.')
      call = this.#openCall(
        name,
        id || `${textAt(chunk, 'id') ?? 'call'}_${this.#closed.length + this.#calls.size}`,
      )
      this.#calls.set(index, call)
    }
    this.#exchange.alive('brisk')
    const piece = textAt(fn, 'arguments') ?? wholeArguments(fn)
    if (piece === '') return undefined
    call.input += piece
    const delta = call.freeform ? call.freeform.push(piece) : piece
    if (delta !== '') this.#exchange.emit({ type: 'toolCallDelta', callId: call.callId, delta })
    return undefined
  }

  #openCall(name: string, callId: string): OpenCall {
    this.#closeText()
    const isFreeform = this.#isFreeform(name)
    const format = isFreeform ? 'freeform' : 'json'
    this.#exchange.emit({ type: 'toolCallStarted', callId, name, format })
    return { callId, name, format, freeform: isFreeform ? new FreeformArgument() : undefined, input: '' }
  }

  #closeCall({ callId, name, format, freeform, input: raw }: OpenCall): void {
    const input = freeform ? freeformInput(raw) : raw === '' ? '{}' : raw
    this.#exchange.emit({ type: 'toolCallCompleted', callId, name, input, format })
  }

  #closeText(): void {
    if (this.#hasText) this.#exchange.emit({ type: 'textCompleted' })
    this.#hasText = false
  }

  #usage(usage: Json, chunk: Json): void {
    const times = objectAt(chunk, 'time_info')
    this.#exchange.emit({
      type: 'usage',
      usage: {
        inputTokens: countAt(usage, 'prompt_tokens'),
        cachedTokens: countAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens'),
        outputTokens: countAt(usage, 'completion_tokens'),
      },
      ...(times && {
        timing: {
          queueMs: (numberAt(times, 'queue_time') ?? 0) * 1000,
          promptMs: (numberAt(times, 'prompt_time') ?? 0) * 1000,
          completionMs: (numberAt(times, 'completion_time') ?? 0) * 1000,
        },
      }),
    })
  }
}

/** Some backends send the arguments as an object instead of its text. */
function wholeArguments(fn: Json | undefined): string {
  return isJson(fn?.arguments) ? JSON.stringify(fn.arguments) : ''
}
