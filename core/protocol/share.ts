import { z } from 'zod'
import { threadIdSchema, workspaceIdSchema } from './ids.ts'

export const shareIdSchema = z
  .string()
  .regex(/^shr_[0-9a-z]{1,40}$/)
  .brand<'ShareId'>()
export type ShareId = z.infer<typeof shareIdSchema>

/** What the holder of a link may do; each includes the ones before. */
export const guestRoleSchema = z.enum(['view', 'steer', 'edit'])
export type GuestRole = z.infer<typeof guestRoleSchema>

/** A link as its owner sees it. The token in it is shown once and known to nobody afterwards. */
export const shareLinkSchema = z.object({
  id: shareIdSchema,
  role: guestRoleSchema,
  /** The name of who shared, for the guest. */
  sharedBy: z.string(),
  createdAt: z.number().int(),
  expiresAt: z.number().int().optional(),
  /** Connected now. */
  guests: z.number().int().nonnegative(),
})
export type ShareLink = z.infer<typeof shareLinkSchema>

/** What a guest's page is told of the link it came by. */
export const guestPassSchema = z.object({
  linkId: shareIdSchema,
  role: guestRoleSchema,
  threadId: threadIdSchema,
  workspaceId: workspaceIdSchema,
  sharedBy: z.string(),
  expiresAt: z.number().int().optional(),
})
export type GuestPass = z.infer<typeof guestPassSchema>

/** On what a guest asked: by which link they came, and the name they gave themselves. */
export const guestMarkSchema = z.object({ linkId: shareIdSchema, name: z.string() })
export type GuestMark = z.infer<typeof guestMarkSchema>
