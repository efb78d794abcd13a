import { z } from 'zod'

/** What a prompt asks of the bench's model: `bench:{…}`, anywhere in the text. */
export const taskSchema = z.discriminatedUnion('kind', [
  /** Tokens that say when they were sent. */
  z.object({ kind: z.literal('stamps'), tokens: z.number(), rate: z.number() }),
  /** The same, after what is new to the connection was read at that many tokens a second. */
  z.object({ kind: z.literal('read'), tokens: z.number(), rate: z.number(), readRate: z.number() }),
  /** Filler, for load whose content does not matter. */
  z.object({ kind: z.literal('prose'), tokens: z.number(), rate: z.number() }),
  /** Markdown with marks. */
  z.object({ kind: z.literal('chat'), tokens: z.number(), rate: z.number() }),
  /** A patch of `path` whose added lines bear marks. */
  z.object({ kind: z.literal('edits'), tokens: z.number(), rate: z.number(), path: z.string() }),
  /** A patch of `path` with that many changed lines, each a hunk. */
  z.object({ kind: z.literal('hunks'), hunks: z.number(), rate: z.number(), path: z.string() }),
  /** That many calls one after the other, each of which reads a file: `path`0, `path`1 and on; then a word. */
  z.object({ kind: z.literal('calls'), calls: z.number(), rate: z.number(), path: z.string() }),
  /** A command, for which people are asked. */
  z.object({ kind: z.literal('command'), command: z.string(), rate: z.number() }),
  /** A job that gives its work to agents, and waits for them. */
  z.object({
    kind: z.literal('job'),
    agents: z.number(),
    steps: z.number(),
    tokens: z.number(),
    rate: z.number(),
  }),
  /** One of them: in each step it says something and writes a file, both of that many tokens. */
  z.object({
    kind: z.literal('agent'),
    steps: z.number(),
    tokens: z.number(),
    rate: z.number(),
    path: z.string(),
  }),
])
export type Task = z.infer<typeof taskSchema>

export function taskPrompt(task: Task): string {
  return `bench:${JSON.stringify(task)}`
}

export function readTask(text: string): Task | undefined {
  const json = /bench:(\{[^}]*\})/.exec(text)?.[1]
  return json === undefined ? undefined : taskSchema.parse(JSON.parse(json))
}
