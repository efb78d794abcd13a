import { z } from 'zod'
import { jobIdSchema, pathSchema, threadIdSchema, turnIdSchema, workspaceIdSchema } from './ids.ts'
import { effectDecisionSchema, jobArtefactSchema, jobBudgetSchema, jobSchema } from './job.ts'
import { limits } from './limits.ts'
import { comesSchema, scheduledWorkSchema, scheduleIdSchema, scheduleSchema, whenSchema } from './schedule.ts'

const empty = z.object({})
const prompt = z.string().min(1).max(limits.promptChars)

/** The part of the table of methods (`methods.ts`) that is about background jobs. */
export const jobMethods = {
  /** All jobs of a workspace, newest first; `job/changed` tells what becomes of each. */
  'job/list': {
    params: z.object({ workspaceId: workspaceIdSchema }),
    result: z.object({ jobs: z.array(jobSchema) }),
  },
  /** Hands work off. Resolves when that is durable; the job begins when there is room for it. */
  'job/start': {
    params: z.object({
      workspaceId: workspaceIdSchema,
      task: prompt,
      /** The thread it comes from, where its changes come back. */
      originId: threadIdSchema.optional(),
      /** Whether it knows what was said there. */
      conversation: z.boolean(),
      /** Its turn that runs: it is stopped, and the job does the rest. */
      restOf: turnIdSchema.optional(),
      budget: jobBudgetSchema.partial().optional(),
      /** It says how it would work, and waits for a yes. */
      planFirst: z.boolean().optional(),
      /** A command that has to pass before it is done. */
      goal: z.string().trim().min(1).max(limits.commandChars).optional(),
    }),
    result: z.object({ job: jobSchema }),
  },
  /** The step that runs is done first. */
  'job/pause': { params: z.object({ jobId: jobIdSchema, paused: z.boolean() }), result: empty },
  'job/stop': { params: z.object({ jobId: jobIdSchema }), result: empty },
  /** A job that failed or was stopped goes on from its last step. */
  'job/retry': { params: z.object({ jobId: jobIdSchema }), result: empty },
  /** Answers what a job asks. */
  'job/answer': { params: z.object({ jobId: jobIdSchema, text: prompt }), result: empty },
  /** Decides about the plan a job waits with: it works by it, or thinks again. `text` says so to the model. */
  'job/decidePlan': {
    params: z.object({ jobId: jobIdSchema, accept: z.boolean(), text: prompt }),
    result: empty,
  },
  /** Work that begins by itself, the next one first; `schedules/changed` tells what becomes of it. */
  'schedule/list': {
    params: z.object({ workspaceId: workspaceIdSchema }),
    result: z.object({ schedules: z.array(scheduleSchema) }),
  },
  /** When that would be next. */
  'schedule/check': { params: z.object({ when: whenSchema }), result: z.object({ comes: comesSchema }) },
  'schedule/add': { params: scheduledWorkSchema, result: z.object({ schedule: scheduleSchema }) },
  'schedule/pause': {
    params: z.object({ scheduleId: scheduleIdSchema, paused: z.boolean() }),
    result: empty,
  },
  /** Takes it out of the list, or brings it back as long as the server runs. */
  'schedule/remove': {
    params: z.object({ scheduleId: scheduleIdSchema, removed: z.boolean() }),
    result: empty,
  },
  /** What a job may use in all from now on. */
  'job/extend': { params: z.object({ jobId: jobIdSchema, budget: jobBudgetSchema }), result: empty },
  /** What a job changed so far, as one patch. */
  'job/patch': { params: z.object({ jobId: jobIdSchema }), result: z.object({ patch: z.string() }) },
  /** The files its commands wrote outside git, the folder for such files first, then the newest; how many more there are. */
  'job/artefacts': {
    params: z.object({ jobId: jobIdSchema }),
    result: z.object({
      files: z.array(jobArtefactSchema).max(limits.artefacts),
      more: z.number().int().nonnegative(),
    }),
  },
  /** The beginning of one of them; without `text` it is none. */
  'job/artefact': {
    params: z.object({ jobId: jobIdSchema, path: pathSchema }),
    result: z.object({ text: z.string().optional(), cut: z.boolean() }),
  },
  /** Brings a job's changes into the files as they are now, as unreviewed hunks of the thread it came from. */
  'job/apply': {
    params: z.object({ jobId: jobIdSchema, threadId: threadIdSchema.optional() }),
    result: z.object({ job: jobSchema }),
  },
  /**
   * Decides about one conflict of changes that came back: the job's text is taken over, or the person's stands.
   * `undecided` takes such a decision back.
   */
  'job/resolve': {
    params: z.object({
      jobId: jobIdSchema,
      path: pathSchema,
      startLine: z.number().int().positive(),
      take: z.enum(['ours', 'theirs', 'undecided']),
    }),
    result: z.object({ job: jobSchema }),
  },
  /**
   * Commits the files a job changed, as they are now, on the branch that is checked out. What people had in them and not
   * committed before its changes came stays so.
   */
  'job/commit': {
    params: z.object({
      jobId: jobIdSchema,
      message: z.string().trim().min(1).max(10_000),
      /** The commit merges the job's branch: each of its steps stays to be seen. Else all is one commit. */
      keepSteps: z.boolean().optional(),
      /** What people had in these files and not committed is committed along. */
      withOwn: z.boolean().optional(),
    }),
    result: z.object({ job: jobSchema }),
  },
  /** Takes back what was merged: its commit, while that is the latest and nobody else has it, and its text. */
  'job/unmerge': { params: z.object({ jobId: jobIdSchema }), result: z.object({ job: jobSchema }) },
  /** Pushes a job's branch and opens a pull request, or finds the one that is open. Resolves when that is durable. */
  'job/openRequest': {
    params: z.object({
      jobId: jobIdSchema,
      title: z.string().trim().min(1).max(300),
      text: z.string().max(50_000),
    }),
    result: empty,
  },
  /** Says what became of what a server that died was doing outside. */
  'job/settleEffect': {
    params: z.object({ jobId: jobIdSchema, decision: effectDecisionSchema }),
    result: empty,
  },
  /** Forgets a job that has ended and whose changes, if any, were applied or discarded. Its branch stays. */
  'job/remove': { params: z.object({ jobId: jobIdSchema }), result: empty },
  /** Nobody wants its changes, or somebody does after all. */
  'job/discard': { params: z.object({ jobId: jobIdSchema, discarded: z.boolean() }), result: empty },
} as const
