import { z } from 'zod'
import { candidatesIdSchema, jobIdSchema, pathSchema, threadIdSchema, workspaceIdSchema } from './ids.ts'
import { jobBudgetSchema, jobSchema, strategyNames } from './job.ts'
import { limits } from './limits.ts'

/** A change of a candidate that can be taken by itself. */
const candidateHunkSchema = z.object({
  n: z.number().int().nonnegative(),
  /** In the file all candidates began with, from 1. */
  startLine: z.number().int().positive(),
  removed: z.array(z.string()),
  added: z.array(z.string()),
})
export type CandidateHunk = z.infer<typeof candidateHunkSchema>

const candidateFileSchema = z.object({
  path: pathSchema,
  kind: z.enum(['add', 'update', 'delete']),
  /** It can only be taken whole: it is new, gone, or no text. Its one hunk has number 0. */
  whole: z.boolean(),
  hunks: z.array(candidateHunkSchema),
})
export type CandidateFile = z.infer<typeof candidateFileSchema>

const pickSchema = z.object({
  jobId: jobIdSchema,
  path: pathSchema,
  hunks: z.array(z.number().int().nonnegative()).min(1).max(10_000),
})
export type CandidatePick = z.infer<typeof pickSchema>

/** The part of the table of methods (`methods.ts`) that is about several jobs for one task. */
export const candidateMethods = {
  /** Hands the same task to several jobs that begin with the same files. */
  'candidate/start': {
    params: z.object({
      workspaceId: workspaceIdSchema,
      task: z.string().min(1).max(limits.promptChars),
      originId: threadIdSchema.optional(),
      conversation: z.boolean(),
      budget: jobBudgetSchema.partial().optional(),
      candidates: z
        .array(z.object({ modelId: z.string().max(200).optional(), strategy: z.enum(strategyNames) }))
        .min(2)
        .max(4),
      /** A command that is run in the copy of each when it is done. */
      check: z.string().trim().min(1).max(limits.commandChars).optional(),
      judge: z.boolean(),
    }),
    result: z.object({ jobs: z.array(jobSchema) }),
  },
  /** Stops the others at once; the changes of one that is done come back like those of any job. */
  'candidate/pick': { params: z.object({ jobId: jobIdSchema }), result: z.object({ job: jobSchema }) },
  /** From what one has now to what the other has, as one patch. */
  'candidate/compare': {
    params: z.object({ jobId: jobIdSchema, withId: jobIdSchema }),
    result: z.object({ patch: z.string() }),
  },
  /** What a candidate changed, piece by piece. */
  'candidate/hunks': {
    params: z.object({ jobId: jobIdSchema }),
    result: z.object({ files: z.array(candidateFileSchema) }),
  },
  /** Brings single pieces of several candidates back together. The first one's job stands for all. */
  'candidate/mix': {
    params: z.object({ picks: z.array(pickSchema).min(1).max(2000) }),
    result: z.object({ job: jobSchema }),
  },
  /** Nobody wants the others any more: their copies go. */
  'candidate/dismiss': { params: z.object({ group: candidatesIdSchema }), result: z.object({}) },
} as const
