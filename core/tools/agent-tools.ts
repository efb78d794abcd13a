import { z } from 'zod'
import { tierNames } from '../protocol/model.ts'

const id = z.string().min(1).max(60)

/** How a job splits its work over agents, as data; the server runs them. */
export const agentToolSchemas = {
  spawn: z.object({
    task: z
      .string()
      .min(1)
      .max(20_000)
      .describe('All the agent needs to know: it sees nothing else of this.'),
    tier: z
      .enum(tierNames)
      .optional()
      .describe('Kind of model: live is fast, deep thinks longer. Left out: the one you are.'),
    files: z.array(z.string()).max(50).optional().describe('Paths it should begin with.'),
    worktree: z
      .enum(['own', 'shared-read-only'])
      .optional()
      .describe(
        'own (default): a copy of your files as they are now, which it changes. shared-read-only: it looks at yours and changes nothing.',
      ),
  }),
  wait: z.object({
    ids: z.array(id).min(1).max(50).optional().describe('Of agents. Left out: all of yours.'),
  }),
  message: z.object({ id, text: z.string().min(1).max(20_000) }),
  stop: z.object({ id }),
} as const

export const agentToolDescriptions = {
  spawn:
    'Starts an agent that does a part of your work beside you, and answers its id at once. Several work at the same time. Give it a part that does not overlap with the others and that can be checked; small things are quicker done by yourself.',
  wait: 'Waits until agents have ended, and brings what they changed into your files. Says what each answered, and which of its changes did not fit with yours. Call it before you finish: agents that still run then are stopped.',
  message: 'Says something to an agent: it joins what the agent does, or lets one that is done go on.',
  stop: 'Stops an agent. What it changed is not brought in.',
} as const

/** What the model has that compares candidates. */
export const judgeToolSchemas = {
  recommend: z.object({
    candidate: z.number().int().min(1).max(4).describe('Its number.'),
    reason: z
      .string()
      .min(1)
      .max(1000)
      .describe(
        'Why, in one to three sentences, in the language of the task: what it does better, what it risks.',
      ),
  }),
} as const

export const judgeToolDescriptions = {
  recommend: 'Tells the person which candidate you would take, and why. They decide.',
} as const
