import { z } from 'zod'
import { callSchema, comparisonSchema } from './call.ts'
import { checkSchema } from './check.ts'
import { turnIdSchema } from './ids.ts'
import { itemSchema } from './item.ts'
import { modelFailureSchema, movedOnSchema, usageSchema } from './model.ts'
import { queueIdSchema } from './queue.ts'

export const modeSchema = z.enum(['live', 'plan', 'background'])
export type Mode = z.infer<typeof modeSchema>

/** What people choose; `background` is what a job's thread has. */
export const chosenModeSchema = modeSchema.exclude(['background'])
export type ChosenMode = z.infer<typeof chosenModeSchema>

export const turnStatusSchema = z.enum(['running', 'retrying', 'completed', 'interrupted', 'failed'])
export type TurnStatus = z.infer<typeof turnStatusSchema>

/** Milliseconds along the path of one model request, measured by the server's monotonic clock. */
export const measurementSchema = z.object({
  /** From the prompt's arrival at the relay to the first token leaving it. */
  firstTokenMs: z.number(),
  /** The relay's own part of that. */
  relayMs: z.number(),
  outputTokens: z.number().int(),
  /** From the first token to the last. */
  streamMs: z.number(),
  tokensPerSecond: z.number(),
  /** The request went over a connection that was already open. */
  reusedConnection: z.boolean(),
  /** The relay's own milliseconds per 1,000 tokens while streaming. */
  relayMsPer1000Tokens: z.number(),
})
export type Measurement = z.infer<typeof measurementSchema>

export const turnSchema = z.object({
  id: turnIdSchema,
  status: turnStatusSchema,
  /** It stands still until a person goes on, or for `pausedMs`. */
  paused: z.boolean().optional(),
  /** Of the prompt it began with, when that came from the queue. */
  queueId: queueIdSchema.optional(),
  mode: modeSchema,
  modelId: z.string(),
  /** Another model wrote a plan first, in so many requests; without their number it still does. */
  plan: z.object({ modelId: z.string(), requests: z.number().int().positive().optional() }).optional(),
  startedAt: z.number().int(),
  settledAt: z.number().int().optional(),
  items: z.array(itemSchema),
  /** Until the model may be asked: its place, and about when its turn comes. */
  waiting: z.object({ position: z.number().int().positive(), readyAt: z.number().int() }).optional(),
  /** Models that were passed over or failed before they answered, in order; `modelId` is the one that was asked last. */
  movedOn: z.array(movedOnSchema).optional(),
  failure: modelFailureSchema.optional(),
  /** While `retrying`: when the next attempt starts. */
  retryAt: z.number().int().optional(),
  usage: usageSchema.optional(),
  /** Some of it the backend did not count, because the answer was cut. */
  usageEstimated: z.literal(true).optional(),
  /** Tokens its last request took of the model's window. */
  contextTokens: z.number().int().optional(),
  measurement: measurementSchema.optional(),
  /** Those that are over, in their order. */
  calls: z.array(callSchema).optional(),
  /** The latest. */
  comparison: comparisonSchema.optional(),
  /** What another model makes of it. */
  check: checkSchema.optional(),
  /** Set while the turn's edits are undone; the inverse change sets by hunk id, so that redo is exact. */
  undone: z.record(z.string(), z.string()).optional(),
  /** It ran in the thread this one was forked from: its edits are judged and undone there. */
  copied: z.literal(true).optional(),
})
export type Turn = z.infer<typeof turnSchema>
