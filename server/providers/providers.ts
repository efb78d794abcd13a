import type { ModelDescription } from '../../core/protocol/model.ts'
import type { LocalServer } from './discovery.ts'
import type { ConfiguredModel } from './model-list.ts'
import type { Provider } from './provider.ts'

/** All configured sources of models. */
export interface Providers {
  /** Every model that can be chosen now: configured ones first, then local servers, then the built-in assistant. */
  models(signal: AbortSignal): Promise<readonly ModelDescription[]>
  /** Who runs a model, and what is known of it; `undefined` when nobody does. */
  find(modelId: string): FoundModel | undefined
  /** The model for who has not chosen one: the first that is ready. */
  defaultModelId(signal: AbortSignal): Promise<string>
  close(): void
}

export interface FoundModel {
  readonly provider: Provider
  readonly description: ModelDescription
}

/** Where models come from. Keys and addresses are the server's: never from a workspace's files. */
export interface ProvidersConfig {
  readonly openai?: { readonly apiKey: string; readonly baseUrl?: string | undefined } | undefined
  readonly cerebras?: { readonly apiKey: string; readonly baseUrl?: string | undefined } | undefined
  readonly custom?: readonly CustomProvider[]
  /** Whether to look for local servers, or for which. Default: the usual ones. */
  readonly discovery?: boolean | readonly LocalServer[] | undefined
}

export interface CustomProvider {
  readonly id: string
  readonly api: 'responses' | 'chat'
  readonly baseUrl: string
  readonly apiKey?: string | undefined
  /** The header that carries the key as it is. Left out: `Authorization: Bearer`. */
  readonly keyHeader?: string | undefined
  /** Goes with every address, as Azure's `api-version`. */
  readonly query?: Readonly<Record<string, string>> | undefined
  /** More headers for each request, as some gateways want. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Left out: what the backend lists. */
  readonly models?: readonly ConfiguredModel[] | undefined
  /** For all its models that state nothing else. */
  readonly tools?: ModelDescription['tools'] | undefined
  readonly contextWindow?: number | undefined
  /** For all its models: input that is sent ahead of a prompt costs nothing. */
  readonly prefillIsFree?: boolean | undefined
  readonly transport?: 'auto' | 'websocket' | 'http' | undefined
  /** It ends one response of a WebSocket when it is asked to (`response.interrupt`). */
  readonly interrupt?: boolean | undefined
  /** Name of the field that limits the output of chat completions. */
  readonly outputLimit?: 'max_completion_tokens' | 'max_tokens' | undefined
}
