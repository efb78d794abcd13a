import { z } from 'zod'
import { hostSchema } from './host.ts'
import { turnIdSchema } from './ids.ts'

export const approvalIdSchema = z
  .string()
  .regex(/^apr_[0-9a-z]{1,40}$/)
  .brand<'ApprovalId'>()
export type ApprovalId = z.infer<typeof approvalIdSchema>

/**
 * How far a yes reaches: this one run, the same line again in this thread or job, the same line in this workspace from
 * now on, or whatever this job runs.
 */
export const approvalAnswerSchema = z.enum(['once', 'thread', 'always', 'all', 'deny'])
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/)

/** Where a command runs, and what it may touch there. */
export const approvalBoundsSchema = z.object({
  /** What it may write in. */
  folder: z.string(),
  /** The workspace itself, or the copy a job has of it. */
  place: z.enum(['workspace', 'copy']),
  /** Without, it can do whatever the server's user can. */
  sandboxed: z.boolean(),
  /** What it reaches of the network, which is nothing else. */
  hosts: z.array(hostSchema),
})
export type ApprovalBounds = z.infer<typeof approvalBoundsSchema>

/** A line somebody has allowed always. */
export const lastingApprovalSchema = z.object({
  /** Of all that is allowed. */
  id: hashSchema,
  command: z.string(),
  ...approvalBoundsSchema.omit({ folder: true }).shape,
})
export type LastingApproval = z.infer<typeof lastingApprovalSchema>

/** One question about something the model wants to do. */
export const approvalSchema = z.object({
  id: approvalIdSchema,
  /** Of all that is shown and all that runs. */
  hash: hashSchema,
  turnId: turnIdSchema,
  /** The call of the model that waits for the answer. */
  callId: z.string(),
  command: z.string(),
  ...approvalBoundsSchema.shape,
  /** How far a yes to it may reach. */
  offered: z.array(approvalAnswerSchema),
  askedAt: z.number().int(),
  answer: approvalAnswerSchema.optional(),
  /** It has run or been refused; or nobody waits for the answer any more, because the server was restarted (`lapsed`). */
  over: z.enum(['used', 'withdrawn', 'lapsed']).optional(),
})
export type Approval = z.infer<typeof approvalSchema>

export const approvalAskedSchema = z.object({ type: z.literal('approval/asked'), approval: approvalSchema })
export const approvalAnsweredSchema = z.object({
  type: z.literal('approval/answered'),
  approvalId: approvalIdSchema,
  hash: hashSchema,
  answer: approvalAnswerSchema,
})
/** What was said yes to is about to run. */
export const approvalUsedSchema = z.object({
  type: z.literal('approval/used'),
  approvalId: approvalIdSchema,
  hash: hashSchema,
})
export const approvalWithdrawnSchema = z.object({
  type: z.literal('approval/withdrawn'),
  approvalId: approvalIdSchema,
  /** The server that asked is no more. */
  lapsed: z.boolean().optional(),
})
export type ApprovalEvent =
  | z.infer<typeof approvalAskedSchema>
  | z.infer<typeof approvalAnsweredSchema>
  | z.infer<typeof approvalUsedSchema>
  | z.infer<typeof approvalWithdrawnSchema>

export const approvalReplySchema = approvalAnsweredSchema.omit({ type: true })
