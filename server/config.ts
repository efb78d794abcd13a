import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type PoolLimits, poolOf } from '../core/admission/pool.ts'
import type { ApprovalRule } from '../core/approval/rules.ts'
import type { DeepWork } from '../core/protocol/check.ts'
import { type TierName, tierNames } from '../core/protocol/model.ts'
import type { Speculation } from '../core/protocol/speculation.ts'
import { type ConfigFile, configFileSchema } from './config-schema.ts'
import { type Forge, forgeKinds } from './jobs/forge.ts'
import type { Prices } from './jobs/prices.ts'
import { jobNews, type Webhook } from './jobs/webhooks.ts'
import type { CustomProvider, ProvidersConfig } from './providers/providers.ts'
import type { ContainerOptions } from './sandbox/container-runner.ts'
import { type SandboxKind, sandboxKinds } from './sandbox/runner.ts'

export interface Config {
  readonly workspaces: readonly string[]
  readonly host: string
  readonly port: number
  readonly hosts: readonly string[]
  readonly data: string
  readonly dev: boolean
  readonly defaultModelId: string | undefined
  readonly tiers: Tiers
  /** Of new threads. */
  readonly deep: DeepWork
  /** By model. */
  readonly limits: Readonly<Record<string, PoolLimits>>
  /** By model, or by provider for all its others: the name of the pool they share. */
  readonly pools: Readonly<Record<string, string>>
  readonly prices: Prices
  readonly webhooks: readonly Webhook[]
  readonly forges: readonly Forge[]
  readonly providers: ProvidersConfig
  readonly sandbox: SandboxKind
  /** Set when commands run in containers. */
  readonly container: Pick<ContainerOptions, 'image' | 'program' | 'cpus' | 'env'> | undefined
  /** Absolute folders by the names of variables. */
  readonly caches: Readonly<Record<string, string>>
  readonly approvals: readonly ApprovalRule[]
  /** What the settings came from, when it was a file. */
  readonly configFile: string
  readonly jobs: NonNullable<ConfigFile['jobs']>
  readonly speculation: Speculation
  readonly metrics: boolean
  /** Of the collector that spans go to. */
  readonly otlpEndpoint: string | undefined
  readonly logLevel: string
}

type Tiers = Partial<Readonly<Record<TierName, readonly string[]>>>

/** A wrong setting: says which one and what was expected. */
export class ConfigError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Flags over environment over file over defaults. The only reader of the process's environment. */
export function readConfig(args: readonly string[], variables: Environment = process.env): Config {
  // `NAME=` is how shells and compose files leave a variable out.
  const env: Environment = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const flags = readFlags(args)
  const file = readFile(flags.config ?? env.TANDEM_CONFIG)
  const host = flags.host ?? env.TANDEM_HOST ?? file.host ?? '127.0.0.1'
  if (!['127.0.0.1', 'localhost', '::1'].includes(host)) {
    throw new ConfigError(
      `host: ${host} would open Tandem to the network, which needs accounts. Use 127.0.0.1 and a tunnel or an authenticating proxy.`,
    )
  }
  const folders = flags.workspace ?? (env.TANDEM_WORKSPACE ? [env.TANDEM_WORKSPACE] : file.workspaces) ?? []
  // The same folder twice, also through a link, is one workspace.
  const workspaces = [...new Set(folders.map(readWorkspace))]
  const logLevel = env.TANDEM_LOG ?? 'warn'
  if (!logLevels.includes(logLevel)) {
    throw new ConfigError(`TANDEM_LOG: expected one of ${logLevels.join(', ')}, got "${logLevel}".`)
  }
  return {
    workspaces,
    host,
    port: readPort(flags.port ?? env.TANDEM_PORT, file.port),
    hosts: file.hosts ?? [],
    data: resolve(flags.data ?? env.TANDEM_DATA ?? file.data ?? join(homedir(), '.tandem')),
    dev: flags.dev ?? false,
    defaultModelId: env.TANDEM_MODEL ?? file.model,
    tiers: readTiers(file, env),
    deep: { checks: file.deep?.checks ?? false, plans: file.deep?.plans ?? false },
    limits: file.limits ?? {},
    pools: readPools(file),
    prices: file.prices ?? {},
    webhooks: readWebhooks(file, env),
    forges: readForges(file, env),
    providers: readProviders(file, env),
    sandbox: readSandbox(env.TANDEM_SANDBOX, file.sandbox),
    container: readContainer(file, env),
    caches: readCaches(file),
    approvals: file.approvals ?? [],
    configFile: resolve(flags.config ?? env.TANDEM_CONFIG ?? 'tandem.config.json'),
    jobs: file.jobs ?? {},
    speculation: file.speculation ?? 'connection',
    metrics: file.metrics ?? false,
    otlpEndpoint: file.telemetry?.otlpEndpoint,
    logLevel,
  }
}

