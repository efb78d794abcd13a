import { z } from 'zod'

const us = z.number().int()

/**
 * One call of a model: when its request passed each hop, in whole microseconds, so that hops sum to the whole. Hops it
 * did not reach are missing.
 */
export const callSchema = z.object({
  /** Which of the turn's requests it was, as its items say. */
  request: z.number().int().nonnegative(),
  modelId: z.string(),
  status: z.enum(['completed', 'failed', 'interrupted']),
  /** A person's prompt asked for it, not the results of an earlier call. */
  prompted: z.boolean(),
  /** When what asked for it arrived, by the monotonic clock of that start of the server. The other stamps count from here. */
  at: us,
  /** The request was ready to be sent. */
  asked: us,
  /** Its model took it: until then it waited in line. */
  admitted: us.optional(),
  /** There was a connection. */
  connected: us.optional(),
  sent: us.optional(),
  /** The first token was read, and had been handed on. */
  firstToken: us.optional(),
  out: us.optional(),
  ended: us,
  connection: z.enum(['opened', 'reused', 'lane']).optional(),
  /** It was a request of HTTP. */
  http: z.literal(true).optional(),
  tokens: z.number().int().nonnegative(),
  /** From the first token to the last. */
  stream: us,
  /** What the relay's handling of all tokens took. */
  relay: us,
})
export type Call = z.infer<typeof callSchema>

/** A call that was made to compare: a new HTTP connection, the whole history; its answer was thrown away. */
export const comparisonSchema = z.object({ call: callSchema, failure: z.string().optional() })
export type Comparison = z.infer<typeof comparisonSchema>
