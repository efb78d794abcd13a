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
  /** Nominal output speed, for the picker. */
  tokensPerSecond: z.number().positive().optional(),
  status: z.enum(['ready', 'offline', 'needsKey']),
})
export type ModelDescription = z.infer<typeof modelDescriptionSchema>

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
  'modelNotFound',
  'badRequest',
  'toolLoop',
  'serverRestarted',
  'internal',
] as const
export type ModelFailureCode = (typeof modelFailureCodes)[number]

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
