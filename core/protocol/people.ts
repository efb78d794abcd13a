import { z } from 'zod'
import { pathSchema } from './ids.ts'

/** Author colours that are people's. */
export const personColors = 5

/** What a page says of its person. */
export const presenceSchema = z.object({
  name: z.string().trim().min(1).max(40),
  color: z
    .number()
    .int()
    .min(0)
    .max(personColors - 1),
  /** The file they look at. */
  path: pathSchema.optional(),
})
export type Presence = z.infer<typeof presenceSchema>

/** Somebody who has the workspace open; `id` is their session's. */
export const personSchema = presenceSchema.extend({ id: z.string() })
export type Person = z.infer<typeof personSchema>
