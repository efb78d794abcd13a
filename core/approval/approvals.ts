import { z } from 'zod'

export const approvalIdSchema = z
  .string()
  .regex(/^apr_[0-9a-z]{1,40}$/)
  .brand<'ApprovalId'>()
export type ApprovalId = z.infer<typeof approvalIdSchema>

/** How far a yes reaches: this one run, the same thing again in this thread or job, or from now on by a rule. */
export const approvalAnswerSchema = z.enum(['once', 'thread', 'always', 'deny'])
export type ApprovalAnswer = z.infer<typeof approvalAnswerSchema>

/** One question. `hash` is that of all that is shown and of all that runs. */
export const approvalSchema = z.object({
  id: approvalIdSchema,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  askedAt: z.number().int(),
  answer: approvalAnswerSchema.optional(),
  /** It has run, or nobody waits for the answer any more: the question is over. */
  over: z.enum(['used', 'withdrawn']).optional(),
})
export type Approval = z.infer<typeof approvalSchema>

/** The questions of one thread or job, the latest last. */
export type Approvals = readonly Approval[]

export type ApprovalEvent =
  | { readonly type: 'asked'; readonly id: ApprovalId; readonly hash: string; readonly at: number }
  | {
      readonly type: 'answered'
      readonly id: ApprovalId
      readonly hash: string
      readonly answer: ApprovalAnswer
    }
  | { readonly type: 'used'; readonly id: ApprovalId; readonly hash: string }
  | { readonly type: 'withdrawn'; readonly id: ApprovalId }

/** Folds one event; what does not fit the question as it stands changes nothing. */
export function reduceApprovals(approvals: Approvals, event: ApprovalEvent): Approvals {
  if (event.type === 'asked') {
    if (approvals.some(({ id }) => id === event.id)) return approvals
    return [...approvals, { id: event.id, hash: event.hash, askedAt: event.at }]
  }
  const index = approvals.findIndex(({ id }) => id === event.id)
  const approval = approvals[index]
  if (!approval || approval.over !== undefined) return approvals
  const next = changed(approval, event)
  return next === approval ? approvals : approvals.with(index, next)
}

function changed(approval: Approval, event: Exclude<ApprovalEvent, { type: 'asked' }>): Approval {
  switch (event.type) {
    case 'answered':
      // The first answer counts, and only one to what was asked.
      if (approval.answer !== undefined || approval.hash !== event.hash) return approval
      return { ...approval, answer: event.answer, ...(event.answer === 'deny' && { over: 'used' as const }) }
    case 'used':
      return mayUse(approval, event.hash) ? { ...approval, over: 'used' } : approval
    case 'withdrawn':
      return { ...approval, over: 'withdrawn' }
  }
}

/** Whether that yes lets exactly this run, now. */
function mayUse({ answer, over, hash }: Approval, wanted: string): boolean {
  return over === undefined && answer !== undefined && answer !== 'deny' && hash === wanted
}

/**
 * Whether something may run: by an unused yes to it, or by an earlier yes that reaches the whole thread. Whoever runs
 * it by an unused yes says so (`used`) first.
 */
export function permission(
  approvals: Approvals,
  hash: string,
): { readonly by: 'once'; readonly id: ApprovalId } | { readonly by: 'thread' } | undefined {
  const unused = approvals.find((approval) => mayUse(approval, hash))
  if (unused) return { by: 'once', id: unused.id }
  const reaches = ({ hash: known, answer, over }: Approval) =>
    known === hash && over === 'used' && (answer === 'thread' || answer === 'always')
  return approvals.some(reaches) ? { by: 'thread' } : undefined
}

/** The questions somebody has to answer. */
export function openApprovals(approvals: Approvals): Approvals {
  return approvals.filter(({ answer, over }) => answer === undefined && over === undefined)
}
