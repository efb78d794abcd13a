import type { Clock } from '../../core/lib/clock.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { Timers } from '../timers.ts'
import { createChatProvider } from './chat-completions/chat-provider.ts'
import { discover, type FoundServer, type LocalServer, localServers } from './discovery.ts'
import { cerebrasModels, knownModels, type ModelTraits } from './known-models.ts'
import { describeModel, type ModelLister } from './model-list.ts'
import type { Provider } from './provider.ts'
import type { CustomProvider, FoundModel, Providers, ProvidersConfig } from './providers.ts'
import { createResponsesProvider } from './responses/responses-provider.ts'
import { defaultTimeouts, type Timeouts } from './timeouts.ts'

export interface ProvidersDeps {
  readonly clock: Clock
  readonly timers: Timers
  readonly timeouts?: Timeouts
  /** The assistant that needs no model. */
  readonly builtin: Provider
}

/** Lists are asked for again after this long. */
const listFreshMs = 60_000
const localFreshMs = 5_000
const discoveryMs = 300
const listMs = 5_000
/** A local server may have to load its model or read a long prompt on a slow machine first. */
const localFirstByteMs = 300_000

const remoteModel: ModelTraits = { contextWindow: 128_000, maxOutputTokens: 16_384, tools: 'function' }
const localModel: ModelTraits = { contextWindow: 32_768, maxOutputTokens: 8192, tools: 'none' }

interface Source {
  readonly provider: Provider
  readonly lister: ModelLister
}

interface Listed {
  readonly at: number
  readonly models: readonly ModelDescription[]
}

export function createProviders(config: ProvidersConfig, deps: ProvidersDeps): Providers {
  return new Registry(config, deps)
}

class Registry implements Providers {
  readonly #deps: ProvidersDeps
  readonly #sources = new Map<string, Source>()
  readonly #local = new Map<string, Source>()
  readonly #localServers: readonly LocalServer[]
  readonly #listed = new Map<string, Listed>()
  #localAt: number | undefined
  #discovering: Promise<void> | undefined

  constructor(config: ProvidersConfig, deps: ProvidersDeps) {
    this.#deps = deps
    const { discovery = true } = config
    this.#localServers = typeof discovery === 'boolean' ? (discovery ? localServers : []) : discovery
    for (const source of this.#configured(config)) this.#sources.set(source.provider.id, source)
  }

  async models(signal: AbortSignal): Promise<readonly ModelDescription[]> {
    const [remote, local, own] = await Promise.all([
      Promise.all([...this.#sources.values()].map(({ provider }) => this.#list(provider, signal))),
      this.#discover(signal),
      this.#list(this.#deps.builtin, signal),
    ])
    return [...remote.flat(), ...local, ...own]
  }

  find(modelId: string): FoundModel | undefined {
    const { builtin } = this.#deps
    const providerId = modelId.slice(0, Math.max(0, modelId.indexOf('/')))
    const listed = this.#listed.get(providerId)?.models.find(({ id }) => id === modelId)
    if (providerId === builtin.id) return listed && { provider: builtin, description: listed }
    const source = this.#sources.get(providerId) ?? this.#local.get(providerId)
    if (!source) return undefined
    const { provider, lister } = source
    if (listed) return { provider, description: listed }
    // Without asking the backend: a turn must not wait for a list, and a name it does not list may still work.
    const id = modelId.slice(providerId.length + 1)
    if (id === '') return undefined
    const model = lister.configured.find((configured) => configured.id === id) ?? { id }
    return { provider, description: describeModel(lister, model, 'ready') }
  }

  async defaultModelId(signal: AbortSignal): Promise<string> {
    const models = await this.models(signal)
    const first = models.find(({ status }) => status === 'ready') ?? models[0]
    if (!first) throw new Error('The built-in assistant offers no model.')
    return first.id
  }

  close(): void {
    for (const { provider } of [...this.#sources.values(), ...this.#local.values()]) provider.close?.()
    this.#deps.builtin.close?.()
  }

  async #list(provider: Provider, signal: AbortSignal): Promise<readonly ModelDescription[]> {
    const now = this.#deps.clock.monotonic()
    const known = this.#listed.get(provider.id)
    if (known && now - known.at < listFreshMs) return known.models
    const models = await provider.models(AbortSignal.any([signal, AbortSignal.timeout(listMs)]))
    const isWhole = models.some(({ status }) => status === 'ready')
    // What could not be asked is asked again next time.
    if (isWhole) this.#listed.set(provider.id, { at: now, models })
    return models
  }

  async #discover(signal: AbortSignal): Promise<readonly ModelDescription[]> {
    const now = this.#deps.clock.monotonic()
    if (this.#localAt === undefined || now - this.#localAt >= localFreshMs) {
      this.#localAt = now
      this.#discovering = this.#lookForServers(now, signal)
    }
    await this.#discovering
    return this.#localServers.flatMap(({ id }) =>
      this.#local.has(id) ? (this.#listed.get(id)?.models ?? []) : [],
    )
  }

  async #lookForServers(now: number, signal: AbortSignal): Promise<void> {
    const servers = this.#localServers
    const found = await discover({ servers, timeoutMs: discoveryMs, signal })
    for (const server of found) this.#takeLocal(server, now)
    // Models of a server that has gone are no longer offered.
    for (const { id } of servers) {
      if (this.#local.has(id) && this.#listed.get(id)?.at !== now) this.#listed.delete(id)
    }
  }

  #takeLocal(found: FoundServer, now: number): void {
    const { id, baseUrl } = found
    if (this.#sources.has(id)) return
    let source = this.#local.get(id)
    if (!source) {
      const timeouts = {
        ...this.#timeouts,
        firstByteMs: Math.max(localFirstByteMs, this.#timeouts.firstByteMs),
      }
      source = this.#chat(
        { id, api: 'chat', baseUrl, outputLimit: 'max_tokens' },
        { otherwise: localModel, timeouts },
      )
      this.#local.set(id, source)
    }
    const { lister } = source
    this.#listed.set(id, {
      at: now,
      models: found.models.map((model) => describeModel(lister, model, 'ready')),
    })
  }

