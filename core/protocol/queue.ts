import { z } from 'zod'
import { promptContextSchema } from './item.ts'
import { guestMarkSchema } from './share.ts'

/** Minted by the page, so that a prompt that is sent twice is queued once. */
export const queueIdSchema = z
  .string()
  .regex(/^que_[0-9a-z]{1,40}$/)
  .brand<'QueueId'>()
export type QueueId = z.infer<typeof queueIdSchema>

/** A prompt that waits for the turns before it. */
export const queuedPromptSchema = z.object({
  id: queueIdSchema,
  text: z.string(),
  context: promptContextSchema,
  /** Set when a guest wrote it. */
  guest: guestMarkSchema.optional(),
  /** Why it could not begin, when it was its turn. */
  problem: z.string().optional(),
})
export type QueuedPrompt = z.infer<typeof queuedPromptSchema>
