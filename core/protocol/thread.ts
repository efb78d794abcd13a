import { z } from 'zod'
import {
  approvalAnsweredSchema,
  approvalAskedSchema,
  approvalSchema,
  approvalUsedSchema,
  approvalWithdrawnSchema,
} from './approval.ts'
import { callSchema, comparisonSchema } from './call.ts'
import { checkSchema, deepWorkSchema } from './check.ts'
import { commandIdSchema, commandResultSchema, threadCommandSchema } from './command.ts'
import { compactingSchema, compactionSchema } from './compaction.ts'
import {
  compactionIdSchema,
  hunkIdSchema,
  itemIdSchema,
  jobIdSchema,
  pathSchema,
  placeSchema,
  rewindIdSchema,
  seqSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from './ids.ts'
import { fileEditSchema, hunkSchema, itemSchema, itemStatusSchema } from './item.ts'
import { modelFailureSchema, movedOnSchema, usageSchema } from './model.ts'
import { queuedPromptSchema, queueIdSchema } from './queue.ts'
import { commandReachedSchema, threadReachedSchema } from './reached.ts'
import { rewindScopeSchema, rewoundSchema, untoldSchema } from './rewind.ts'
import { measurementSchema, modeSchema, turnSchema } from './turn.ts'

/** Where a thread was forked from: up to and with this turn. */
const forkOriginSchema = z.object({
  threadId: threadIdSchema,
  turnId: turnIdSchema,
  /** Of that thread, then. */
  title: z.string(),
})

/** What a job's thread is a part of: an agent works for another job; a reader only looks, and so does a judge, which compares candidates. */
export const threadPartSchema = z.enum(['agent', 'reader', 'judge'])
export type ThreadPart = z.infer<typeof threadPartSchema>

/** A thread as lists show it. */
export const threadSummarySchema = z.object({
  id: threadIdSchema,
  title: z.string(),
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  running: z.boolean(),
  /** Stands above the others. */
  pinned: z.boolean().optional(),
  /** Folded away. */
  archived: z.boolean().optional(),
  /** Of an edit in place: no list shows it. */
  inline: z.boolean().optional(),
  /** Of a job: the list of jobs shows it. */
  job: jobIdSchema.optional(),
})
export type ThreadSummary = z.infer<typeof threadSummarySchema>

/** A place where a search found its words: in a thread's title, or in what was said in a turn. */
export const threadHitSchema = z.object({
  threadId: threadIdSchema,
  turnId: turnIdSchema.optional(),
  title: z.string(),
  before: z.string(),
  match: z.string(),
  after: z.string(),
})
export type ThreadHit = z.infer<typeof threadHitSchema>

export const threadStateSchema = z.object({
  id: threadIdSchema,
  workspaceId: workspaceIdSchema,
  title: z.string(),
  createdAt: z.number().int(),
  modelId: z.string(),
  mode: modeSchema,
  turns: z.array(turnSchema),
  /** Tokens the last request took of the model's window. */
  contextTokens: z.number().int(),
  /** Prompts that wait, the next one first. */
  queue: z.array(queuedPromptSchema).optional(),
  /** They wait for a person's word: the turn before them was stopped or failed. */
  queuePaused: z.boolean().optional(),
  /** What people undid or brought back since the last turn began: the model is told with the next prompt. */
  untold: untoldSchema.optional(),
  /** Rewinds that can be undone, the latest last; a new turn ends that. */
  rewound: z.array(rewoundSchema).optional(),
  /** Summaries of earlier turns, the latest last; the last one whose turns are there is in force. */
  compactions: z.array(compactionSchema).optional(),
  compacting: compactingSchema.optional(),
  /** The latest summary was undone: the next one waits until the history does not fit. */
  uncompacted: z.boolean().optional(),
  /** Messages the model is sent word for word whatever else is left out. */
  pins: z.array(itemIdSchema).optional(),
  /** What the model asked leave for, the latest last. */
  approvals: z.array(approvalSchema).optional(),
  /** What commands reached of the network, or wanted to. */
  reached: z.array(threadReachedSchema).optional(),
  /** Commands people ran, the latest last. */
  commands: z.array(threadCommandSchema).optional(),
  /** Absent: nothing. */
  deep: deepWorkSchema.optional(),
  origin: forkOriginSchema.optional(),
  /** It is what a job does: its turns run in the job's own copy of the workspace. */
  job: jobIdSchema.optional(),
  part: threadPartSchema.optional(),
  /** The latest move of files it knows of. */
  movedAt: z.number().int().optional(),
})
export type ThreadState = z.infer<typeof threadStateSchema>

/** Facts of one thread, on topic `thread:ID`. */
export const threadEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('thread/created'),
    id: threadIdSchema,
    workspaceId: workspaceIdSchema,
    title: z.string(),
    modelId: z.string(),
    mode: modeSchema,
    at: z.number().int(),
    deep: deepWorkSchema.optional(),
    origin: forkOriginSchema.optional(),
    job: jobIdSchema.optional(),
    part: threadPartSchema.optional(),
  }),
  /** A fork begins with the settled turns of its origin, under ids of its own. */
  z.object({ type: z.literal('turn/copied'), turn: turnSchema }),
  z.object({ type: z.literal('thread/renamed'), title: z.string() }),
  z.object({
    type: z.literal('thread/configured'),
    modelId: z.string(),
    mode: modeSchema,
    deep: deepWorkSchema.optional(),
  }),
  z.object({
    type: z.literal('turn/started'),
    turnId: turnIdSchema,
    /** It began with this prompt of the queue, which is in it no more. */
    queueId: queueIdSchema.optional(),
    /** It runs the first turn of this rewind again, with an edited prompt. */
    rewindId: rewindIdSchema.optional(),
    modelId: z.string(),
    mode: modeSchema,
    at: z.number().int(),
    /** The model writes a plan, and another by it. */
    plans: z.literal(true).optional(),
  }),
  /** The plan is there: this model writes by it. */
  z.object({
    type: z.literal('turn/planned'),
    turnId: turnIdSchema,
    modelId: z.string(),
    requests: z.number().int().positive(),
  }),
  z.object({ type: z.literal('item/started'), turnId: turnIdSchema, item: itemSchema }),
  /** Text appended to one item at `offset`. Display only, applied once wherever it is repeated; the log keeps it in larger pieces. */
  z.object({
    type: z.literal('item/delta'),
    turnId: turnIdSchema,
    itemId: itemIdSchema,
    offset: z.number().int().nonnegative(),
    text: z.string(),
  }),
  /** Authoritative: replaces what the deltas built. */
  z.object({ type: z.literal('item/completed'), turnId: turnIdSchema, item: itemSchema }),
  z.object({
    type: z.literal('item/statusChanged'),
    turnId: turnIdSchema,
    itemId: itemIdSchema,
    status: itemStatusSchema,
  }),
  /** The model begins to write in a file, or its file settles: the whole entry, keyed by path. */
  z.object({
    type: z.literal('edit/fileChanged'),
    turnId: turnIdSchema,
    itemId: itemIdSchema,
    file: fileEditSchema,
  }),
  /** One hunk begins, grows or settles: the whole entry, keyed by id. */
  z.object({
    type: z.literal('edit/hunkChanged'),
    turnId: turnIdSchema,
    itemId: itemIdSchema,
    path: pathSchema,
    hunk: hunkSchema,
  }),
  z.object({
    type: z.literal('turn/retrying'),
    turnId: turnIdSchema,
    attempt: z.number().int().positive(),
    retryAt: z.number().int(),
    failure: modelFailureSchema,
  }),
  /** The model takes no more for now: the turn's place among those that wait for it. */
  z.object({
    type: z.literal('turn/waiting'),
    turnId: turnIdSchema,
    position: z.number().int().positive(),
    readyAt: z.number().int(),
  }),
  z.object({ type: z.literal('turn/admitted'), turnId: turnIdSchema }),
  /** Another model of the tier is asked, before anything of an answer was shown. */
  z.object({ type: z.literal('turn/movedOn'), turnId: turnIdSchema, ...movedOnSchema.shape }),
  /** A request carries the steer from now on: it stands behind all that was said before. */
  z.object({ type: z.literal('steer/applied'), turnId: turnIdSchema, itemId: itemIdSchema }),
  /** No request will: its words are the person's again. */
  z.object({ type: z.literal('steer/returned'), turnId: turnIdSchema, itemId: itemIdSchema }),
  /** Nothing of the turn is shown or written until it goes on, is redirected or stopped. */
  z.object({ type: z.literal('turn/paused'), turnId: turnIdSchema }),
  z.object({ type: z.literal('turn/unpaused'), turnId: turnIdSchema }),
  /** A settled turn goes on: Retry, Continue. */
  z.object({ type: z.literal('turn/resumed'), turnId: turnIdSchema, at: z.number().int() }),
  /** A job's server died in this request: what came of it is dropped, and it is made again. */
  z.object({
    type: z.literal('turn/stepRestarted'),
    turnId: turnIdSchema,
    request: z.number().int().nonnegative(),
    attempt: z.number().int().positive(),
    at: z.number().int(),
  }),
  z.object({
    type: z.literal('turn/usageReported'),
    turnId: turnIdSchema,
    usage: usageSchema,
    contextTokens: z.number().int().nonnegative(),
    /** The answer was cut before the backend counted. */
    estimated: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('turn/measured'), turnId: turnIdSchema, measurement: measurementSchema }),
  /** A call of its model is over. */
  z.object({ type: z.literal('turn/called'), turnId: turnIdSchema, call: callSchema }),
  /** Its last request was run once more to compare; `usage` is what that took. */
  z.object({
    type: z.literal('turn/compared'),
    turnId: turnIdSchema,
    comparison: comparisonSchema,
    usage: usageSchema.optional(),
  }),
  z.object({
    type: z.literal('turn/settled'),
    turnId: turnIdSchema,
    status: z.enum(['completed', 'interrupted', 'failed']),
    failure: modelFailureSchema.optional(),
    at: z.number().int(),
  }),
  /** How the check of it stands; without `check` there is none any more. */
  z.object({ type: z.literal('turn/checked'), turnId: turnIdSchema, check: checkSchema.optional() }),
  /** The turn's edits were taken out; `inverse` maps hunk id to the change set that brings each back. */
  z.object({
    type: z.literal('turn/undone'),
    turnId: turnIdSchema,
    inverse: z.record(hunkIdSchema, z.string()),
  }),
  z.object({
    type: z.literal('turn/redone'),
    turnId: turnIdSchema,
    changes: z.record(hunkIdSchema, z.string()),
  }),
  /** The thread went back to before a turn; `inverse` maps the hunks that were taken out to what brings each back. */
  z.object({
    type: z.literal('thread/rewound'),
    rewindId: rewindIdSchema,
    turnId: turnIdSchema,
    what: rewindScopeSchema,
    inverse: z.record(hunkIdSchema, z.string()),
    /** Turns of which nothing stands now and that were not undone before. */
    undone: z.array(turnIdSchema),
  }),
  /**
   * The latest rewind was undone; `changes` takes out again what came back, `inverse` brings back what a turn wrote that
   * ran in place of what was rewound.
   */
  z.object({
    type: z.literal('thread/unrewound'),
    rewindId: rewindIdSchema,
    inverse: z.record(hunkIdSchema, z.string()).optional(),
    changes: z.record(hunkIdSchema, z.string()),
  }),
  /** From the next turn on a summary stands for the first turns in what the model is sent. */
  z.object({
    type: z.literal('thread/compacted'),
    compaction: compactionSchema,
    /** About what the next request takes of the window. */
    contextTokens: z.number().int().nonnegative(),
  }),
  /** The latest summary was undone. */
  z.object({
    type: z.literal('thread/uncompacted'),
    compactionId: compactionIdSchema,
    contextTokens: z.number().int().nonnegative(),
  }),
  /** How a summary on its way stands; without `compacting` there is none. */
  z.object({ type: z.literal('thread/compacting'), compacting: compactingSchema.optional() }),
  z.object({ type: z.literal('message/pinned'), itemId: itemIdSchema, pinned: z.boolean() }),
  /** The whole queue as it is now. */
  z.object({
    type: z.literal('queue/changed'),
    queue: z.array(queuedPromptSchema),
    paused: z.boolean(),
  }),
  approvalAskedSchema,
  approvalAnsweredSchema,
  approvalUsedSchema,
  approvalWithdrawnSchema,
  commandReachedSchema,
  z.object({ type: z.literal('command/started'), command: threadCommandSchema }),
  /** Output of a command, applied once wherever it is repeated. */
  z.object({
    type: z.literal('command/output'),
    commandId: commandIdSchema,
    offset: z.number().int().nonnegative(),
    text: z.string(),
  }),
  z.object({ type: z.literal('command/settled'), commandId: commandIdSchema, result: commandResultSchema }),
  /** A file or folder it wrote in is somewhere else, whoever moved it. */
  z.object({
    type: z.literal('thread/fileMoved'),
    from: placeSchema,
    to: placeSchema,
    at: z.number().int(),
  }),
  z.object({ type: z.literal('review/kept'), hunkIds: z.array(hunkIdSchema) }),
  /** Hunks were taken out one by one; `inverse` maps each to the change set that brings it back. */
  z.object({ type: z.literal('review/undone'), inverse: z.record(hunkIdSchema, z.string()) }),
  /** They are unreviewed again; those that had been undone are back, and `changes` takes them out. */
  z.object({
    type: z.literal('review/takenBack'),
    hunkIds: z.array(hunkIdSchema),
    changes: z.record(hunkIdSchema, z.string()),
  }),
])
export type ThreadEvent = z.infer<typeof threadEventSchema>

/** One row of a thread's log. */
export const loggedEventSchema = z.object({
  seq: seqSchema,
  at: z.number().int(),
  event: threadEventSchema,
})
export type LoggedEvent = z.infer<typeof loggedEventSchema>