  get #timeouts(): Timeouts {
    return this.#deps.timeouts ?? defaultTimeouts
  }

  #configured(config: ProvidersConfig): readonly Source[] {
    const { openai, cerebras, custom = [] } = config
    const sources: Source[] = []
    if (openai) {
      const { apiKey, baseUrl = 'https://api.openai.com/v1' } = openai
      sources.push(
        this.#responses({ id: 'openai', api: 'responses', baseUrl, apiKey }, ['gpt-5.3-codex-spark']),
      )
    }
    if (cerebras) {
      const { apiKey, baseUrl = 'https://api.cerebras.ai/v1' } = cerebras
      const entry: CustomProvider = { id: 'cerebras', api: 'chat', baseUrl, apiKey }
      const known = [...cerebrasModels, ...knownModels]
      sources.push(this.#chat(entry, { known, preferred: ['gpt-oss-120b'], cacheKey: true }))
    }
    for (const entry of custom)
      sources.push(entry.api === 'responses' ? this.#responses(entry, []) : this.#chat(entry, {}))
    return sources
  }

  #responses(entry: CustomProvider, preferred: readonly string[]): Source {
    const { id, transport = 'auto' } = entry
    const shown = transport === 'http' ? 'sse' : 'websocket'
    const lister = listerOf(entry, {
      transport: shown,
      preferred,
      known: knownModels,
      otherwise: remoteModel,
    })
    const provider = createResponsesProvider({
      ...endpointOf(entry),
      id,
      transport,
      interrupts: entry.interrupt,
      lister,
      ...this.#common,
    })
    return { provider, lister }
  }

  #chat(
    entry: CustomProvider,
    options: Partial<Pick<ModelLister, 'known' | 'preferred' | 'otherwise'>> & {
      readonly cacheKey?: boolean
      readonly timeouts?: Timeouts
    },
  ): Source {
    const { known = knownModels, preferred = [], otherwise = remoteModel, cacheKey = false } = options
    const { id, outputLimit = 'max_completion_tokens' } = entry
    const lister = listerOf(entry, { transport: 'sse', preferred, known, otherwise })
    const { timeouts = this.#timeouts } = options
    const dialect = { outputLimit, cacheKey }
    const provider = createChatProvider({
      ...endpointOf(entry),
      id,
      dialect,
      lister,
      ...this.#common,
      timeouts,
    })
    return { provider, lister }
  }

  get #common(): { readonly timeouts: Timeouts; readonly clock: Clock; readonly timers: Timers } {
    const { clock, timers } = this.#deps
    return { timeouts: this.#timeouts, clock, timers }
  }
}

function endpointOf(entry: CustomProvider): {
  readonly baseUrl: string
  readonly headers: Record<string, string>
  readonly query: string
} {
  const { apiKey = '', keyHeader, query = {} } = entry
  const key = apiKey.trim()
  const auth = keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [keyHeader]: key }
  const headers = { ...(key !== '' && auth), ...entry.headers }
  const search = new URLSearchParams(query).toString()
  return { baseUrl: entry.baseUrl.replace(/\/+$/, ''), headers, query: search === '' ? '' : `?${search}` }
}

function listerOf(
  entry: CustomProvider,
  options: Pick<ModelLister, 'transport' | 'preferred' | 'known' | 'otherwise'>,
): ModelLister {
  const { tools, contextWindow, prefillIsFree } = entry
  const stated = {
    ...(tools !== undefined && { tools }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(prefillIsFree !== undefined && { prefillIsFree }),
  }
  const otherwise = { ...options.otherwise, ...stated }
  const known = options.known.map((row) => ({ ...row, ...stated }))
  return { providerId: entry.id, configured: entry.models ?? [], ...options, known, otherwise }
}
