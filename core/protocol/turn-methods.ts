import { z } from 'zod'
import {
  hunkIdSchema,
  pathSchema,
  rewindIdSchema,
  steerIdSchema,
  threadIdSchema,
  turnIdSchema,
} from './ids.ts'
import { hunkDecisionSchema, promptContextSchema } from './item.ts'
import { limits } from './limits.ts'
import { queueIdSchema } from './queue.ts'
import { leftFileSchema, rewindScopeSchema } from './rewind.ts'

const empty = z.object({})
const prompt = z.string().min(1).max(limits.promptChars)
const turnRevert = {
  params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema }),
  result: z.object({
    hunks: z.number().int(),
    files: z.array(pathSchema),
    left: z.array(leftFileSchema),
  }),
}
/** The part of the table of methods (`methods.ts`) that is about turns and what waits to become one. */
export const turnMethods = {
  /** Resolves when the prompt is durable. */
  'turn/start': {
    params: z.object({ threadId: threadIdSchema, text: prompt, context: promptContextSchema }),
    result: z.object({ turnId: turnIdSchema }),
  },
  /** Stop the model now, keep what is finished, go on with this. */
  'turn/redirect': {
    params: z.object({
      threadId: threadIdSchema,
      expectedTurnId: turnIdSchema,
      text: prompt,
      context: promptContextSchema,
    }),
    result: empty,
  },
  /**
   * Adds words to the running turn that join the model's next request; the model is not cut. Resolves when they are
   * durable; the same id again changes nothing.
   */
  'turn/steer': {
    params: z.object({
      threadId: threadIdSchema,
      expectedTurnId: turnIdSchema,
      id: steerIdSchema,
      text: prompt,
      context: promptContextSchema,
    }),
    result: empty,
  },
  /** Nothing more is shown or written until the turn is unpaused, redirected or stopped; after `pausedMs` it is stopped. */
  'turn/pause': {
    params: z.object({ threadId: threadIdSchema, expectedTurnId: turnIdSchema }),
    result: empty,
  },
  /** All that came meanwhile follows in its order. */
  'turn/unpause': {
    params: z.object({ threadId: threadIdSchema, expectedTurnId: turnIdSchema }),
    result: empty,
  },
  'turn/interrupt': {
    params: z.object({ threadId: threadIdSchema, expectedTurnId: turnIdSchema }),
    result: empty,
  },
  /** A turn that waits for its model, or for another attempt, is answered by another model or tier instead. */
  'turn/switch': {
    params: z.object({
      threadId: threadIdSchema,
      expectedTurnId: turnIdSchema,
      modelId: z.string().min(1).max(200),
    }),
    result: empty,
  },
  /** A hunk stands still as a person writes in its lines: what they want. `decided`: it still stood still. */
  'edit/decide': {
    params: z.object({ threadId: threadIdSchema, hunkId: hunkIdSchema, decision: hunkDecisionSchema }),
    result: z.object({ decided: z.boolean() }),
  },
  /** Goes on with the last settled turn: Retry after a failure, Continue after an interruption. */
  'turn/resume': { params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema }), result: empty },
  /**
   * Runs the last request of the last turn once more, over a new HTTP connection and with the whole history; its figures
   * and what it took are told as `turn/compared`, its answer is thrown away.
   */
  'turn/compare': { params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema }), result: empty },
  /** Has a model of the `deep` tier look for mistakes in what the turn changed, and correct them. */
  'turn/check': { params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema }), result: empty },
  'turn/stopCheck': { params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema }), result: empty },
  /** Takes out what the turn's hunks wrote and brings back what they removed; what people typed since stays. */
  'turn/undo': turnRevert,
  'turn/redo': turnRevert,
  /** Rewinds to before a turn and asks its prompt again in other words, in the same place of the workspace. */
  'turn/rerun': {
    params: z.object({
      threadId: threadIdSchema,
      turnId: turnIdSchema,
      text: prompt,
      what: rewindScopeSchema.exclude(['files']),
    }),
    result: z.object({
      turnId: turnIdSchema,
      rewindId: rewindIdSchema,
      left: z.array(leftFileSchema),
    }),
  },
  /** Resolves when it is durable. It begins when the turns before it are done; at once when there are none. */
  'queue/add': {
    params: z.object({
      threadId: threadIdSchema,
      id: queueIdSchema,
      text: prompt,
      context: promptContextSchema,
      /** Its place, from 0; the end when left out. */
      at: z.number().int().nonnegative().optional(),
    }),
    result: empty,
  },
  'queue/edit': {
    params: z.object({ threadId: threadIdSchema, id: queueIdSchema, text: prompt }),
    result: empty,
  },
  'queue/move': {
    params: z.object({ threadId: threadIdSchema, id: queueIdSchema, to: z.number().int().nonnegative() }),
    result: empty,
  },
  'queue/remove': { params: z.object({ threadId: threadIdSchema, id: queueIdSchema }), result: empty },
  /** A queue that was paused goes on. */
  'queue/resume': { params: z.object({ threadId: threadIdSchema }), result: empty },
} as const
