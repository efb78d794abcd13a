import type { Call } from '../../core/protocol/call.ts'
import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { ModelDescription, ModelFailureCode, Usage } from '../../core/protocol/model.ts'
import type { Mode, TurnStatus } from '../../core/protocol/turn.ts'

/** Is told what turns do and how long it took; never what was said. Times are monotonic milliseconds. */
export interface Observer {
  turn(turn: ObservedTurn): TurnObserver
}

export interface ObservedTurn {
  readonly threadId: ThreadId
  readonly turnId: TurnId
  readonly mode: Mode
  readonly at: number
}

export interface TurnObserver {
  called(call: ObservedCall): void
  ran(tool: ObservedTool): void
  ended(status: TurnStatus, at: number): void
}

export interface ObservedCall {
  readonly call: Call
  readonly model: ModelDescription
  readonly maxOutputTokens: number
  readonly usage: Usage | undefined
  readonly failure: ModelFailureCode | undefined
}

export interface ObservedTool {
  /** As the model said it: not to be trusted. */
  readonly name: string
  readonly callId: string
  readonly status: 'completed' | 'failed'
  readonly at: number
  readonly endedAt: number
}
