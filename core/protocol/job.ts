import { z } from 'zod'
import { approvalSchema } from './approval.ts'
import {
  candidatesIdSchema,
  jobIdSchema,
  pathSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from './ids.ts'
import { limits } from './limits.ts'

/** Six words for people. A job that is paused is running, and does not go on. */
export const jobStateSchema = z.enum(['queued', 'running', 'needsInput', 'done', 'failed', 'stopped'])
export type JobState = z.infer<typeof jobStateSchema>

/** What a job may use before it asks for more. */
export const jobBudgetSchema = z.object({
  steps: z.number().int().positive().max(limits.jobRequests),
  tokens: z.number().int().positive(),
  minutes: z.number().int().positive(),
  /** Millionths of a US dollar; left out: no bound. */
  cost: z.number().int().positive().optional(),
  /** Of its copy and those of its agents, in MiB; left out: no bound. */
  diskMb: z.number().int().positive().optional(),
})
export type JobBudget = z.infer<typeof jobBudgetSchema>

export const jobPlanStepSchema = z.object({
  text: z.string().min(1).max(limits.jobPlanChars),
  done: z.boolean(),
})
export type JobPlanStep = z.infer<typeof jobPlanStepSchema>

/** What a job has no more of. */
export const jobSpentSchema = z.enum(['steps', 'tokens', 'minutes', 'cost', 'disk'])
export type JobSpent = z.infer<typeof jobSpentSchema>

/** A command that has to pass before the job is done. */
const jobGoalSchema = z.object({
  command: z.string().min(1).max(limits.commandChars),
  /** How often it was run. */
  checks: z.number().int().nonnegative(),
  /** What the last run came to. */
  met: z.boolean().optional(),
  output: z.string().optional(),
  at: z.number().int().optional(),
})

/** Why a job waits for a person. */
export const jobNeedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answer'), question: z.string() }),
  z.object({ kind: z.literal('budget'), spent: jobSpentSchema }),
  /** It shall not begin before somebody has said yes to its plan. */
  z.object({ kind: z.literal('plan'), plan: z.string() }),
  z.object({ kind: z.literal('approval'), approval: approvalSchema }),
  /** Something outside may have been done or not: nobody but a person can tell. `from`: how the job stands besides. */
  z.object({ kind: z.literal('effect'), effectId: z.string(), detail: z.string(), from: jobStateSchema }),
])
export type JobNeed = z.infer<typeof jobNeedSchema>

/** A file a job's commands wrote and no commit has: git ignores it. */
export const jobArtefactSchema = z.object({
  path: pathSchema,
  bytes: z.number().int().nonnegative(),
  /** When it was written last. */
  at: z.number().int(),
})
export type JobArtefact = z.infer<typeof jobArtefactSchema>

/** What a job changed in one file, from where it began. */
export const jobFileSchema = z.object({
  path: pathSchema,
  kind: z.enum(['add', 'update', 'delete']),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
  /** Not text: it comes back by the branch alone. */
  binary: z.boolean().optional(),
})
export type JobFile = z.infer<typeof jobFileSchema>

/** A place where what the job wrote and what people wrote since do not go together. */
export const jobConflictSchema = z.object({
  path: pathSchema,
  /** In the file as it is now, from 1. */
  startLine: z.number().int().positive(),
  /** Where the job began, what people have now, and what the job wrote. */
  base: z.string(),
  ours: z.string(),
  theirs: z.string(),
})
export type JobConflict = z.infer<typeof jobConflictSchema>

/** Of a conflict it is decided whose text stands. */
const decidedConflictSchema = jobConflictSchema.extend({
  take: z.enum(['ours', 'theirs']),
  /** The turn that took the job's side. */
  turnId: turnIdSchema.optional(),
})
export type DecidedConflict = z.infer<typeof decidedConflictSchema>

/** Other ways to the same end: what a candidate is told besides the task. */
export const strategyNames = ['plain', 'smallest', 'thorough', 'other'] as const
export type Strategy = (typeof strategyNames)[number]

/** One of several jobs that do the same task from the same state. */
const candidateSchema = z.object({
  group: candidatesIdSchema,
  /** From 1. */
  n: z.number().int().positive(),
  of: z.number().int().positive(),
  strategy: z.enum(strategyNames),
  /** A command that is run in its copy when it is done. */
  check: z.string().optional(),
  /** When all are done a model of the deep tier reads what they changed and recommends one. */
  judge: z.boolean().optional(),
})