function readCaches({ caches = {} }: ConfigFile): Record<string, string> {
  const folders = Object.entries(caches).map(([name, path]) => [name, path.replace(/^~(?=\/)/, homedir())])
  return Object.fromEntries(folders)
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        workspace: { type: 'string', multiple: true },
        port: { type: 'string' },
        host: { type: 'string' },
        data: { type: 'string' },
        config: { type: 'string' },
        dev: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error))
  }
}

function readWorkspace(given: string): string {
  const folder = resolve(given)
  if (!existsSync(folder)) throw new ConfigError(`workspace: there is no folder ${folder}.`)
  if (!statSync(folder).isDirectory()) throw new ConfigError(`workspace: ${folder} is no folder.`)
  return realpathSync.native(folder)
}

function readPort(given: string | undefined, fromFile: number | undefined): number {
  if (given === undefined) return fromFile ?? 3000
  const port = Number(given)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigError(`port: expected a whole number from 0 to 65535, got "${given}".`)
  }
  return port
}

function readSandbox(given: string | undefined, fromFile: SandboxKind | undefined): SandboxKind {
  if (given === undefined) return fromFile ?? (process.platform === 'darwin' ? 'seatbelt' : 'bwrap')
  const kind = sandboxKinds.find((known) => known === given)
  if (kind) return kind
  throw new ConfigError(`TANDEM_SANDBOX: expected one of ${sandboxKinds.join(', ')}, got "${given}".`)
}

/** What an engine's own program is told: where it is reached, and no key. */
const engineNames = [
  'PATH',
  'HOME',
  'USER',
  'XDG_RUNTIME_DIR',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'CONTAINER_HOST',
  'CONTAINERS_CONF',
]

function readContainer(file: ConfigFile, env: Environment): Config['container'] {
  if (readSandbox(env.TANDEM_SANDBOX, file.sandbox) !== 'container') return undefined
  const image = env.TANDEM_CONTAINER_IMAGE ?? file.container?.image
  if (image === undefined)
    throw new ConfigError(
      'container.image: commands are to run in containers (sandbox: container), so it has to name an image; or set TANDEM_CONTAINER_IMAGE.',
    )
  const told = engineNames.flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    image,
    program: env.TANDEM_CONTAINER_PROGRAM ?? file.container?.program ?? 'podman',
    cpus: file.container?.cpus,
    env: Object.fromEntries(told),
  }
}

