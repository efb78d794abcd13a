import type { ModelDescription } from '../../core/protocol/model.ts'
import { listAt, numberAt, objectAt, parseJson, textAt } from './json.ts'
import { type KnownModel, type ModelTraits, otherPurpose } from './known-models.ts'
import { LossError } from './upstream-http.ts'

/** How a provider's models are found and described. */
export interface ModelLister {
  readonly providerId: string
  readonly transport: ModelDescription['transport']
  /** The models to offer, in this order; empty: what the backend lists. */
  readonly configured: readonly ConfiguredModel[]
  /** Put first where the backend lists them, and shown when the key does not let us ask. */
  readonly preferred: readonly string[]
  readonly known: readonly KnownModel[]
  /** For models nobody knows. */
  readonly otherwise: ModelTraits
}

/** What is stated of a model; what is left out or undefined is filled in. */
export type ConfiguredModel = {
  readonly id: string
  /** As people see it. */
  readonly name?: string | undefined
} & { readonly [Trait in keyof ModelTraits]?: ModelTraits[Trait] | undefined }

interface Getter {
  get(path: string, signal: AbortSignal): Promise<string>
}

export async function listModels(options: {
  readonly pool: Getter
  readonly lister: ModelLister
  readonly signal: AbortSignal
}): Promise<readonly ModelDescription[]> {
  const { lister } = options
  const configured = (status: ModelDescription['status']): readonly ModelDescription[] =>
    lister.configured.map((model) => describeModel(lister, model, status))
  let body: string
  try {
    body = await options.pool.get('/models', options.signal)
  } catch (error) {
    const status = error instanceof LossError && error.loss.type === 'refused' ? error.loss.status : 0
    if (status === 401 || status === 403) {
      if (lister.configured.length > 0) return configured('needsKey')
      return lister.preferred.map((id) => describeModel(lister, { id }, 'needsKey'))
    }
    // Some backends have no list; what is configured may well work.
    return configured(status >= 400 && status < 500 ? 'ready' : 'offline')
  }
  if (lister.configured.length > 0) return configured('ready')
  const listed = listedModels(body).filter(({ id }) => !otherPurpose.test(id))
  const rank = ({ id }: ConfiguredModel): number => {
    const place = lister.preferred.indexOf(id)
    return place === -1 ? lister.preferred.length : place
  }
  return listed.toSorted((a, b) => rank(a) - rank(b)).map((model) => describeModel(lister, model, 'ready'))
}

/** The answer of `GET /v1/models`; the window is where vLLM, LM Studio and llama.cpp each put it. */
export function listedModels(body: string): readonly ConfiguredModel[] {
  return listAt(parseJson(body), 'data').flatMap((entry) => {
    const id = textAt(entry, 'id')
    if (id === undefined || id === '') return []
    const contextWindow =
      numberAt(entry, 'max_model_len') ??
      numberAt(entry, 'context_window') ??
      numberAt(entry, 'context_length') ??
      numberAt(entry, 'max_context_length') ??
      numberAt(objectAt(entry, 'meta'), 'n_ctx')
    return [
      contextWindow !== undefined && contextWindow > 0
        ? { id, contextWindow: Math.trunc(contextWindow) }
        : { id },
    ]
  })
}

export function describeModel(
  lister: ModelLister,
  model: ConfiguredModel,
  status: ModelDescription['status'],
): ModelDescription {
  const base = lister.known.find((row) => row.match.test(model.id)) ?? lister.otherwise
  const contextWindow = model.contextWindow ?? base.contextWindow
  const tokensPerSecond = model.tokensPerSecond ?? base.tokensPerSecond
  const maxOutputTokens = model.maxOutputTokens ?? base.maxOutputTokens
  return {
    id: `${lister.providerId}/${model.id}`,
    providerId: lister.providerId,
    name: model.name ?? model.id,
    kind: 'language',
    contextWindow,
    // Room for the question stays, however small the window.
    maxOutputTokens: Math.max(1, Math.min(maxOutputTokens, Math.floor(contextWindow / 2))),
    modalities: (model.images ?? base.images) ? ['text', 'image'] : ['text'],
    tools: model.tools ?? base.tools,
    transport: lister.transport,
    steer: model.steer ?? base.steer ?? false,
    ...((model.sealsSummaries ?? base.sealsSummaries) && { sealsSummaries: true }),
    ...((model.compactsItself ?? base.compactsItself) && { compactsItself: true }),
    ...((model.prefillIsFree ?? base.prefillIsFree) && { prefillIsFree: true }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    status,
  }
}
