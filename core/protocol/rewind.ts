import { z } from 'zod'
import { hunkIdSchema, pathSchema, rewindIdSchema, turnIdSchema } from './ids.ts'
import { turnSchema } from './turn.ts'

/** What goes back: the edits in files, the turns in the conversation, or both. */
export const rewindScopeSchema = z.enum(['files', 'conversation', 'both'])
export type RewindScope = z.infer<typeof rewindScopeSchema>

/** What people undid or brought back, by hunk. */
export const untoldSchema = z.record(hunkIdSchema, z.enum(['undone', 'broughtBack']))

/** A rewind that can be undone. */
export const rewoundSchema = z.object({
  id: rewindIdSchema,
  what: rewindScopeSchema,
  /** It went back to before this turn. */
  turnId: turnIdSchema,
  /** Turns that left the conversation, in their order. */
  turns: z.array(turnSchema),
  /** Turns it undid as a whole. */
  undone: z.array(turnIdSchema),
  /** Hunks it took out. */
  hunkIds: z.array(hunkIdSchema),
  contextTokens: z.number().int(),
  untold: untoldSchema.optional(),
  /** This turn ran in place of the first one, whose prompt was edited: undoing the rewind takes it out. */
  rerun: turnIdSchema.optional(),
})
export type Rewound = z.infer<typeof rewoundSchema>

/** A file whose edits could not be taken out or brought back, which is as it was. */
export const leftFileSchema = z.object({
  path: pathSchema,
  /** `gone`: deleted or renamed since. `notText`: it holds something else by now. `failed`: it can't be touched. */
  why: z.enum(['gone', 'notText', 'failed']),
})
export type LeftFile = z.infer<typeof leftFileSchema>

/** What a rewind would do to one file. */
export const rewindFileSchema = z.object({
  path: pathSchema,
  /** `returned`: it goes back to `path` from where it was moved. */
  outcome: z.enum(['changed', 'removed', 'restored', 'returned', 'gone', 'notText']),
  movedFrom: pathSchema.optional(),
  addedLines: z.number().int().nonnegative(),
  removedLines: z.number().int().nonnegative(),
  /** People changed what the model had written; what they typed stays. */
  touched: z.boolean(),
})
export type RewindFile = z.infer<typeof rewindFileSchema>