function readFile(named: string | undefined): ConfigFile {
  const path = resolve(named ?? 'tandem.config.json')
  // An empty folder may keep the name from being taken by commands.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    if (named !== undefined) throw new ConfigError(`config: there is no file ${path}.`)
    return {}
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(
      `${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  const checked = configFileSchema.safeParse(json)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw new ConfigError(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

function readProviders(file: ConfigFile, env: Environment): ProvidersConfig {
  const ids = (file.providers ?? []).map(({ id }) => id)
  const double = ids.find((id, index) => ids.indexOf(id) !== index)
  if (double !== undefined) throw new ConfigError(`providers: expected different ids, got ${double} twice.`)
  const custom = (file.providers ?? []).map(({ apiKeyEnv, ...provider }): CustomProvider => {
    if (apiKeyEnv === undefined) return provider
    const apiKey = env[apiKeyEnv]
    if (!apiKey) {
      throw new ConfigError(`providers: ${provider.id} takes its key from ${apiKeyEnv}, which is not set.`)
    }
    return { ...provider, apiKey }
  })
  const baseUrl = (name: 'OPENAI_BASE_URL' | 'CEREBRAS_BASE_URL') => readUrl(name, env[name])
  return {
    ...(env.OPENAI_API_KEY && {
      openai: { apiKey: env.OPENAI_API_KEY, baseUrl: baseUrl('OPENAI_BASE_URL') },
    }),
    ...(env.CEREBRAS_API_KEY && {
      cerebras: { apiKey: env.CEREBRAS_API_KEY, baseUrl: baseUrl('CEREBRAS_BASE_URL') },
    }),
    custom,
    discovery: file.discoverLocal ?? env.TANDEM_DISCOVER !== '0',
  }
}

function readWebhooks(file: ConfigFile, env: Environment): readonly Webhook[] {
  return (file.webhooks ?? []).map(({ url, secretEnv, events = jobNews }): Webhook => {
    if (secretEnv === undefined) return { url, events }
    const secret = env[secretEnv]
    if (!secret) throw new ConfigError(`webhooks: ${url} is signed with ${secretEnv}, which is not set.`)
    return { url, events, secret }
  })
}

/** Besides those of the file: the token of a public one in the environment is enough. */
function readForges({ forges = [] }: ConfigFile, env: Environment): readonly Forge[] {
  const named = forges.map(({ kind, url = publicForges[kind].url, apiUrl, tokenEnv }): Forge => {
    const token = env[tokenEnv]
    if (!token) throw new ConfigError(`forges: ${url} takes its token from ${tokenEnv}, which is not set.`)
    return { kind, url, apiUrl: apiUrl ?? apiOf(kind, url), token }
  })
  const open = forgeKinds.flatMap((kind): Forge[] => {
    const { url, tokenEnv } = publicForges[kind]
    const token = env[tokenEnv]
    if (!token || named.some((forge) => forge.url === url)) return []
    return [{ kind, url, apiUrl: apiOf(kind, url), token }]
  })
  return [...named, ...open]
}

const publicForges = {
  github: { url: 'https://github.com', tokenEnv: 'TANDEM_GITHUB_TOKEN' },
  gitlab: { url: 'https://gitlab.com', tokenEnv: 'TANDEM_GITLAB_TOKEN' },
} as const

function apiOf(kind: Forge['kind'], url: string): string {
  const at = url.replace(/\/$/, '')
  if (kind === 'gitlab') return `${at}/api/v4`
  return at === publicForges.github.url ? 'https://api.github.com' : `${at}/api/v3`
}

/** Bounds of a model that shares a pool would hold for nothing: they are the pool's. */
function readPools({ providers = [], limits = {} }: ConfigFile): Readonly<Record<string, string>> {
  const pools = Object.fromEntries(
    providers.flatMap(({ id, pool, models = [] }): [string, string][] => [
      ...(pool === undefined ? [] : [[id, pool] as [string, string]]),
      ...models.flatMap((model): [string, string][] =>
        model.pool === undefined ? [] : [[`${id}/${model.id}`, model.pool]],
      ),
    ]),
  )
  for (const key of Object.keys(limits)) {
    const pool = key.includes('/') ? poolOf(key, pools) : undefined
    if (pool === undefined) continue
    throw new ConfigError(`limits: ${key} shares the pool ${pool}; expected limits of ${pool} instead.`)
  }
  return pools
}

function readTiers(file: ConfigFile, env: Environment): Tiers {
  const named = tierNames.flatMap((name): [TierName, string[]][] => {
    const setting = `TANDEM_TIER_${name.toUpperCase()}`
    const given = env[setting]
    if (given === undefined) return file.tiers?.[name] ? [[name, file.tiers[name]]] : []
    const models = given.split(',').map((id) => id.trim())
    if (models.every((id) => /^[^/:]+\/./.test(id))) return [[name, models]]
    throw new ConfigError(`${setting}: expected provider/model, or several with commas, got "${given}".`)
  })
  return Object.fromEntries(named)
}

function readUrl(name: string, given: string | undefined): string | undefined {
  if (given === undefined || /^https?:$/.test(URL.parse(given)?.protocol ?? '')) return given
  throw new ConfigError(`${name}: expected an address such as https://api.example.com/v1, got "${given}".`)
}
