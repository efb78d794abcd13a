import { z } from 'zod'
import { compactionIdSchema, turnIdSchema } from './ids.ts'

/** A summary that stands for the first turns of a thread in what its model is sent. */
export const compactionSchema = z.object({
  id: compactionIdSchema,
  /** The last turn it stands for. */
  throughTurnId: turnIdSchema,
  /** How many turns that were. */
  turns: z.number().int().positive(),
  summary: z.string(),
  /** About how many tokens of the window it saves. */
  saved: z.number().int().nonnegative(),
  /** A form only the model it came from reads, and is sent instead of the summary; JSON text. */
  sealed: z.string().optional(),
  /** Whose words it is; absent: put together from the turns without a model. */
  modelId: z.string().optional(),
  at: z.number().int(),
})
export type Compaction = z.infer<typeof compactionSchema>

/** A summary on its way: being written, waiting for the running turn to end, or given up. */
export const compactingSchema = z.object({
  status: z.enum(['running', 'ready', 'failed']),
  /** Why it was given up. */
  detail: z.string().optional(),
})
export type Compacting = z.infer<typeof compactingSchema>

/** How a model's window is filled by what a next prompt would follow. Tokens. */
export const windowUseSchema = z.object({
  window: z.number().int(),
  instructions: z.number().int(),
  tools: z.number().int(),
  /** Texts of files and what else went along with prompts. */
  files: z.number().int(),
  /** The summary of earlier turns, and what is pinned in them. */
  summary: z.number().int(),
  history: z.number().int(),
  /** Kept free for the answer. */
  reserve: z.number().int(),
})
export type WindowUse = z.infer<typeof windowUseSchema>
