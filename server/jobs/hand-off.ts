import { type JobRecord, newRecord } from '../../core/job/ledger.ts'
import type { JobId, ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { Job, JobBudget } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { titleFrom } from '../runtime/prompt-context.ts'

/** Work that somebody gives to a job. */
export interface HandOff {
  readonly workspaceId: WorkspaceId
  readonly task: string
  readonly context?: PromptContext | undefined
  readonly originId?: ThreadId | undefined
  /** The job knows what was said in the thread it comes from. */
  readonly conversation: boolean
  /** Its turn that runs: it is stopped, and the job does the rest. */
  readonly restOf?: TurnId | undefined
  readonly budget?: { readonly [Name in keyof JobBudget]?: number | undefined } | undefined
  /** It says how it would work, and waits for a yes. */
  readonly planFirst?: boolean | undefined
  /** A command that has to pass before it is done. */
  readonly goal?: string | undefined
  /** Of a job that is one of several for the same task. */
  readonly more?: Pick<Job, 'candidate' | 'modelId'>
}

/** The job it becomes, before it has a thread. */
export function draftOf(
  handOff: HandOff,
  {
    id,
    modelId,
    diskMb,
    at,
    title,
  }: {
    readonly id: JobId
    readonly modelId: string
    readonly diskMb: number
    readonly at: number
    /** Words that name it better than its task does. */
    readonly title?: string | undefined
  },
): JobRecord {
  const { workspaceId, task, originId, budget, planFirst, goal, more } = handOff
  return newRecord({
    id,
    workspaceId,
    // Known in a moment; nobody has seen the job yet.
    threadId: '' as ThreadId,
    ...(originId !== undefined && { originId }),
    title: titleFrom(title ?? task),
    task,
    state: 'queued',
    paused: false,
    budget: {
      steps: budget?.steps ?? limits.jobSteps,
      tokens: budget?.tokens ?? limits.jobTokens,
      minutes: budget?.minutes ?? limits.jobMinutes,
      diskMb: budget?.diskMb ?? diskMb,
      ...(budget?.cost !== undefined && { cost: budget.cost }),
    },
    ...(planFirst && { planFirst }),
    ...(goal !== undefined && { goal: { command: goal, checks: 0 } }),
    used: { steps: 0, tokens: 0, ms: 0 },
    plan: [],
    files: [],
    answer: '',
    createdAt: at,
    conflicts: [],
    ...(more && { ...more, modelId }),
  })
}
