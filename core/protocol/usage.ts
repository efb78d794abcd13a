import { z } from 'zod'
import { threadIdSchema } from './ids.ts'
import { usageSchema } from './model.ts'

/** One call of a language model, as it is counted. */
export const usageRowSchema = z.object({
  id: z.string(),
  /** When it began. */
  at: z.number().int(),
  threadId: threadIdSchema,
  modelId: z.string(),
  purpose: z.enum(['turn', 'summary', 'comparison', 'check']),
  /** `lost`: the server died meanwhile. */
  outcome: z.enum(['completed', 'failed', 'stopped', 'lost']),
  usage: usageSchema,
  /** The provider did not tell: counted by what was sent and what had arrived. */
  estimated: z.boolean(),
})
export type UsageRow = z.infer<typeof usageRowSchema>

/** Calls of one model together. */
export const usageSumSchema = z.object({
  modelId: z.string(),
  calls: z.number().int(),
  /** Of them those that are estimated. */
  estimated: z.number().int(),
  usage: usageSchema,
})
export type UsageSum = z.infer<typeof usageSumSchema>
