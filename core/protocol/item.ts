import { z } from 'zod'
import {
  hunkIdSchema,
  itemIdSchema,
  jobIdSchema,
  pathSchema,
  placeSchema,
  steerIdSchema,
  threadIdSchema,
} from './ids.ts'
import { limits } from './limits.ts'
import { guestMarkSchema } from './share.ts'

/** `streaming` and `running` are under way, the rest is settled. */
export const itemStatusSchema = z.enum(['streaming', 'running', 'completed', 'failed', 'interrupted'])
export type ItemStatus = z.infer<typeof itemStatusSchema>

/**
 * One contiguous piece the model wrote. `anchor` holds the live range as two encoded Yjs relative positions
 * (base64), so every replica finds it wherever it has moved. `changes` names exactly the characters the model
 * inserted and deleted (base64 of core/document/change-set), which is what Undo takes back.
 */
export const hunkSchema = z.object({
  id: hunkIdSchema,
  path: pathSchema,
  status: z.enum(['writing', 'written', 'undone', 'dropped']),
  /** First line when it was placed, from 1. */
  startLine: z.number().int().positive(),
  addedLines: z.number().int().nonnegative(),
  removedLines: z.number().int().nonnegative(),
  removedText: z.string(),
  anchor: z.object({ from: z.string(), to: z.string() }).optional(),
  changes: z.string().optional(),
  /** While it is `writing`: it stands still, as a person writes in its lines. */
  paused: z.boolean().optional(),
  /** A person has looked at it and wants it so. */
  review: z.literal('kept').optional(),
  /** Of one that is set aside and in no file: what it would write. */
  text: z.string().optional(),
  /** Set while this hunk was undone by itself: the change set that brings it back. */
  inverse: z.string().optional(),
})
export type Hunk = z.infer<typeof hunkSchema>

/** What a person wants of a hunk that stands still: that it goes on, or that their own text stays instead. */
export const hunkDecisionSchema = z.enum(['resume', 'keepMine'])
export type HunkDecision = z.infer<typeof hunkDecisionSchema>

export const fileEditSchema = z.object({
  path: pathSchema,
  kind: z.enum(['add', 'update', 'delete']),
  movedTo: pathSchema.optional(),
  /** Where its text is now, when it was moved since. */
  place: placeSchema.optional(),
  status: z.enum(['writing', 'written', 'failed', 'undone']),
  hunks: z.array(hunkSchema),
  /** Why it could not be done, for the person and the model. */
  error: z.string().optional(),
})
export type FileEdit = z.infer<typeof fileEditSchema>

const lineSchema = z.number().int().positive()

/** Something the person points the model at. What only the page knows (a selection, problems, a paste) comes as text. */
export const mentionSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path: pathSchema,
    /** Lines from 1, inclusive. */
    startLine: lineSchema.optional(),
    endLine: lineSchema.optional(),
  }),
  z.object({ kind: z.literal('folder'), path: pathSchema }),
  z.object({ kind: z.literal('symbol'), name: z.string().min(1).max(200) }),
  z.object({
    kind: z.literal('selection'),
    path: pathSchema,
    startLine: lineSchema,
    endLine: lineSchema,
    text: z.string().max(limits.promptChars),
  }),
  z.object({ kind: z.literal('problems'), text: z.string().max(limits.promptChars) }),
  z.object({ kind: z.literal('changes') }),
  z.object({ kind: z.literal('thread'), threadId: threadIdSchema }),
  z.object({ kind: z.literal('paste'), text: z.string().max(limits.promptChars) }),
])
export type Mention = z.infer<typeof mentionSchema>

/** Lines from 1, inclusive. */
const inlinePlaceSchema = z.object({
  startLine: lineSchema,
  endLine: lineSchema,
  text: z.string().max(limits.promptChars),
})
export type InlinePlace = z.infer<typeof inlinePlaceSchema>

