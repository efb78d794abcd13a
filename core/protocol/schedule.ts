import { z } from 'zod'
import { jobIdSchema, workspaceIdSchema } from './ids.ts'
import { jobBudgetSchema } from './job.ts'
import { limits } from './limits.ts'

export const scheduleIdSchema = z
  .string()
  .regex(/^sch_[0-9a-z]{1,40}$/)
  .brand<'ScheduleId'>()
export type ScheduleId = z.infer<typeof scheduleIdSchema>

/** When jobs begin by themselves. */
export const whenSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('once'), at: z.number().int() }),
  /** Five fields: minute, hour, day, month, weekday, by the clock of a place such as Europe/Berlin. */
  z.object({
    kind: z.literal('cron'),
    cron: z.string().min(9).max(100),
    timeZone: z.string().min(1).max(64),
  }),
])
export type When = z.infer<typeof whenSchema>

/** When that is next; `never`: there is no such time any more; `unknown`: it says none. */
export const comesSchema = z.union([z.number().int(), z.enum(['never', 'unknown'])])
export type Comes = z.infer<typeof comesSchema>

/** What a scheduled job shall do, and how. */
export const scheduledWorkSchema = z.object({
  workspaceId: workspaceIdSchema,
  task: z.string().min(1).max(limits.promptChars),
  when: whenSchema,
  planFirst: z.boolean().optional(),
  goal: z.string().trim().min(1).max(limits.commandChars).optional(),
  budget: jobBudgetSchema.partial().optional(),
})
export type ScheduledWork = z.infer<typeof scheduledWorkSchema>

export const scheduleSchema = scheduledWorkSchema.extend({
  id: scheduleIdSchema,
  title: z.string(),
  paused: z.boolean(),
  /** Left out: it comes no more. */
  nextAt: z.number().int().optional(),
  lastAt: z.number().int().optional(),
  lastJobId: jobIdSchema.optional(),
  /** Why the last one did not begin, in words. */
  problem: z.string().optional(),
})
export type Schedule = z.infer<typeof scheduleSchema>
