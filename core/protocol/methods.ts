import { z } from 'zod'
import { approvalReplySchema, lastingApprovalSchema } from './approval.ts'
import { candidateMethods } from './candidate-methods.ts'
import { deepWorkSchema } from './check.ts'
import { commandIdSchema, commandTextSchema } from './command.ts'
import { windowUseSchema } from './compaction.ts'
import { eventFrameSchema } from './envelope.ts'
import { topicSchema } from './events.ts'
import {
  compactionIdSchema,
  hunkIdSchema,
  itemIdSchema,
  pathSchema,
  rewindIdSchema,
  seqSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from './ids.ts'
import { promptContextSchema } from './item.ts'
import { jobMethods } from './job-methods.ts'
import { limits } from './limits.ts'
import { modelDescriptionSchema, tierSchema } from './model.ts'
import { personSchema, presenceSchema } from './people.ts'
import { poolViewSchema } from './quota.ts'
import { leftFileSchema, rewindFileSchema, rewindScopeSchema } from './rewind.ts'
import { guestPassSchema, guestRoleSchema, shareIdSchema, shareLinkSchema } from './share.ts'
import { speculationSchema } from './speculation.ts'
import { textRunSchema } from './text-run.ts'
import { loggedEventSchema, threadHitSchema, threadStateSchema } from './thread.ts'
import { chosenModeSchema } from './turn.ts'
import { turnMethods } from './turn-methods.ts'
import { usageSumSchema } from './usage.ts'
import { fileEntrySchema, mergedSchema, workspaceStateSchema, workspaceSummarySchema } from './workspace.ts'

const empty = z.object({})
const review = {
  params: z.object({ threadId: threadIdSchema, hunkIds: z.array(hunkIdSchema).min(1).max(2000) }),
  result: z.object({
    /** Those whose state this request changed. */
    hunkIds: z.array(hunkIdSchema),
    /** Files whose changes could not be taken out or brought back. */
    left: z.array(leftFileSchema),
    /** Those that were to be kept and had been undone before. */
    undone: z.array(hunkIdSchema),
  }),
}
/** A request to a model as people read it. */
const inspectedRequestSchema = z.object({
  model: z.string(),
  instructions: z.string(),
  items: z.array(
    z.object({
      role: z.enum(['developer', 'user', 'assistant', 'toolCall', 'toolResult', 'opaque']),
      /** Of the tool. */
      name: z.string().optional(),
      text: z.string(),
    }),
  ),
  tools: z.array(z.object({ name: z.string(), description: z.string(), form: z.string() })),
})

/**
 * THE table: every request a browser can make. Router, client, docs and fuzz tests read it.
 * Not in the table, not in the product.
 */
export const methods = {
  /** First on every socket. `epoch` names this start of the server: another epoch means replayed seqs mean nothing. */
  'session/open': {
    params: z.object({ protocol: z.number().int() }),
    result: z.object({
      protocol: z.number().int(),
      epoch: z.string(),
      sessionId: z.string(),
      workspaces: z.array(workspaceSummarySchema),
      models: z.array(modelDescriptionSchema),
      defaultModelId: z.string(),
      tiers: z.array(tierSchema),
      /** Of threads that nobody has set otherwise. */
      deep: deepWorkSchema,
      /** What is sent ahead of prompts unless a person wants it otherwise. */
      speculation: speculationSchema,
      /** Commands run without a sandbox: whoever started the server wants it so. */
      unsafeCommands: z.literal(true).optional(),
      /** Its disk takes nothing at present: nothing that is written now is kept yet. */
      storeRefuses: z.literal(true).optional(),
      /** Branches of jobs can be pushed, and pull requests opened. */
      pullRequests: z.literal(true).optional(),
      /** Set for a guest: what the link they came by is for. */
      guest: guestPassSchema.optional(),
    }),
  },
  /** `clock`: the monotonic clock by which calls are measured. */
  'session/ping': { params: empty, result: z.object({ at: z.number(), clock: z.number() }) },

  /** Replays what follows `since` when this epoch still has it, else answers a snapshot. */
  'topic/subscribe': {
    params: z.object({ topic: topicSchema, since: seqSchema.optional(), epoch: z.string().optional() }),
    result: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('replay'), seq: seqSchema, events: z.array(eventFrameSchema) }),
      z.object({
        kind: z.literal('snapshot'),
        seq: seqSchema,
        state: z.union([threadStateSchema, workspaceStateSchema]),
      }),
    ]),
  },
  'topic/unsubscribe': { params: z.object({ topic: topicSchema }), result: empty },

  'model/list': {
    params: empty,
    result: z.object({
      models: z.array(modelDescriptionSchema),
      defaultModelId: z.string(),
      tiers: z.array(tierSchema),
    }),
  },

  /** What calls of language models took since then, by model. */
  'usage/read': {
    params: z.object({ since: z.number().int().nonnegative() }),
    result: z.object({ sums: z.array(usageSumSchema) }),
  },

  /** One folder, folders first then by name. The root is `''`. */
  'file/list': {
    params: z.object({ workspaceId: workspaceIdSchema, path: z.string().max(1024) }),
    result: z.object({ entries: z.array(fileEntrySchema), truncated: z.boolean() }),
  },
  /** Paths matching a fuzzy query, best first. */
  'file/find': {
    params: z.object({
      workspaceId: workspaceIdSchema,
      query: z.string().max(200),
      limit: z.number().int().min(1).max(200),
    }),
    result: z.object({ paths: z.array(pathSchema) }),
  },
  /** Makes an empty file or a folder; its parents too. */
  'file/create': {
    params: z.object({ workspaceId: workspaceIdSchema, path: pathSchema, kind: z.enum(['file', 'folder']) }),
    result: empty,
  },
  'file/rename': {
    params: z.object({ workspaceId: workspaceIdSchema, path: pathSchema, to: pathSchema }),
    result: empty,
  },
  /** Moves it to the data folder's trash; `trashId` brings it back. */
  'file/delete': {
    params: z.object({ workspaceId: workspaceIdSchema, path: pathSchema }),
    result: z.object({ trashId: z.string() }),
  },
  'file/restore': {
    params: z.object({ workspaceId: workspaceIdSchema, trashId: z.string() }),
    result: z.object({ path: pathSchema }),
  },
  /** A URL path prefix under which the workspace's files are served to a sandboxed frame. */
  'preview/open': {
    params: z.object({ workspaceId: workspaceIdSchema }),
    result: z.object({ base: z.string() }),
  },

  /**
   * Joins a document. A binary `sync` frame with the state the browser misses follows the response.
   * `handle` names the document in binary frames of this session (core/document/frames).
   */
  'document/open': {
    params: z.object({
      workspaceId: workspaceIdSchema,
      path: pathSchema,
      /** base64 of the browser's Yjs state vector, when it still holds the text. */
      stateVector: z.string().optional(),
    }),
    result: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('text'),
        handle: z.number().int().positive(),
        eol: z.enum(['lf', 'crlf']),
        readOnly: z.boolean(),
        saved: z.boolean(),
        /** Changes when the server made the document anew: then a browser's older replica must not be merged. */
        incarnation: z.string(),
        /** Incarnations whose whole history it has: replicas of these may be merged. */
        formerly: z.array(z.string()).optional(),
        /** base64 of the server's Yjs state vector: what the browser has beyond it was lost here and comes back with it. */
        stateVector: z.string(),
        /** What another program did to the file since, or while nobody looked. */
        merged: mergedSchema.optional(),
      }),
      /** The file that was there has another path now. */
      z.object({ kind: z.literal('moved'), to: pathSchema }),
      z.object({ kind: z.literal('binary'), size: z.number() }),
      z.object({ kind: z.literal('notUtf8'), size: z.number() }),
      z.object({ kind: z.literal('tooLarge'), size: z.number(), limit: z.number() }),
    ]),
  },
  /** All that was ever written in a text and what became of it, so that a replay can show it as it was. */
  'document/history': {
    params: z.object({ workspaceId: workspaceIdSchema, path: pathSchema }),
    result: z.object({
      runs: z.array(textRunSchema),
      /** When they came and went (core/document/change-times), base64; of some it is not known. */
      times: z.string(),
    }),
  },
  /** Writes its text to disk now, also where another program or a model did away with the file. */
  'document/save': { params: z.object({ workspaceId: workspaceIdSchema, path: pathSchema }), result: empty },
  'document/close': { params: z.object({ handle: z.number().int().positive() }), result: empty },

  /** Says who and where one is in a workspace; answers who has it open. Ends with the session. */
  'people/announce': {
    params: z.object({ workspaceId: workspaceIdSchema, presence: presenceSchema }),
    result: z.object({ people: z.array(personSchema) }),
  },

  'thread/create': {
    params: z.object({
      workspaceId: workspaceIdSchema,
      modelId: z.string().optional(),
      mode: chosenModeSchema.optional(),
      deep: deepWorkSchema.optional(),
      /** For an edit in place: no list shows it and no search finds it. */
      inline: z.boolean().optional(),
    }),
    result: z.object({ threadId: threadIdSchema }),
  },
  'thread/rename': {
    params: z.object({ threadId: threadIdSchema, title: z.string().trim().min(1).max(200) }),
    result: empty,
  },
  'thread/pin': { params: z.object({ threadId: threadIdSchema, pinned: z.boolean() }), result: empty },
  'thread/archive': { params: z.object({ threadId: threadIdSchema, archived: z.boolean() }), result: empty },
  /** Finds words in titles, prompts and answers. */
  'thread/search': {
    params: z.object({ workspaceId: workspaceIdSchema, query: z.string().trim().min(1).max(200) }),
    result: z.object({ hits: z.array(threadHitSchema) }),
  },
  /** A thread as it is now, without following it. */
  'thread/read': {
    params: z.object({ threadId: threadIdSchema }),
    result: z.object({ thread: threadStateSchema }),
  },
  /**
   * A piece of a thread's log, in order, for a replay: what follows `since`, up to `upTo`. Rows that say of a growing
   * hunk what the next one says again are left out.
   */
  'thread/history': {
    params: z.object({
      threadId: threadIdSchema,
      since: seqSchema,
      limit: z.number().int().min(1).max(20_000),
    }),
    result: z.object({
      rows: z.array(loggedEventSchema),
      upTo: seqSchema,
      /** The last row of the log. */
      head: seqSchema,
    }),
  },
  'thread/configure': {
    params: z.object({
      threadId: threadIdSchema,
      modelId: z.string().optional(),
      mode: chosenModeSchema.optional(),
      deep: deepWorkSchema.optional(),
    }),
    result: empty,
  },
  /** The composer has the focus: connections are opened and warmed so that the prompt finds them ready. */
  'thread/warm': {
    params: z.object({
      threadId: threadIdSchema,
      /** No more than the server has. */
      how: speculationSchema.optional(),
      /** What will go along, without what only the page knows. */
      context: promptContextSchema.optional(),
    }),
    result: empty,
  },
  /** The same where no thread has begun: only a connection can be made ready. */
  'workspace/warm': {
    params: z.object({ workspaceId: workspaceIdSchema, modelId: z.string().optional() }),
    result: empty,
  },

  /** What a prompt would add to what the model is shown, before it is sent. Counts are estimates. */
  'prompt/preview': {
    params: z.object({
      workspaceId: workspaceIdSchema,
      threadId: threadIdSchema.optional(),
      text: z.string().max(limits.promptChars),
      context: promptContextSchema,
    }),
    result: z.object({
      estimatedTokens: z.number().int(),
      parts: z.array(z.object({ name: z.string(), tokens: z.number().int() })),
    }),
  },
  /** Exactly what the model is sent: the last request of a turn, or with no turn what a next one would follow. */
  'thread/inspect': {
    params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema.optional() }),
    result: inspectedRequestSchema,
  },

  /** What going back to before a turn would do: to files, and how many turns and messages would leave. */
  'thread/rewindPreview': {
    params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema }),
    result: z.object({
      turns: z.number().int(),
      messages: z.number().int(),
      files: z.array(rewindFileSchema),
    }),
  },
  /** Goes back to before a turn, as a whole or not at all. What people typed since stays; `left`: files that are as they were. */
  'thread/rewind': {
    params: z.object({ threadId: threadIdSchema, turnId: turnIdSchema, what: rewindScopeSchema }),
    result: z.object({
      rewindId: rewindIdSchema,
      turns: z.number().int(),
      files: z.array(pathSchema),
      left: z.array(leftFileSchema),
    }),
  },
  /** Undoes the latest rewind, until the next turn begins. A turn that ran in place of what was rewound is taken out. */
  'thread/unrewind': {
    params: z.object({ threadId: threadIdSchema, rewindId: rewindIdSchema }),
    result: z.object({ files: z.array(pathSchema), left: z.array(leftFileSchema) }),
  },
  /** How the model's window is filled now. */
  'thread/window': { params: z.object({ threadId: threadIdSchema }), result: windowUseSchema },
  /** How much can be had now of the model that answers, and how long others would let a prompt wait. */
  'thread/limits': {
    params: z.object({ threadId: threadIdSchema, others: z.array(z.string().max(200)).max(20) }),
    result: z.object({
      pool: poolViewSchema,
      others: z.array(z.object({ modelId: z.string(), waitMs: z.number().int().nonnegative() })),
    }),
  },
  /** Begins a summary of the earlier turns; it stands for them from the turn boundary after it is written. */
  'thread/compact': { params: z.object({ threadId: threadIdSchema }), result: empty },
  /** Gives up the summary on its way, or puts away that one failed. */
  'thread/stopCompact': { params: z.object({ threadId: threadIdSchema }), result: empty },
  /** The model is sent the turns again that the latest summary stands for, while they fit. */
  'thread/uncompact': {
    params: z.object({ threadId: threadIdSchema, compactionId: compactionIdSchema }),
    result: empty,
  },
  /** A pinned message is sent word for word whatever else is left out. */
  'message/pin': {
    params: z.object({ threadId: threadIdSchema, itemId: itemIdSchema, pinned: z.boolean() }),
    result: empty,
  },
  /** A new thread that begins with the turns of this one, up to and with the named one, which has settled. */
  'thread/fork': {
    params: z.object({
      threadId: threadIdSchema,
      throughTurnId: turnIdSchema,
      title: z.string().trim().min(1).max(300),
    }),
    result: z.object({ threadId: threadIdSchema }),
  },
  /** Answers a question about a command of the model; `hash` is that of what was shown. */
  'approval/answer': {
    params: z.object({ threadId: threadIdSchema, ...approvalReplySchema.shape }),
    result: empty,
  },
  /** The lines that are always allowed in a workspace, and no further ones. */
  'approval/lasting': {
    params: z.object({ workspaceId: workspaceIdSchema }),
    result: z.object({ lines: z.array(lastingApprovalSchema) }),
  },
  /** From now on that line is asked for again. */
  'approval/takeBack': {
    params: z.object({ workspaceId: workspaceIdSchema, id: lastingApprovalSchema.shape.id }),
    result: empty,
  },
  /** Ends a command of the model; the turn goes on with what it wrote. */
  'command/stopCall': {
    params: z.object({ threadId: threadIdSchema, callId: z.string().max(200) }),
    result: empty,
  },
  /** Runs a command in the sandbox on the workspace; its output and end are events. */
  'command/run': {
    params: z.object({ threadId: threadIdSchema, id: commandIdSchema, text: commandTextSchema }),
    result: empty,
  },
  'command/stop': { params: z.object({ threadId: threadIdSchema, id: commandIdSchema }), result: empty },

  /** Makes a link to the thread. Its token is in this answer and nowhere else. */
  'share/create': {
    params: z.object({
      threadId: threadIdSchema,
      role: guestRoleSchema,
      sharedBy: z.string().trim().min(1).max(40),
      /** Milliseconds from now; without it the link lasts until it is withdrawn. */
      expiresInMs: z.number().int().positive().max(limits.shareMs).optional(),
    }),
    result: z.object({ link: shareLinkSchema, token: z.string() }),
  },
  /** The thread's links that still work, and the files their guests see. */
  'share/list': {
    params: z.object({ threadId: threadIdSchema }),
    result: z.object({ links: z.array(shareLinkSchema), paths: z.array(z.string()) }),
  },
  /** Ends a link and closes the sockets of those who came by it. */
  'share/revoke': { params: z.object({ threadId: threadIdSchema, linkId: shareIdSchema }), result: empty },

  ...turnMethods,
  ...jobMethods,
  ...candidateMethods,

  /** The person wants the hunks as they are. */
  'review/keep': review,
  /** Takes out what the hunks wrote and brings back what they removed; what people typed since stays. */
  'review/undo': review,
  /** Makes hunks unreviewed again; what was undone comes back. */
  'review/takeBack': review,
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>

export type Methods = typeof methods
export type Method = keyof Methods
export type Params<M extends Method> = z.infer<Methods[M]['params']>
export type ResultOf<M extends Method> = z.infer<Methods[M]['result']>
