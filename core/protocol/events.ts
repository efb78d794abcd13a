import { z } from 'zod'
import { threadEventSchema } from './thread.ts'
import { workspaceEventSchema } from './workspace.ts'

/** `thread:ID` or `workspace:ID`. */
export const topicSchema = z.string().regex(/^(thread:thr|workspace:wsp)_[0-9a-z]{1,40}$/)

export const eventSchema = z.union([threadEventSchema, workspaceEventSchema])
export type TandemEvent = z.infer<typeof eventSchema>
