import type { ModelChoice } from '../../core/engine/turn-state.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import {
  type ModelDescription,
  type Tier,
  type TierName,
  tierId,
  tierNameOf,
  tierNames,
} from '../../core/protocol/model.ts'
import type { ModelSession, SessionOptions } from '../providers/provider.ts'
import type { Providers } from '../providers/providers.ts'
import type { ModelHealth } from './model-health.ts'

/** How long a list of models may take before what is known by then is shown. */
const listMs = 3000

export interface CatalogueOptions {
  readonly providers: Providers
  readonly health: ModelHealth
  /** The configured default, a model or a tier; used while somebody offers it. */
  readonly preferred?: string | undefined
  /** Models in their order. A tier that is left out is the default model. */
  readonly tiers?: Partial<Readonly<Record<TierName, readonly string[]>>>
}

/** The models people can choose from, and the way to run one. */
export class ModelCatalogue {
  readonly health: ModelHealth
  readonly #providers: Providers
  readonly #preferred: string | undefined
  readonly #tiers: NonNullable<CatalogueOptions['tiers']>

  constructor({ providers, health, preferred, tiers = {} }: CatalogueOptions) {
    this.health = health
    this.#providers = providers
    this.#preferred = preferred ?? (tiers.live && tierId('live'))
    this.#tiers = tiers
  }

  /** Those that tiers name can be chosen too, though their backend may not list them. */
  async list(): Promise<readonly ModelDescription[]> {
    const listed = await this.#providers.models(AbortSignal.timeout(listMs))
    const named = new Set(Object.values(this.#tiers).flat())
    for (const { id } of listed) named.delete(id)
    return [...listed, ...[...named].flatMap((id) => this.#providers.find(id)?.description ?? [])]
  }

  async defaultModelId(): Promise<string> {
    const preferred = this.#preferred
    if (preferred !== undefined && tierNameOf(preferred)) return preferred
    return this.#defaultModel()
  }

  /** What each tier stands for now. */
  async tiers(): Promise<readonly Tier[]> {
    return Promise.all(
      tierNames.map(async (name) => {
        const modelIds = await this.#modelIds(name)
        const working = modelIds.find((id) => this.#providers.find(id) && !this.health.problem(id))
        return {
          name,
          modelIds: [...modelIds],
          current: working ?? modelIds[0] ?? '',
          configured: this.#tiers[name] !== undefined,
        }
      }),
    )
  }

  /** Who answers the next turn of who chose a model or a tier. Throws RequestError('notFound') when nobody can. */
  async choose(chosen: string): Promise<ModelChoice> {
    const name = tierNameOf(chosen)
    if (!name) return { model: await this.#model(chosen), fallbacks: [], passedOver: [] }
    const all = await this.#offered(name)
    const working = all.filter(({ id }) => !this.health.problem(id))
    // When nothing is known to work, asking is the only way to find out.
    const [model, ...fallbacks] = working.length > 0 ? working : all
    if (!model) {
      const message = `No configured provider offers a model of the tier ${name}; choose another.`
      throw new RequestError('notFound', message)
    }
    const before = all.slice(0, all.indexOf(model))
    const passedOver = before.flatMap(({ id }) => {
      const failure = this.health.problem(id)
      return failure ? [{ modelId: id, failure }] : []
    })
    return { model, fallbacks, passedOver }
  }

  /** The model that would answer now. Throws RequestError('notFound') for what nobody offers. */
  async resolve(chosen: string): Promise<ModelDescription> {
    return (await this.choose(chosen)).model
  }

  /** Makes a connection ready for who may ask this model or tier soon. Never fails. */
  async prepare(chosen: string): Promise<void> {
    const model = await this.resolve(chosen).catch(() => undefined)
    if (model) this.#providers.find(model.id)?.provider.prepare?.()
  }

  openSession(model: ModelDescription, options: SessionOptions): ModelSession {
    const found = this.#providers.find(model.id)
    if (!found)
      throw new RequestError('notFound', `The model ${model.id} is not offered any more; choose another.`)
    return found.provider.openSession(options)
  }

  async #model(modelId: string): Promise<ModelDescription> {
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

  async #offered(name: TierName): Promise<readonly ModelDescription[]> {
    const ids = await this.#modelIds(name)
    const find = () => ids.flatMap((id) => this.#providers.find(id)?.description ?? [])
    const found = find()
    if (found.length === ids.length) return found
    const listing = this.list()
    if (found.length === 0) await listing
    // A turn does not wait for a local server that is not running; it is seen once it is.
    else listing.catch(() => {})
    return found.length === 0 ? find() : found
  }

  async #modelIds(name: TierName): Promise<readonly string[]> {
    const own = this.#tiers[name]
    if (own) return own
    const otherwise = this.#preferred === undefined ? undefined : tierNameOf(this.#preferred)
    return (otherwise && this.#tiers[otherwise]) ?? [await this.#defaultModel()]
  }

  async #defaultModel(): Promise<string> {
    if (this.#preferred !== undefined && this.#providers.find(this.#preferred)) return this.#preferred
    return this.#providers.defaultModelId(AbortSignal.timeout(listMs))
  }
}
