import { z } from 'zod'

/** Characters that one Yjs client wrote in a row and that stand together, whether they are still there or were deleted. */
export const textRunSchema = z.object({
  client: z.number().int().nonnegative(),
  /** Of its first character. */
  clock: z.number().int().nonnegative(),
  text: z.string(),
  deleted: z.boolean(),
})
export type TextRun = z.infer<typeof textRunSchema>
