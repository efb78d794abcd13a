import { z } from 'zod'

/** What a provider says is left of one of its bounds. */
export const quotaSchema = z.object({
  /** `percent`: of a bound whose size is not said. */
  what: z.enum(['requests', 'tokens', 'percent']),
  /** How long the bound is for, when that is said. */
  windowMs: z.number().positive().optional(),
  limit: z.number().nonnegative().optional(),
  left: z.number().nonnegative(),
  /** By the wall clock: when all of it is there again. */
  resetAt: z.number().int(),
})
export type Quota = z.infer<typeof quotaSchema>

/** A bound of the model in view: the provider's, or this server's own. */
export const boundSchema = quotaSchema.extend({
  from: z.enum(['provider', 'server']),
  /** Whose: of a kind of work, or of the person who asks. Absent: of all together. */
  of: z.enum(['live', 'background', 'user']).optional(),
  /** `calls`: at a time. */
  what: z.enum([...quotaSchema.shape.what.options, 'calls']),
  /** Absent: when a call ends. */
  resetAt: z.number().int().optional(),
})
export type Bound = z.infer<typeof boundSchema>

/** How much of a model can be had now. */
export const poolViewSchema = z.object({
  modelId: z.string(),
  /** Models that share it, by the name of the pool. */
  pool: z.string().optional(),
  bounds: z.array(boundSchema),
  /** Calls under way, and those that wait. */
  running: z.number().int().nonnegative(),
  waiting: z.number().int().nonnegative(),
  /** Where the provider says the time of the latest answer went, in milliseconds. */
  timing: z.object({ queueMs: z.number(), promptMs: z.number(), completionMs: z.number() }).optional(),
  /** Of the latest answer. */
  tokensPerSecond: z.number().optional(),
})
export type PoolView = z.infer<typeof poolViewSchema>
