import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ModelSession, SessionOptions } from '../providers/provider.ts'

/** All models of all configured providers. */
export interface ModelCatalogue {
  list(): Promise<readonly ModelDescription[]>
  defaultModelId(): Promise<string>
  /** Throws RequestError('notFound') for an id nobody offers. */
  resolve(modelId: string): Promise<ModelDescription>
  openSession(model: ModelDescription, options: SessionOptions): ModelSession
}
