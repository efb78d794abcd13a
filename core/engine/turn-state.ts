import type { EditFormat, EditOutcome } from '../patch/edit.ts'
import type { ItemId, RewindId, SteerId, TurnId } from '../protocol/ids.ts'
import type { PromptContext } from '../protocol/item.ts'
import type { ModelDescription, ModelFailure } from '../protocol/model.ts'
import type { QueueId } from '../protocol/queue.ts'
import type { GuestMark } from '../protocol/share.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import type { WaitingSteer } from '../state/steers.ts'
import type { ModelEvent, Steer } from './model-stream.ts'
import type { ThreadRequest } from './prompt.ts'

/** A thread and what is under way in it. Changed by `step` only. */
export interface EngineState {
  readonly thread: ThreadState
  readonly active: ActiveTurn | undefined
}

export interface ActiveTurn {
  readonly turnId: TurnId
  readonly model: ModelDescription
  /** Those that are asked in its place when it does not answer, the next one first. */
  readonly fallbacks: readonly ModelDescription[]
  /** While the model plans: who writes by the plan. */
  readonly writer: ModelChoice | undefined
  /** How long each of them but the last may be silent in the present request. */
  readonly silenceMs: number
  readonly guidance: string | undefined
  readonly nextItem: number
  /** Requests made so far; the present one is number `request - 1` on its items. */
  readonly request: number
  /** Names the running call of the model: events of an earlier one are late and ignored. */
  readonly call: number
  /** `preparing`: what goes along with waiting steers is being read for the next request. */
  readonly phase: 'preparing' | 'streaming' | 'tools' | 'waiting' | 'stopping'
  /** Attempts at the present request that failed before they showed anything. */
  readonly attempts: number
  readonly shown: boolean
  readonly text: { readonly id: ItemId; readonly length: number } | undefined
  readonly reasoning: { readonly id: ItemId; readonly length: number } | undefined
  readonly calls: readonly OpenCall[]
  /** Results that came in this request, so that a request without any ends the turn. */
  readonly settledCalls: number
  readonly failedCalls: number
  /** An answer grew longer than was asked for: from then on the turn may use all there is. */
  readonly grown: boolean
  /** The present answer was cut off for that, and goes on in the next request. */
  readonly cutShort: boolean
  readonly repeated: { readonly key: string; readonly times: number }
  readonly stop: Stop | undefined
  /** Steers the running call was given while it ran, with what went along. */
  readonly given: SteerAttachments
}

/** A tool call without its result yet. */
export interface OpenCall {
  readonly callId: string
  readonly itemId: ItemId
  readonly name: string
  readonly kind: 'edit' | 'tool'
  readonly complete: boolean
}

/** Why the turn is being stopped and what follows when the half-written is taken back. */
export type Stop =
  | { readonly next: 'interrupted' }
  | { readonly next: 'failed'; readonly failure: ModelFailure }
  | { readonly next: 'redirect' }

export interface Prompt {
  readonly text: string
  readonly context: PromptContext
  /** Texts shown before the prompt (open files), exactly as sent. */
  readonly attachments: readonly string[]
  /** Set when a guest asks. */
  readonly guest?: GuestMark | undefined
}

/** Who answers a turn. */
export interface ModelChoice {
  readonly model: ModelDescription
  /** Asked in this order when it does not answer. */
  readonly fallbacks: readonly ModelDescription[]
  /** Those that would have come first and are known not to work now. */
  readonly passedOver: readonly { readonly modelId: string; readonly failure: ModelFailure }[]
}

/** Where steers join: the response that runs, or the next request, which waits for them. */
export type SteerBoundary = 'response' | 'request'

/** Texts shown before each steer, by its item. */
export type SteerAttachments = Readonly<Record<ItemId, readonly string[]>>

