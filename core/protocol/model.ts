import { z } from 'zod'

/** What a model is and can do. Capabilities are data; nobody asks for a provider's name. */
export const modelDescriptionSchema = z.object({
  /** `provider/model`, unique on this server. */
  id: z.string(),
  providerId: z.string(),
  name: z.string(),
  /** `assistant`: rule-based, not a language model, and says so. */
  kind: z.enum(['language', 'assistant']),
  /** Tokens, input and output together. */
  contextWindow: z.number().int().positive(),
  maxOutputTokens: z.number().int().positive(),
  modalities: z.array(z.enum(['text', 'image'])),
  /** How tools reach it: `custom` adds freeform tools (apply_patch as raw text), `none` writes SEARCH/REPLACE blocks. */
  tools: z.enum(['custom', 'function', 'none']),
  transport: z.enum(['websocket', 'sse', 'local']),
  /** The API takes new input for a running response. */
  steer: z.boolean(),
  /** The API summarises what it was sent in a sealed form of its own, when it is asked to. */
  sealsSummaries: z.boolean().optional(),
  /** The API puts a sealed summary in the place of what came before by itself (`context_management`). */
  compactsItself: z.boolean().optional(),
  /** The provider takes nothing for input that is sent ahead of a prompt. */
  prefillIsFree: z.boolean().optional(),
  /** Nominal output speed, for the picker. */
  tokensPerSecond: z.number().positive().optional(),
  status: z.enum(['ready', 'offline', 'needsKey']),
})
export type ModelDescription = z.infer<typeof modelDescriptionSchema>

/** Kinds of work. Each stands for models in an order; a turn begins with the first that works. */
export const tierNames = ['live', 'deep', 'background', 'helper'] as const
export type TierName = (typeof tierNames)[number]

export const tierSchema = z.object({
  name: z.enum(tierNames),
  modelIds: z.array(z.string()),
  /** The one a turn would begin with now. */
  current: z.string(),
  /** Of its own; else it stands for the default model. */
  configured: z.boolean(),
})
export type Tier = z.infer<typeof tierSchema>

/** A tier where a model's id is asked for. */
export function tierId(name: TierName): string {
  return `tier:${name}`
}

/** `undefined`: it is the id of a model. */
export function tierNameOf(modelId: string): TierName | undefined {
  return tierNames.find((name) => tierId(name) === modelId)
}

export const usageSchema = z.object({
  inputTokens: z.number().int().nonnegative(),
  cachedTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
})
export type Usage = z.infer<typeof usageSchema>

/** Why a model call failed, in a form a person can act on. */
export const modelFailureCodes = [
  'noBackend',
  'wrongKey',
  'rateLimited',
  'quotaExceeded',
  'overloaded',
  'cut',
  'stalled',
  'timedOut',
  'malformed',
  'contextOverflow',
  'refused',
  'outputLimit',
  /** A person chose another model meanwhile. */
  'notWaitedFor',
  'modelNotFound',
  'badRequest',
  'toolLoop',
  'serverRestarted',
  'internal',
] as const
export type ModelFailureCode = (typeof modelFailureCodes)[number]

/** Nobody is there, or the key is refused: whichever of its models is asked. */
export const concernsProvider: ReadonlySet<ModelFailureCode> = new Set(['noBackend', 'wrongKey'])

export const modelFailureSchema = z.object({
  code: z.enum(modelFailureCodes),
  /** The backend's own words, shortened; no secrets. */
  detail: z.string(),
  /** The same request may succeed later. */
  retriable: z.boolean(),
  /** The backend asked to wait this long. */
  retryAfterMs: z.number().int().nonnegative().optional(),
})
export type ModelFailure = z.infer<typeof modelFailureSchema>

/** A model that did not answer, the one that was asked instead, and why. */
export const movedOnSchema = z.object({ from: z.string(), to: z.string(), failure: modelFailureSchema })
export type MovedOn = z.infer<typeof movedOnSchema>
