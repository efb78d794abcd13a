import type { TurnId } from '../protocol/ids.ts'
import type { JobPlanStep } from '../protocol/job.ts'
import { limits } from '../protocol/limits.ts'
import { type JobRecord, type NextTurn, needing, withState } from './ledger.ts'

/** It has said how it would work, and waits for a yes. */
export function proposed(record: JobRecord, plan: string, at: number): JobRecord {
  const job = needing({ ...record.job, plan: planSteps(plan), answer: plan }, { kind: 'plan', plan }, at)
  return { ...record, job }
}

/** A person has read the plan: the job works by it, or thinks again. It goes on when there is room. */
export function decided(
  record: JobRecord,
  decision: NextTurn & { readonly accept: boolean; readonly at: number },
): JobRecord {
  const { text, after, accept, at } = decision
  const { planFirst: _, ...job } = withState(record.job, 'queued', at)
  return { ...record, next: { text, after }, job: accept ? job : { ...job, planFirst: true } }
}

/** The steps of a plan that is a numbered list, without what stands below each. */
export function planSteps(plan: string): JobPlanStep[] {
  return [...plan.matchAll(/^ {0,3}\d{1,2}[.)、]\s*(\S.*)$/gm)]
    .map(([, text = '']) => ({ text: text.replace(/[*`_]/g, '').trim(), done: false }))
    .filter(({ text }) => text !== '')
    .map(({ text, done }) => ({ text: text.slice(0, limits.jobPlanChars), done }))
    .slice(0, limits.jobPlanSteps)
}

/** What a command that shall pass has said after the job thought it was done. */
export interface GoalCheck {
  readonly ok: boolean
  /** In words for the model and people. */
  readonly text: string
  /** The files as they were checked. */
  readonly head: string
  readonly at: number
}

/** `met`, or what to do about it; `stuck`: nothing has changed since it failed before, and a person has to look. */
export function checked(
  record: JobRecord,
  after: TurnId,
  { ok, text, head, at }: GoalCheck,
): { readonly outcome: 'met' | 'again' | 'stuck'; readonly record: JobRecord } {
  const { goal } = record.job
  if (!goal) return { outcome: 'met', record }
  const result = { command: goal.command, checks: goal.checks + 1, met: ok, output: text, at }
  const told = { ...record, job: { ...record.job, goal: result } }
  if (ok) return { outcome: 'met', record: told }
  const isStuck = record.failedHead === head
  return {
    outcome: isStuck ? 'stuck' : 'again',
    record: { ...told, failedHead: head, next: { text, after } },
  }
}
