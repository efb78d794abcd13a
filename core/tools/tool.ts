import { z } from 'zod'
import { hostSchema } from '../protocol/host.ts'
import { jobPlanStepSchema } from '../protocol/job.ts'
import { limits } from '../protocol/limits.ts'

/** The read-only tools of Live and Plan, as data; the server runs them. Arguments come from the model: checked before use. */
export const toolSchemas = {
  read_file: z.object({
    path: z.string().describe('Workspace-relative path.'),
    start_line: z.number().int().min(1).optional().describe('First line, from 1.'),
    end_line: z.number().int().min(1).optional().describe('Last line, inclusive.'),
  }),
  list_files: z.object({
    path: z.string().optional().describe('Folder, workspace-relative; the root when left out.'),
  }),
  search: z.object({
    query: z.string().describe('Text, or a regular expression when regex is true.'),
    regex: z.boolean().optional(),
    case_sensitive: z.boolean().optional(),
    include: z.string().optional().describe('Glob of paths to look in, such as src/**/*.ts.'),
  }),
} as const

/** Strict: there is no other way to run it, so no other can be asked for. */
export const runCommandSchema = z.strictObject({
  command: z.string().min(1).max(limits.commandChars).describe('A line for the shell, run at the top.'),
  hosts: z
    .array(hostSchema)
    .max(10)
    .optional()
    .describe('Hosts it must reach by https, such as registry.npmjs.org. People are asked.'),
  timeout_seconds: z.number().int().min(1).max(limits.commandSeconds).optional(),
})

/** What only the model of a job has besides. */
export const jobToolSchemas = {
  update_plan: z.object({
    steps: z
      .array(jobPlanStepSchema)
      .min(1)
      .max(limits.jobPlanSteps)
      .describe('All steps in order, those that are done marked so.'),
  }),
  run_command: runCommandSchema,
  ask_person: z.object({
    question: z.string().min(1).max(4000).describe('One question, with the choices you see.'),
  }),
} as const

/** What the model of a Live turn has besides. */
export const liveToolSchemas = {
  run_command: runCommandSchema,
  delegate: z.object({
    task: z
      .string()
      .min(1)
      .max(20_000)
      .describe('All the job needs to know: it does not see this conversation.'),
    files: z.array(z.string()).max(50).optional().describe('Paths it should begin with.'),
    budget_minutes: z.number().int().min(1).max(limits.jobMinutes).optional(),
  }),
} as const

export type ToolName = keyof typeof toolSchemas
export type ToolInput<N extends ToolName> = z.infer<(typeof toolSchemas)[N]>

export const toolDescriptions: Readonly<Record<ToolName, string>> = {
  read_file: 'Reads a text file of the workspace as it is now, with unsaved changes.',
  list_files: 'Lists one folder.',
  search: 'Searches the text of all files that git does not ignore.',
}

export const liveToolDescriptions = {
  run_command:
    'Runs a command on the workspace in a sandbox without network but for hosts people allow; the person may be asked for leave first. Only when they asked for something to be run.',
  delegate:
    'Hands a longer task to a background job that works alone in a copy of the workspace and brings back a patch. Answers at once; go on with the rest of what was asked.',
} as const

export const jobToolDescriptions = {
  update_plan:
    'Tells people your plan and how far you are. Call it first, and again whenever a step is done or the plan changes.',
  run_command:
    'Runs a command in a sandbox: it reads and writes your copy of the workspace, has no network but for hosts people allow, no git repository, and is ended after ten minutes unless you say otherwise. Use it for tests, type checks and builds.',
  ask_person:
    'Asks the person who handed the job off, and waits for the answer. Only when a wrong guess would spoil the work.',
} as const

export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(toolSchemas, name)
}
