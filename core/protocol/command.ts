import { z } from 'zod'
import { turnIdSchema } from './ids.ts'
import { limits } from './limits.ts'

/** Minted by the page, so that a command that is sent twice runs once. */
export const commandIdSchema = z
  .string()
  .regex(/^cmd_[0-9a-z]{1,40}$/)
  .brand<'CommandId'>()
export type CommandId = z.infer<typeof commandIdSchema>

export const commandTextSchema = z.string().trim().min(1).max(limits.commandChars)

/** Why no command runs on this machine at all, where that can be said in a person's language. */
export const sandboxGapSchema = z.enum(['missing', 'old', 'refused'])
export type SandboxGap = z.infer<typeof sandboxGapSchema>

/** How a command ended. Without `exit` it was ended or never began. */
export const commandResultSchema = z.object({
  exit: z.number().int().optional(),
  /** Why it was ended before its time; `lost`: the server stopped meanwhile. */
  cut: z.enum(['none', 'time', 'output', 'memory', 'processes', 'disk', 'stopped', 'lost']),
  durationMs: z.number().nonnegative(),
  /** Bytes between the beginning and the end of the output that were not kept. */
  droppedBytes: z.number().int().nonnegative(),
  /** Why it did not begin, and what to do. */
  problem: z.string().optional(),
  gap: sandboxGapSchema.optional(),
})
export type CommandResult = z.infer<typeof commandResultSchema>

/** A command a person ran in the thread, in the sandbox, on the workspace. */
export const threadCommandSchema = z.object({
  id: commandIdSchema,
  text: z.string(),
  /** The last turn when it began. */
  afterTurnId: turnIdSchema.optional(),
  startedAt: z.number().int(),
  /** As it wrote it, escape sequences and all. */
  output: z.string(),
  result: commandResultSchema.optional(),
  /** A turn has begun since it ended: the model knows. */
  told: z.boolean().optional(),
})
export type ThreadCommand = z.infer<typeof threadCommandSchema>
