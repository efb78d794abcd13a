import type { ModelFailure, Usage } from '../protocol/model.ts'
import type { Quota } from '../protocol/quota.ts'

/** One entry of what a model is shown. The same list grows turn by turn; providers may send only its new tail. */
export type ModelItem =
  | { readonly type: 'message'; readonly role: 'developer' | 'user' | 'assistant'; readonly text: string }
  | {
      readonly type: 'toolCall'
      readonly callId: string
      readonly name: string
      readonly input: string
      readonly format: ToolFormat
    }
  | {
      readonly type: 'toolResult'
      readonly callId: string
      readonly name: string
      readonly output: string
      readonly format: ToolFormat
    }
  /** Provider output that must go back byte for byte (encrypted reasoning); JSON text, meaningless elsewhere. */
  | { readonly type: 'opaque'; readonly data: string }

/** `json`: arguments are one JSON object. `freeform`: the input is raw text (a Responses custom tool). */
export type ToolFormat = 'json' | 'freeform'

export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly format: ToolFormat
  /** JSON Schema of the arguments; for `freeform` an optional lark grammar. */
  readonly schema?: Readonly<Record<string, unknown>>
  readonly grammar?: string
}

export interface ModelRequest {
  /** The provider's own name of the model (without the provider prefix). */
  readonly model: string
  readonly instructions: string
  readonly tools: readonly ToolSpec[]
  readonly input: readonly ModelItem[]
  readonly maxOutputTokens: number
  /** Set when a guest asks: a provider that works on files itself (`builtin`) may look at no others. */
  readonly onlyPaths?: readonly string[]
  /** Asks for a sealed summary of all of it instead of an answer; it comes as an `opaque` item. */
  readonly summarise?: true
  /** Input of so many tokens is to be condensed by the API itself. */
  readonly compactAt?: number
  /** Stable per thread: routes to a warm prompt cache. */
  readonly cacheKey: string
}

/** Where the backend says its time went, in milliseconds. */
export interface BackendTiming {
  readonly queueMs: number
  readonly promptMs: number
  readonly completionMs: number
}

/** Words for the response that runs: messages of the person, and an id by which their fate is told. */
export interface Steer {
  readonly id: string
  readonly input: readonly ModelItem[]
}

/** How a request reached its backend; `lane`: beside others on one open connection. */
export interface Sent {
  readonly connection: 'opened' | 'reused' | 'lane'
  /** What it waited for its connection to open, in milliseconds. */
  readonly connectMs: number
  /** As a request of HTTP, not over a WebSocket. */
  readonly http?: true
}

/**
 * What every provider yields, whatever its API. Order: `sent`, `heard`, then deltas, then exactly one of
 * `completed` and `failed`. A tool call is `toolCallStarted`, deltas, `toolCallCompleted` with the whole input.
 */
export type ModelEvent =
  /** The request has left. */
  | ({ readonly type: 'sent' } & Sent)
  /** The backend began to answer, maybe without a word yet. */
  | { readonly type: 'heard' }
  /** What is left of the backend's bounds, at any time before the end. */
  | { readonly type: 'quotas'; readonly quotas: readonly Quota[] }
  | { readonly type: 'textDelta'; readonly text: string }
  /** The text so far is one finished message; text that follows is another. */
  | { readonly type: 'textCompleted' }
  | { readonly type: 'reasoningDelta'; readonly text: string }
  | {
      readonly type: 'toolCallStarted'
      readonly callId: string
      readonly name: string
      readonly format: ToolFormat
    }
  | { readonly type: 'toolCallDelta'; readonly callId: string; readonly delta: string }
  | {
      readonly type: 'toolCallCompleted'
      readonly callId: string
      readonly name: string
      readonly input: string
      readonly format: ToolFormat
    }
  /** `compacts`: it stands for all that came before it. */
  | { readonly type: 'opaque'; readonly data: string; readonly compacts?: true }
  /** The response ended where it was; another that knows these words goes on in its place. */
  | { readonly type: 'steersApplied'; readonly ids: readonly string[] }
  /** These words are not taken. Those neither applied nor failed at `completed` wait there for the next request. */
  | { readonly type: 'steerFailed'; readonly id: string }
  | { readonly type: 'usage'; readonly usage: Usage; readonly timing?: BackendTiming }
  | { readonly type: 'completed' }
  | { readonly type: 'failed'; readonly failure: ModelFailure }
