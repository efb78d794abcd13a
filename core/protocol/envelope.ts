import { z } from 'zod'
import { wireErrorSchema } from './errors.ts'
import { eventSchema, topicSchema } from './events.ts'
import { seqSchema } from './ids.ts'

export const requestFrameSchema = z.object({
  id: z.number().int().nonnegative(),
  method: z.string().max(64),
  params: z.unknown(),
})

export const responseFrameSchema = z.union([
  z.object({ id: z.number().int(), result: z.unknown() }),
  z.object({ id: z.number().int(), error: wireErrorSchema }),
])
export type ResponseFrame = z.infer<typeof responseFrameSchema>

/** `seq` is missing on what the log does not keep one by one (deltas, saved marks). */
export const eventFrameSchema = z.object({
  topic: topicSchema,
  seq: seqSchema.optional(),
  event: eventSchema,
})
export type EventFrame = z.infer<typeof eventFrameSchema>

/** The outbox overflowed: what this topic shows is incomplete until it is subscribed anew. */
export const lagFrameSchema = z.object({ lagging: z.array(topicSchema) })
export type LagFrame = z.infer<typeof lagFrameSchema>

export type ServerFrame = ResponseFrame | EventFrame | LagFrame
