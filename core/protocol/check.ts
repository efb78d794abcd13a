import { z } from 'zod'
import { pathSchema } from './ids.ts'
import { modelFailureSchema, usageSchema } from './model.ts'

/** What a model of the `deep` tier does beside the one that answers. */
export const deepWorkSchema = z.object({
  /** It checks finished turns that changed files. */
  checks: z.boolean(),
  /** It writes a plan first, and the other writes by that. */
  plans: z.boolean(),
})
export type DeepWork = z.infer<typeof deepWorkSchema>

/** What another model makes of a turn's changes. */
export const checkSchema = z.object({
  /** `clean`: there is nothing to correct. */
  status: z.enum(['running', 'clean', 'corrected', 'failed']),
  /** Who checks. */
  modelId: z.string(),
  /** What was wrong, in one line. */
  reason: z.string().optional(),
  /** What it would have corrected there was changed meanwhile, and stands as it is. */
  left: z.array(z.object({ path: pathSchema, startLine: z.number().int().positive() })).optional(),
  failure: modelFailureSchema.optional(),
  /** What the check took; the turn's own usage does not hold it. */
  usage: usageSchema.optional(),
  /** Who answers the next turns knows of the correction. */
  told: z.literal(true).optional(),
})
export type Check = z.infer<typeof checkSchema>
