import { z } from 'zod'

const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{1,40}$`))

export const workspaceIdSchema = id('wsp').brand<'WorkspaceId'>()
export type WorkspaceId = z.infer<typeof workspaceIdSchema>

export const threadIdSchema = id('thr').brand<'ThreadId'>()
export type ThreadId = z.infer<typeof threadIdSchema>

export const turnIdSchema = id('trn').brand<'TurnId'>()
export type TurnId = z.infer<typeof turnIdSchema>

/** Minted by the page, so that words that are sent twice are added once. */
export const steerIdSchema = id('ste').brand<'SteerId'>()
export type SteerId = z.infer<typeof steerIdSchema>

/** One piece of work that is done alone, in a copy of the workspace. */
export const jobIdSchema = id('job').brand<'JobId'>()
export type JobId = z.infer<typeof jobIdSchema>

/** Jobs that do the same task, of which people take one. */
export const candidatesIdSchema = id('cnd').brand<'CandidatesId'>()
export type CandidatesId = z.infer<typeof candidatesIdSchema>

/** One going back in a thread. */
export const rewindIdSchema = id('rew').brand<'RewindId'>()
export type RewindId = z.infer<typeof rewindIdSchema>

/** One summary of earlier turns. */
export const compactionIdSchema = id('cmp').brand<'CompactionId'>()
export type CompactionId = z.infer<typeof compactionIdSchema>

/** Items are numbered within their turn: `trn_x.3`. */
export const itemIdSchema = z
  .string()
  .regex(/^trn_[0-9a-z]{1,40}\.\d{1,6}$/)
  .brand<'ItemId'>()
export type ItemId = z.infer<typeof itemIdSchema>

/** Hunks are numbered within their item: `trn_x.3.1`. */
export const hunkIdSchema = z
  .string()
  .regex(/^trn_[0-9a-z]{1,40}\.\d{1,6}\.\d{1,6}$/)
  .brand<'HunkId'>()
export type HunkId = z.infer<typeof hunkIdSchema>

/** Workspace-relative, `/` between parts, no leading slash. The server's path guard decides what it may reach. */
export const pathSchema = z.string().min(1).max(1024)

/** Where a text is: a path, or where no file is (core/lib/moved-path). */
export const placeSchema = z.string().min(1).max(1200)

export const seqSchema = z.number().int().nonnegative()
