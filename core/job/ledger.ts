import type { TurnId } from '../protocol/ids.ts'
import type { Job, JobNeed, JobSpent } from '../protocol/job.ts'
import { limits } from '../protocol/limits.ts'

/**
 * A job as the ledger keeps it: what people see of it, and how far it has come. Whoever runs it claims it first, which
 * makes the fence one higher; every later write names that fence, so that who lost the job can write nothing.
 */
export interface JobRecord {
  readonly job: Job
  /** The commit the job began with; `''` until its copy is made. */
  readonly base: string
  /** The commit of the last step that is done. */
  readonly head: string
  /** What its branch in the person's repository was published as. */
  readonly published: string | undefined
  readonly step: OpenStep | undefined
  /** What its files were last to be committed with, on the branch the person has checked out. */
  readonly committing?: { readonly message: string; readonly at: number } | undefined
  /** The files people had right before its changes came, what they had not committed among them. */
  readonly before?: string | undefined
  /** What had come back of it before it went on and changed more: up to which commit, and with which turns. */
  readonly since?: {
    readonly head: string
    readonly turns: readonly TurnId[]
    /** None of it from here on was committed: it goes into the next commit. */
    readonly uncommittedFrom?: string | undefined
  }
  /** How often its model could not be had, one time after the other. */
  readonly away?: number
  /** A person wants it stopped. */
  readonly stopping: boolean
  readonly next?: NextTurn
  /** How often people were to be told how it stands. */
  readonly news?: number
  /** The files as they were when its goal was missed last. */
  readonly failedHead?: string
  /** What it took over of its agents: written with the step that did. */
  readonly merged?: Readonly<Record<string, TakenOver>>
}

/** What the next turn of a job begins with, and the turn it follows: begun once, however often a server dies. */
export interface NextTurn {
  readonly text: string
  readonly after: TurnId
}

/** What was taken over of an agent last: its commit, and when it had come to its end. */
export interface TakenOver {
  readonly head: string
  readonly at: number | undefined
}

/** One request to the model and all that follows from its answer, until it is committed. */
export interface OpenStep {
  /** Counted over the whole job, from 1. */
  readonly n: number
  readonly turnId: TurnId
  /** The request's number in its turn. */
  readonly request: number
  /** Each claim that takes it up is one. */
  readonly attempt: number
  readonly fence: number
  /** `answered`: the model's whole answer is kept, and is not asked for again. */
  readonly state: 'intent' | 'answered'
  /** When it was begun first: the date of its commit. */
  readonly at: number
}

export function newRecord(job: Job): JobRecord {
  return { job, base: '', head: '', published: undefined, step: undefined, stopping: false }
}

export type Intent =
  /** The model may be asked, once this is durable. */
  | { readonly do: 'ask'; readonly record: JobRecord }
  /** It was asked already: its answer is acted on. */
  | { readonly do: 'replay'; readonly record: JobRecord }
  /** It failed again and again: a person has to look at it. */
  | { readonly do: 'park'; readonly record: JobRecord }

interface Asked {
  /** Of the claim under which it is asked. */
  readonly fence: number
  readonly turnId: TurnId
  readonly request: number
  readonly at: number
}

/** The next request, or one that is made again because its server died: only that counts as an attempt. */
export function intend(record: JobRecord, { fence, turnId, request, at }: Asked): Intent {
  const open = record.step
  const isAgain = open?.turnId === turnId && open.request === request
  const step: OpenStep = isAgain
    ? { ...open, fence, attempt: open.fence === fence ? open.attempt : open.attempt + 1 }
    : { n: record.job.used.steps + 1, turnId, request, attempt: 1, fence, state: 'intent', at }
  if (step.attempt > limits.stepAttempts) return { do: 'park', record: park(record) }
  const { parked: _, ...job } = withState(record.job, 'running', at)
  return { do: step.state === 'answered' ? 'replay' : 'ask', record: { ...record, job, step } }
}

/** The whole answer is kept in the same write. */
export function answered(record: JobRecord): JobRecord {
  const { away: _, ...rest } = record
  return record.step ? { ...rest, step: { ...record.step, state: 'answered' } } : rest
}

/** The step is committed: its receipt and the new head are one write. */
export function committed(
  record: JobRecord,
  head: string,
  merged: Readonly<Record<string, TakenOver>> = {},
): JobRecord {
  const { job } = record
  const used = { ...job.used, steps: job.used.steps + 1 }
  const all = { ...record.merged, ...merged }
  return { ...record, head, step: undefined, merged: all, job: { ...job, used } }
}

/**
 * It changed more after its changes came back: what is new can come back by itself, and be committed and taken back by
 * itself. `head`: as they came back.
 */
export function changedSince(record: JobRecord, head: string): JobRecord {
  const asked = record.job.pullRequest
  if (asked?.state === 'open' && !asked.behind)
    return changedSince({ ...record, job: { ...record.job, pullRequest: { ...asked, behind: true } } }, head)
  const { committing: _, before, ...rest } = record
  const { outcome, appliedTurnId, decided = [], commit, brought, ...job } = record.job
  if (outcome !== 'applied') return record
  const turns = [appliedTurnId, ...decided.map(({ turnId }) => turnId)].filter((id) => id !== undefined)
  // Places nobody has decided about, and what was left out, are asked about once more.
  const isWhole = brought === undefined && job.conflicts.length === 0
  const isOpen = commit === undefined
  const since = {
    head: isWhole ? head : cameFrom(record),
    turns: [...(record.since?.turns ?? []), ...turns],
    ...(isOpen && { uncommittedFrom: uncommittedFrom(record) }),
  }
  return { ...rest, since, ...(isOpen && before && { before }), job: { ...job, conflicts: [] } }
}

