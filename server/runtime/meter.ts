import type { Clock } from '../../core/lib/clock.ts'
import type { Call } from '../../core/protocol/call.ts'
import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { ModelDescription, ModelFailureCode } from '../../core/protocol/model.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { Measurement, Mode, TurnStatus } from '../../core/protocol/turn.ts'
import { CallMeter } from './call-meter.ts'
import type { ObservedTool, Observer, TurnObserver } from './observer.ts'

interface Options {
  readonly threadId: ThreadId
  readonly clock: Clock
  readonly observers: readonly Observer[]
  readonly publish: (event: ThreadEvent) => void
}

interface Asked {
  readonly turnId: TurnId
  readonly mode: Mode
  readonly request: number
  readonly model: ModelDescription
  readonly maxOutputTokens: number
}

/** A call from its request to its end. */
export interface Calling extends Asked {
  readonly meter: CallMeter
}

/** Times the turns of one thread: each call hop by hop, each turn's way to its first token, and tells those who watch. */
export class Meter {
  readonly #options: Options
  #receivedAt = 0
  #calls: CallMeter[] = []
  /** The call that runs or waits to; its end is yet to be told. */
  #calling: Calling | undefined
  /** What the next request is made for: a prompt that arrived, else the input that is handled. */
  #promptedAt: number | undefined
  #handledAt = 0
  #due: { readonly at: number; readonly prompted: boolean } | undefined
  #observed: readonly TurnObserver[] | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** `receivedAt`: monotonic milliseconds at which its prompt arrived. */
  beginTurn(receivedAt: number): void {
    this.#receivedAt = receivedAt
    this.#calls = []
    this.#promptedAt = receivedAt
  }

  /** The running turn is turned round by a prompt. */
  redirected(receivedAt: number): void {
    this.#promptedAt = receivedAt
  }

  /** An input is handled now. */
  handling(): void {
    this.#handledAt = this.#options.clock.monotonic()
  }

  /** What is handled now asks for a request, which may take a while to be ready. */
  due(): void {
    this.#due = { at: this.#promptedAt ?? this.#handledAt, prompted: this.#promptedAt !== undefined }
    this.#promptedAt = undefined
  }

  /** A request is ready to be sent. */
  begin(asked: Asked): Calling {
    const { clock } = this.#options
    const { request, model } = asked
    const { at, prompted } = this.#due ?? { at: this.#handledAt, prompted: false }
    this.#due = undefined
    this.#observe(asked)
    const meter = new CallMeter({ clock, request, modelId: model.id, at, prompted })
    this.#calls.push(meter)
    this.#calling = { ...asked, meter }
    return this.#calling
  }

  /** The call is over. */
  end(calling: Calling, status: Call['status'], failure?: ModelFailureCode): void {
    const { turnId, meter, model, maxOutputTokens } = calling
    const call = meter.read(status)
    this.#calling = undefined
    this.#options.publish({ type: 'turn/called', turnId, call })
    const { usage } = meter
    for (const turn of this.#observed ?? []) turn.called({ call, model, maxOutputTokens, usage, failure })
  }

  /** The call that runs or waits to is not wanted any more. */
  interrupt(): void {
    if (this.#calling) this.end(this.#calling, 'interrupted')
  }

  ran(tool: Omit<ObservedTool, 'endedAt'>): void {
    const endedAt = this.#options.clock.monotonic()
    for (const turn of this.#observed ?? []) turn.ran({ ...tool, endedAt })
  }

  endTurn(turnId: TurnId, status: TurnStatus): void {
    this.measure(turnId)
    for (const turn of this.#observed ?? []) turn.ended(status, this.#options.clock.monotonic())
    this.#observed = undefined
  }

  #observe({ turnId, mode }: Asked): void {
    const { threadId, observers } = this.#options
    this.#observed ??= observers.map((one) => one.turn({ threadId, turnId, mode, at: this.#receivedAt }))
  }

  /** Tells how long the turn's first token took and what its calls come to together; nothing until there was one. */
  measure(turnId: TurnId): void {
    const measurement = this.#measurement()
    if (measurement) this.#options.publish({ type: 'turn/measured', turnId, measurement })
  }

  /** The relay's own part leaves out line, connection and model. */
  #measurement(): Measurement | undefined {
    const calls = this.#calls.map((meter) => meter.read('completed'))
    const first = calls.find(({ firstToken }) => firstToken !== undefined)
    if (first?.firstToken === undefined || first.out === undefined) return undefined
    const { asked, connected = asked, sent = connected, firstToken, out } = first
    const sum = (of: 'tokens' | 'stream' | 'relay') => calls.reduce((all, call) => all + call[of], 0)
    const outputTokens = sum('tokens')
    const stream = sum('stream')
    return {
      firstTokenMs: (first.at + out) / 1000 - this.#receivedAt,
      relayMs: (asked + (sent - connected) + (out - firstToken)) / 1000,
      outputTokens,
      streamMs: stream / 1000,
      tokensPerSecond: stream > 0 ? (outputTokens / stream) * 1e6 : 0,
      reusedConnection: first.connection !== 'opened',
      relayMsPer1000Tokens: outputTokens > 0 ? sum('relay') / outputTokens : 0,
    }
  }
}