/** Where the person was when they asked. */
export const promptContextSchema = z.object({
  activePath: pathSchema.optional(),
  openPaths: z.array(pathSchema).max(50),
  /** Lines from 1, inclusive. */
  selection: z
    .object({
      startLine: z.number().int().positive(),
      endLine: z.number().int().positive(),
      text: z.string(),
    })
    .optional(),
  cursor: z.object({ line: z.number().int().positive(), column: z.number().int().positive() }).optional(),
  /** An edit is asked for in place: of the active file these lines are to change. Without text it is a caret. */
  inline: z.array(inlinePlaceSchema).min(1).max(limits.inlinePlaces).optional(),
  /** What the model writes is set aside: the files stay as they are until its turn is brought back. */
  aside: z.literal(true).optional(),
  /** The line of the running answer or edit from which the model is to go on. */
  from: z.string().min(1).max(limits.quoteChars).optional(),
  /** What the prompt points at besides, in its order. */
  mentions: z.array(mentionSchema).max(40).optional(),
})
export type PromptContext = z.infer<typeof promptContextSchema>

/** Which request to the model, from 0 within the turn, an item came from. */
const requestSchema = z.number().int().nonnegative()

export const itemSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('userMessage'),
    id: itemIdSchema,
    /** Said while the model was working: it went on from a `redirect`, and a `steer` joins its next request. */
    kind: z.enum(['prompt', 'redirect', 'steer']),
    /** Of a steer: it waits for a request, one carried it, or the turn ended before any could. */
    state: z.enum(['accepted', 'applied', 'returned']).optional(),
    steerId: steerIdSchema.optional(),
    text: z.string(),
    context: promptContextSchema.optional(),
    /** Set when a guest said it. */
    guest: guestMarkSchema.optional(),
    /** Nobody said it: what this job changed came back. */
    job: z.object({ id: jobIdSchema, title: z.string() }).optional(),
    at: z.number().int(),
  }),
  z.object({
    type: z.literal('agentMessage'),
    id: itemIdSchema,
    request: requestSchema,
    status: itemStatusSchema,
    text: z.string(),
  }),
  z.object({
    type: z.literal('reasoning'),
    id: itemIdSchema,
    request: requestSchema,
    status: itemStatusSchema,
    text: z.string(),
  }),
  z.object({
    type: z.literal('toolCall'),
    id: itemIdSchema,
    request: requestSchema,
    status: itemStatusSchema,
    callId: z.string(),
    name: z.string(),
    /** The arguments as the model wrote them (JSON text). */
    input: z.string(),
    output: z.string(),
  }),
  z.object({
    type: z.literal('fileChange'),
    id: itemIdSchema,
    request: requestSchema,
    status: itemStatusSchema,
    callId: z.string(),
    /** A patch as JSON arguments or as it is, or SEARCH/REPLACE blocks in the answer. */
    format: z.enum(['json', 'freeform', 'blocks']),
    /** The edit as the model wrote it; empty while it streams. */
    input: z.string(),
    /** What the model is told about it. */
    output: z.string(),
    /** Interrupted by the end of an answer that grew too long, not by a person. */
    cutBy: z.literal('length').optional(),
    /** This model checked the turn and corrected it; the turn's own did not write it. */
    checkedBy: z.string().optional(),
    files: z.array(fileEditSchema),
  }),
  /** What the server added before the person's words (the text of open files), exactly as the model is shown it. */
  z.object({ type: z.literal('context'), id: itemIdSchema, text: z.string() }),
  /** Model output that must go back as it came (encrypted reasoning), to the model it came from; never shown. */
  z.object({
    type: z.literal('opaque'),
    id: itemIdSchema,
    request: requestSchema,
    modelId: z.string(),
    data: z.string(),
    /** It stands for all that came before it. */
    compacts: z.literal(true).optional(),
  }),
])
export type Item = z.infer<typeof itemSchema>
