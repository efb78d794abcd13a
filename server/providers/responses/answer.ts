import type { ModelItem, ModelRequest, Steer } from '../../../core/engine/model-stream.ts'
import type { Timers } from '../../timers.ts'
import type { Exchange } from '../exchange.ts'
import { modelFailure } from '../failures.ts'
import { type Json, objectAt, textAt } from '../json.ts'
import { type ResponseEnd, ResponseReader } from './response-reader.ts'

/** What a conversation has come to when a call is over. */
export type Outcome =
  | {
      readonly type: 'completed'
      readonly id: string
      /** All that the last response had before it. */
      readonly input: readonly ModelItem[]
      readonly output: readonly ModelItem[]
      /** Words the backend keeps for the request that follows. */
      readonly kept: readonly ModelItem[]
      /** The backend did not say what became of words: what it may do next is not wanted. */
      readonly isUnsure: boolean
    }
  | Extract<ResponseEnd, { type: 'failed' }>

interface Given {
  readonly steer: Steer
  /** The backend's name of it. */
  id: string | undefined
  state: 'waiting' | 'sent' | 'kept'
}

export interface AnswerOptions {
  readonly request: ModelRequest
  readonly exchange: Exchange
  readonly now: () => number
  readonly timers: Timers
  /** How long the backend may take, after a response, to say what becomes of words it was given. */
  readonly verdictMs: number
  readonly sendSteer: (responseId: string, input: readonly ModelItem[]) => void
  /** This backend or model takes no words while it responds. */
  readonly onUnsupported: () => void
  /** That time is over. */
  readonly onOverdue: (outcome: Outcome) => void
}

/** Reads the answer to one request: a response, and those that take its place when it is steered. */
export class Answer {
  readonly #options: AnswerOptions
  #reader: ResponseReader
  #input: readonly ModelItem[]
  #given: Given[] = []
  /** The present response is over; only what becomes of the words it was given is open. */
  #ended: { readonly id: string } | undefined
  #cancelWait: (() => void) | undefined

  constructor(options: AnswerOptions) {
    this.#options = options
    this.#input = options.request.input
    this.#reader = this.#newReader()
  }

  /** Nothing that people could have seen has come. */
  get isEmpty(): boolean {
    return this.#reader.output.length === 0 && this.#input === this.#options.request.input
  }

  /** Of the response that is under way, once the backend has given it. */
  get responseId(): string | undefined {
    return this.#reader.id
  }

  /** Takes one event, `undefined` for what was no JSON; returns what it all came to once it is over. */
  push(frame: Json | undefined): Outcome | undefined {
    const type = textAt(frame, 'type')
    if (frame && type?.startsWith('response.steer.')) {
      this.#onSteer(type, frame)
      return this.#outcome()
    }
    if (this.#ended) {
      if (type !== 'response.created') return type === 'error' ? this.#fail(frame) : undefined
      this.#goOn()
    }
    const end = this.#reader.take(frame)
    this.#flush()
    if (!end) return undefined
    const isSteered = end.type === 'failed' && end.code === 'steered' && this.#given.length > 0
    if (end.type === 'failed' && !isSteered) return end
    this.#ended = { id: end.type === 'completed' ? end.id : (this.#reader.id ?? '') }
    return this.#outcome() ?? this.#await()
  }

  /** False when it is too late for this response. */
  give(steer: Steer): boolean {
    if (this.#ended) return false
    this.#given.push({ steer, id: undefined, state: 'waiting' })
    this.#flush()
    return true
  }

  close(): void {
    this.#cancelWait?.()
  }

  #flush(): void {
    const { id } = this.#reader
    if (id === undefined) return
    for (const given of this.#given) {
      if (given.state !== 'waiting') continue
      given.state = 'sent'
      this.#options.sendSteer(id, given.steer.input)
    }
  }

  #onSteer(type: string, frame: Json): void {
    const id = textAt(objectAt(frame, 'steer'), 'id')
    const named = id === undefined ? undefined : this.#given.find((given) => given.id === id)
    const given = named ?? this.#given.find((other) => other.id === undefined && other.state === 'sent')
    if (!given) return
    if (type === 'response.steer.failed') {
      if (textAt(objectAt(frame, 'error'), 'code') === 'steering_not_supported') this.#options.onUnsupported()
      this.#refuse(given)
    } else {
      given.id = id
      if (type === 'response.steer.pending') given.state = 'kept'
    }
  }

  #refuse(given: Given): void {
    this.#given = this.#given.filter((other) => other !== given)
    this.#options.exchange.emit({ type: 'steerFailed', id: given.steer.id })
  }

  /** The response that takes up what was accepted has begun. */
  #goOn(): void {
    this.#cancelWait?.()
    const taken = this.#given.filter(({ id }) => id !== undefined)
    this.#given = this.#given.filter(({ id }) => id === undefined)
    this.#input = [...this.#input, ...this.#reader.output, ...taken.flatMap(({ steer }) => steer.input)]
    this.#ended = undefined
    this.#reader = this.#newReader()
    this.#options.exchange.emit({ type: 'steersApplied', ids: taken.map(({ steer }) => steer.id) })
  }

  #outcome(isUnsure = false): Outcome | undefined {
    if (!this.#ended) return undefined
    if (this.#given.some(({ state }) => state === 'sent') && !isUnsure) return undefined
    for (const given of this.#given) if (given.state !== 'kept') this.#refuse(given)
    const kept = this.#given.flatMap(({ steer }) => steer.input)
    this.close()
    const { output } = this.#reader
    return { type: 'completed', id: this.#ended.id, input: this.#input, output, kept, isUnsure }
  }

  #await(): undefined {
    const { verdictMs, timers, onOverdue } = this.#options
    this.#cancelWait = timers.after(verdictMs, () => {
      const outcome = this.#outcome(true)
      if (outcome) onOverdue(outcome)
    })
  }

  #fail(frame: Json | undefined): Outcome {
    this.close()
    const end = this.#reader.take(frame)
    if (end?.type === 'failed') return end
    const failure = modelFailure('cut', 'The backend ended the answer early.')
    return { type: 'failed', failure, code: undefined }
  }

  #newReader(): ResponseReader {
    const { exchange, now } = this.#options
    return new ResponseReader({ exchange, now })
  }
}
