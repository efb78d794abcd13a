import { z } from 'zod'

/** One connection a command wanted to the network, and what came of it. */
export const reachedSchema = z.object({
  /** `name:port`, as it was asked for. */
  host: z.string().max(300),
  verdict: z.enum(['reached', 'refused', 'failed']),
  /** Why not. */
  why: z.string().max(500).optional(),
  /** The address it went to. */
  address: z.string().optional(),
  /** Bytes that left, and that came. */
  sent: z.number().int().nonnegative().optional(),
  received: z.number().int().nonnegative().optional(),
})
export type Reached = z.infer<typeof reachedSchema>

/** The last of them, as a thread shows them. */
export const threadReachedSchema = z.object({ of: z.string(), reached: reachedSchema })
export type ThreadReached = z.infer<typeof threadReachedSchema>

/** Kept in the thread's log: who asks later what a command reached finds each row. */
export const commandReachedSchema = z.object({
  type: z.literal('command/reached'),
  /** The command a person ran, or the call of the model. */
  of: z.string(),
  at: z.number().int(),
  reached: reachedSchema,
})
