import { RequestError } from '../../core/protocol/errors.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ModelSession, SessionOptions } from '../providers/provider.ts'
import type { Providers } from '../providers/providers.ts'

/** How long a list of models may take before what is known by then is shown. */
const listMs = 3000

/** The models people can choose from, and the way to run one. */
export class ModelCatalogue {
  readonly #providers: Providers
  readonly #preferred: string | undefined

  /** `preferred`: the configured default, used while somebody offers it. */
  constructor(providers: Providers, preferred: string | undefined) {
    this.#providers = providers
    this.#preferred = preferred
  }

  list(): Promise<readonly ModelDescription[]> {
    return this.#providers.models(AbortSignal.timeout(listMs))
  }

  async defaultModelId(): Promise<string> {
    if (this.#preferred !== undefined && this.#providers.find(this.#preferred)) return this.#preferred
    return this.#providers.defaultModelId(AbortSignal.timeout(listMs))
  }

  /** Throws RequestError('notFound') for an id nobody offers. */
  async resolve(modelId: string): Promise<ModelDescription> {
    const known = this.#providers.find(modelId)
    if (known) return known.description
    await this.list()
    const found = this.#providers.find(modelId)
    if (!found)
      throw new RequestError(
        'notFound',
        `No configured provider offers the model ${modelId}; choose another.`,
      )
    return found.description
  }

  openSession(model: ModelDescription, options: SessionOptions): ModelSession {
    const found = this.#providers.find(model.id)
    if (!found)
      throw new RequestError('notFound', `The model ${model.id} is not offered any more; choose another.`)
    return found.provider.openSession(options)
  }
}