/** The commit from which on its changes have not come back yet. */
export function cameFrom({ since, base }: JobRecord): string {
  return since?.head ?? base
}

/** The commit from which on its changes go into the next commit. */
export function uncommittedFrom(record: JobRecord): string {
  return record.since?.uncommittedFrom ?? cameFrom(record)
}

/** What a budget has no more of, if so. */
export function spentOf({ used, budget, runningSince }: Job, at: number): JobSpent | undefined {
  if (used.steps >= budget.steps) return 'steps'
  if (used.tokens >= budget.tokens) return 'tokens'
  if (budget.cost !== undefined && (used.cost ?? 0) >= budget.cost) return 'cost'
  if (budget.diskMb !== undefined && (used.diskMb ?? 0) >= budget.diskMb) return 'disk'
  const ms = used.ms + (runningSince === undefined ? 0 : at - runningSince)
  return ms >= budget.minutes * 60_000 ? 'minutes' : undefined
}

/** Each bound once more, on top of what was taken: an answer may have cost more than was left. */
export function asMuchAgain({ budget }: Job, used: Job['used']): Job['budget'] {
  const { steps, tokens, minutes, cost, diskMb } = budget
  const more = (bound: number, taken = 0) => Math.max(bound, taken) + bound
  return {
    steps: Math.min(more(steps, used.steps), limits.jobRequests),
    tokens: more(tokens, used.tokens),
    minutes: more(minutes, Math.ceil(used.ms / 60_000)),
    ...(cost !== undefined && { cost: more(cost, used.cost) }),
    ...(diskMb !== undefined && { diskMb: more(diskMb, used.diskMb) }),
  }
}

export function isSettled({ state }: Job): boolean {
  return state === 'done' || state === 'failed' || state === 'stopped'
}

/** It waits for a person and keeps no place of those that run. */
export function waitsAside({ state, needs }: Job): boolean {
  return state === 'needsInput' && (needs?.kind === 'plan' || needs?.kind === 'effect')
}

/** Its clock runs while it works, and stands while it waits for people. */
export function withState(job: Job, state: Job['state'], at: number): Job {
  const { runningSince, settledAt: _, needs: __, problem: ___, waits: ____, ...rest } = job
  const used = runningSince === undefined ? job.used : { ...job.used, ms: job.used.ms + (at - runningSince) }
  const runs = state === 'running' && !job.paused
  return {
    ...rest,
    state,
    used,
    ...(runs && { runningSince: at }),
    ...((state === 'done' || state === 'failed' || state === 'stopped') && { settledAt: at }),
  }
}

/** Its model cannot be had: it stands aside and asks again by itself. `undefined`: it has done that for hours. */
export function waiting(
  record: JobRecord,
  { detail, at, firstMs }: { readonly detail: string; readonly at: number; readonly firstMs: number },
): JobRecord | undefined {
  const { away = 0, job } = record
  if (away >= limits.jobAwayTimes) return undefined
  const until = at + Math.min(limits.jobAwayCeilingMs, firstMs * 2 ** away)
  return {
    ...patient(record),
    away: away + 1,
    job: { ...withState(job, 'queued', at), waits: { until, detail } },
  }
}

/** It waits as long as it has to: restarts meanwhile are no attempts that failed. */
export function patient(record: JobRecord): JobRecord {
  return { ...record, ...(record.step && { step: { ...record.step, attempt: 0 } }) }
}

export function needing(job: Job, needs: JobNeed, at: number): Job {
  return { ...withState(job, 'needsInput', at), needs }
}

/** Nobody but a person can tell whether something outside was done: it asks, and has ended all the same. */
export function inDoubt(job: Job, effectId: string, detail: string): Job {
  return { ...job, state: 'needsInput', needs: { kind: 'effect', effectId, detail, from: job.state } }
}

/** It is known: the job stands as it did. */
export function certain({ needs, ...job }: Job): Job {
  return needs?.kind === 'effect' ? { ...job, state: needs.from } : { ...job, ...(needs && { needs }) }
}

export function failed(job: Job, problem: string, at: number): Job {
  return { ...withState(job, 'failed', at), problem }
}

/** Between two steps it stands still until a person lets it go on. */
export function withPause(job: Job, paused: boolean, at: number): Job {
  return isSettled(job) || job.state === 'needsInput'
    ? { ...job, paused }
    : { ...withState({ ...job, paused }, job.state, at) }
}

/** It has failed when its turn has settled. */
function park(record: JobRecord): JobRecord {
  const problem = `Step ${record.step?.n} did not come to an end in ${limits.stepAttempts} attempts.`
  return { ...record, job: { ...record.job, problem, parked: true } }
}

/** A person wants the parked step tried again: its attempts count anew. */
export function unparked(record: JobRecord): JobRecord {
  return record.step ? { ...record, step: { ...record.step, attempt: 0, fence: 0 } } : record
}

/** What a server that finds the job in the ledger has to do about it. */
export function afterRestart({ job, step }: JobRecord): 'nothing' | 'begin' | 'again' | 'goOn' {
  if (isSettled(job) || waitsAside(job)) return 'nothing'
  if (job.state === 'queued') return 'begin'
  return step ? 'again' : 'goOn'
}
