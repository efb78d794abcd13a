import type { Approval, ApprovalBounds, ApprovalEvent, ApprovalId } from '../protocol/approval.ts'
import { limits } from '../protocol/limits.ts'

/** The questions of one thread, the latest last. */
export type Approvals = readonly Approval[]

/** Folds one event; what does not fit the question as it stands changes nothing. */
export function reduceApprovals(approvals: Approvals, event: ApprovalEvent): Approvals {
  if (event.type === 'approval/asked') {
    if (approvals.some(({ id }) => id === event.approval.id)) return approvals
    return [...withoutOld(approvals), event.approval]
  }
  const index = approvals.findIndex(({ id }) => id === event.approvalId)
  const approval = approvals[index]
  if (!approval || approval.over !== undefined) return approvals
  const next = changed(approval, event)
  return next === approval ? approvals : approvals.with(index, next)
}

function changed(approval: Approval, event: Exclude<ApprovalEvent, { type: 'approval/asked' }>): Approval {
  switch (event.type) {
    case 'approval/answered':
      // The first answer counts, and only one to what was asked.
      if (approval.answer !== undefined || approval.hash !== event.hash) return approval
      if (!approval.offered.includes(event.answer)) return approval
      return { ...approval, answer: event.answer, ...(event.answer === 'deny' && { over: 'used' as const }) }
    case 'approval/used':
      return mayUse(approval, event.hash) ? { ...approval, over: 'used' } : approval
    case 'approval/withdrawn':
      return { ...approval, over: event.lapsed ? 'lapsed' : 'withdrawn' }
  }
}

/** What is over and reaches no further is forgotten in time. */
function withoutOld(approvals: Approvals): Approvals {
  const over = approvals.length + 1 - limits.keptApprovals
  if (over <= 0) return approvals
  const gone = new Set(approvals.filter((approval) => approval.over && !reachesOn(approval)).slice(0, over))
  return approvals.filter((approval) => !gone.has(approval))
}

/** Whether that yes lets exactly this run, now. */
function mayUse({ answer, over, hash }: Approval, wanted: string): boolean {
  return over === undefined && answer !== undefined && answer !== 'deny' && hash === wanted
}

function reachesOn({ answer, over }: Approval): boolean {
  return over === 'used' && (answer === 'thread' || answer === 'always' || answer === 'all')
}

/** What is to run, as it would be asked: `hash` is of all of it, the bounds are a part. */
export type Wanted = Pick<Approval, 'hash' | keyof ApprovalBounds>

/**
 * Whether something may run: by an unused yes to it, or by an earlier yes that reaches the whole thread. Whoever runs
 * it by an unused yes says so (`used`) first.
 */
export function permission(
  approvals: Approvals,
  wanted: Wanted,
): { readonly by: 'once'; readonly id: ApprovalId } | { readonly by: 'thread' } | undefined {
  const unused = approvals.find((approval) => mayUse(approval, wanted.hash))
  if (unused) return { by: 'once', id: unused.id }
  // Whether it is allowed always the rules know, from which it can be taken back.
  const reaches = (approval: Approval) =>
    approval.answer !== 'always' &&
    reachesOn(approval) &&
    (approval.hash === wanted.hash || (approval.answer === 'all' && hasBoundsOf(approval, wanted)))
  return approvals.some(reaches) ? { by: 'thread' } : undefined
}

function hasBoundsOf(approval: ApprovalBounds, { folder, place, sandboxed, hosts }: ApprovalBounds): boolean {
  return (
    approval.folder === folder &&
    approval.place === place &&
    approval.sandboxed === sandboxed &&
    approval.hosts.join() === hosts.join()
  )
}

/** Hosts somebody has allowed to the whole thread. */
export function grantedHosts(approvals: Approvals): readonly string[] {
  return approvals.filter(reachesOn).flatMap(({ hosts }) => hosts)
}

/** The questions somebody has to answer. */
export function openApprovals(approvals: Approvals): Approvals {
  return approvals.filter(({ answer, over }) => answer === undefined && over === undefined)
}