/** What was looked at in a candidate's changes, and what came out. */
export const candidateChecksSchema = z.object({
  /** Files that were read by their language's rules, those that break them, and files of languages nobody here reads. */
  syntax: z
    .object({
      checked: z.number().int().nonnegative(),
      left: z.number().int().nonnegative(),
      wrong: z.array(z.object({ path: pathSchema, line: z.number().int().positive(), message: z.string() })),
    })
    .optional(),
  /** The command people asked for. */
  command: z
    .object({ passed: z.boolean(), output: z.string(), ms: z.number().int().nonnegative() })
    .optional(),
})
export type CandidateChecks = z.infer<typeof candidateChecksSchema>

/** Why others could not be asked to take a branch over. */
export const pushProblemSchema = z.enum([
  'noRemote',
  'unknownHost',
  'refused',
  'missing',
  'moved',
  'unreachable',
  'skipped',
  'other',
])
export type PushProblem = z.infer<typeof pushProblemSchema>

/** The request that others take a job's branch over. */
const pullRequestSchema = z.object({
  state: z.enum(['sending', 'open', 'failed']),
  url: z.url({ protocol: /^https?$/ }).optional(),
  problem: pushProblemSchema.optional(),
  /** What the other side said. */
  detail: z.string().optional(),
  /** The job has changed more since its branch was pushed. */
  behind: z.boolean().optional(),
})
export type PullRequest = z.infer<typeof pullRequestSchema>

/** What a person knows of an effect in doubt. */
export const effectDecisionSchema = z.enum(['done', 'again', 'skip'])
export type EffectDecision = z.infer<typeof effectDecisionSchema>

/** A job as people see it. */
export const jobSchema = z.object({
  id: jobIdSchema,
  workspaceId: workspaceIdSchema,
  /** What it says and does, turn by turn. */
  threadId: threadIdSchema,
  /** The thread it was handed off from, where its changes come back. */
  originId: threadIdSchema.optional(),
  /** It is an agent: the job whose work it does a part of, which takes its changes over. */
  parentId: jobIdSchema.optional(),
  /** What an agent works in: a copy of its own, or the files of its parent, which it only reads. */
  sight: z.enum(['own', 'shared']).optional(),
  candidate: candidateSchema.optional(),
  checks: candidateChecksSchema.optional(),
  /** It compares these candidates. */
  judges: candidatesIdSchema.optional(),
  /** Of those: the one it would take, and why. */
  recommendation: z.object({ n: z.number().int().positive(), reason: z.string() }).optional(),
  /** Set when it was chosen for this job. */
  modelId: z.string().optional(),
  title: z.string(),
  task: z.string(),
  state: jobStateSchema,
  paused: z.boolean(),
  needs: jobNeedSchema.optional(),
  /** Its model cannot be had: it is asked again by then, and what it said. */
  waits: z.object({ until: z.number().int(), detail: z.string() }).optional(),
  /** Why it failed, in words. */
  problem: z.string().optional(),
  /** It failed on the same step again and again. */
  parked: z.boolean().optional(),
  /** Its plan is asked for and not accepted yet: it reads, and changes nothing. */
  planFirst: z.literal(true).optional(),
  goal: jobGoalSchema.optional(),
  budget: jobBudgetSchema,
  used: z.object({
    steps: z.number().int().nonnegative(),
    tokens: z.number().int().nonnegative(),
    /** Time in which it ran; what it waits for people is left out. */
    ms: z.number().int().nonnegative(),
    /** Millionths of a US dollar, as far as its models have a price. */
    cost: z.number().int().nonnegative().optional(),
    /** What its copy takes, in MiB, when it was looked at last. */
    diskMb: z.number().int().nonnegative().optional(),
    /** Some of it was done by a model without one. */
    unpriced: z.literal(true).optional(),
  }),
  /** Since when it runs without a pause. */
  runningSince: z.number().int().optional(),
  plan: z.array(jobPlanStepSchema),
  files: z.array(jobFileSchema),
  /** What it said last. */
  answer: z.string(),
  createdAt: z.number().int(),
  settledAt: z.number().int().optional(),
  /** Of the person's repository, which has its commits. */
  branch: z.string().optional(),
  /** What became of its changes; `merged`: the job it is an agent of has them. */
  outcome: z.enum(['applied', 'discarded', 'merged']).optional(),
  /** The files that came back, when it was not what this job changed alone. */
  brought: z.array(pathSchema).optional(),
  /** The turn that brought its changes back. */
  appliedTurnId: turnIdSchema.optional(),
  conflicts: z.array(jobConflictSchema),
  /** Of these places it is decided whose text stands, and until they are committed that can be taken back. */
  decided: z.array(decidedConflictSchema).optional(),
  /** The commit its files went into, on the branch the person had checked out. */
  commit: z.string().optional(),
  pullRequest: pullRequestSchema.optional(),
})
export type Job = z.infer<typeof jobSchema>
