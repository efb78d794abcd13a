import type { ModelDescription } from '../../core/protocol/model.ts'
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