export type EngineInput =
  | {
      readonly type: 'start'
      readonly turnId: TurnId
      /** Of the prompt, when it waited in the queue. */
      readonly queueId?: QueueId
      /** Of the rewind whose first turn it runs again. */
      readonly rewindId?: RewindId
      readonly prompt: Prompt
      readonly choice: ModelChoice
      /** Writes a plan first. */
      readonly planner?: ModelChoice
      readonly guidance: string | undefined
      readonly at: number
    }
  | { readonly type: 'model'; readonly call: number; readonly event: ModelEvent; readonly at: number }
  | {
      readonly type: 'toolSettled'
      readonly callId: string
      readonly status: 'completed' | 'failed'
      readonly output: string
      readonly at: number
    }
  /** A fact the engine does not decide (what an edit writes, a rename): it is folded and passed on. */
  | { readonly type: 'fact'; readonly event: ThreadEvent }
  | {
      readonly type: 'editSettled'
      readonly callId: string
      readonly outcome: EditOutcome
      /** All that came of an edit that broke off and is set aside. */
      readonly input?: string
      readonly at: number
    }
  | { readonly type: 'interrupt'; readonly at: number }
  /** `steers`: those that waited are said before the prompt. */
  | {
      readonly type: 'redirect'
      readonly prompt: Prompt
      readonly steers: SteerAttachments
      readonly at: number
    }
  | {
      readonly type: 'steer'
      readonly steerId: SteerId
      readonly text: string
      readonly context: PromptContext
      readonly guest?: GuestMark | undefined
      readonly at: number
    }
  | {
      readonly type: 'steersPrepared'
      readonly joins: SteerBoundary
      readonly turnId: TurnId
      readonly call: number
      readonly attachments: SteerAttachments
    }
  /** Who waits for the model, or for another attempt, is answered by this one. */
  | { readonly type: 'switchModel'; readonly choice: ModelChoice; readonly at: number }
  | { readonly type: 'retryDue'; readonly call: number; readonly at: number }
  | {
      readonly type: 'resume'
      readonly turnId: TurnId
      readonly choice: ModelChoice
      /** The plan is not there yet. */
      readonly planner?: ModelChoice
      readonly guidance: string | undefined
      readonly at: number
    }
  /** The server came back and runs a job's request again, as if it had not been made. */
  | {
      readonly type: 'restart'
      readonly turnId: TurnId
      /** Number of the request on its items, from 0. */
      readonly request: number
      readonly attempt: number
      readonly choice: ModelChoice
      readonly guidance: string | undefined
      readonly at: number
    }
  /** The server came back and found the turn running in the log. */
  | { readonly type: 'recovered'; readonly at: number }

/** Something the edge shall do; its outcome comes back as an input. */
export type Effect =
  /** `silenceMs`: without a sign of life by then the call has failed. */
  | {
      readonly type: 'callModel'
      readonly call: number
      readonly request: ThreadRequest
      readonly silenceMs?: number
    }
  | { readonly type: 'abortModel'; readonly call: number }
  /** Read what goes along with steers as it is now. */
  | {
      readonly type: 'prepareSteers'
      readonly joins: SteerBoundary
      readonly turnId: TurnId
      readonly call: number
      readonly steers: readonly WaitingSteer[]
    }
  /** Give words to the response that runs; what becomes of them comes back as events of the call. */
  | { readonly type: 'steerModel'; readonly call: number; readonly steer: Steer }
  | {
      readonly type: 'beginEdit'
      readonly callId: string
      readonly itemId: ItemId
      readonly format: EditFormat
      /** The text arrives as a JSON string property. */
      readonly json: boolean
    }
  | { readonly type: 'feedEdit'; readonly callId: string; readonly delta: string }
  | { readonly type: 'finishEdit'; readonly callId: string }
  /** `placed`: only when what came until now stands in its file. */
  | { readonly type: 'cutEdit'; readonly callId: string; readonly placed?: true }
  | { readonly type: 'runTool'; readonly callId: string; readonly name: string; readonly input: string }
  | { readonly type: 'abortTools' }
  | { readonly type: 'scheduleRetry'; readonly call: number; readonly delayMs: number }
  | { readonly type: 'cancelRetry' }

export interface Step {
  readonly state: EngineState
  readonly events: readonly ThreadEvent[]
  readonly effects: readonly Effect[]
}
