import { z } from 'zod'
import { jobIdSchema, pathSchema, threadIdSchema, workspaceIdSchema } from './ids.ts'
import { jobSchema } from './job.ts'
import { personSchema } from './people.ts'
import { scheduleSchema } from './schedule.ts'
import { threadSummarySchema } from './thread.ts'

export const workspaceSummarySchema = z.object({
  id: workspaceIdSchema,
  name: z.string(),
  /** The branch checked out, when it is a git repository. */
  branch: z.string().optional(),
  /** The bundled sample project: the page offers things to try. */
  sample: z.boolean(),
})
export type WorkspaceSummary = z.infer<typeof workspaceSummarySchema>

export const fileEntrySchema = z.object({
  name: z.string(),
  path: pathSchema,
  kind: z.enum(['file', 'folder']),
  /** Bytes; files only. */
  size: z.number().int().nonnegative().optional(),
  /** Ignored by git: shown dimmed. */
  ignored: z.boolean(),
})
export type FileEntry = z.infer<typeof fileEntrySchema>

export const workspaceStateSchema = z.object({
  id: workspaceIdSchema,
  threads: z.array(threadSummarySchema),
})
export type WorkspaceState = z.infer<typeof workspaceStateSchema>

/** Why a document's text is not on disk; `detail` holds a path, or what the system said. */
const diskProblemSchema = z.object({
  code: z.enum([
    /** The file was deleted by another program; by the model or an undo. */
    'deletedElsewhere',
    'deleted',
    'notText',
    'tooLarge',
    'full',
    'denied',
    'folderGone',
    'notStored',
    'failed',
  ]),
  detail: z.string(),
})
export type DiskProblem = z.infer<typeof diskProblemSchema>

/** What another program did to a document's file. */
export const mergedSchema = z.object({
  /** The first line that changed, from 1. */
  line: z.number().int().positive(),
  /** It deleted the file while its text was changed here, and it was made again. */
  deleted: z.boolean(),
  /** When it was brought together with the text; it tells two of one document apart. */
  at: z.number().int(),
})
export type Merged = z.infer<typeof mergedSchema>

/** Facts of one workspace, on topic `workspace:ID`. */
export const workspaceEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('threadList/added'), thread: threadSummarySchema }),
  z.object({
    type: z.literal('threadList/changed'),
    threadId: threadIdSchema,
    title: z.string(),
    running: z.boolean(),
    at: z.number().int(),
  }),
  /** A person pins or archives a thread, or takes that back. */
  z.object({
    type: z.literal('threadList/marked'),
    threadId: threadIdSchema,
    pinned: z.boolean(),
    archived: z.boolean(),
  }),
  /** Folders whose entries changed on disk; not kept in the log. The root is `''`. */
  z.object({ type: z.literal('files/changed'), folders: z.array(z.string()) }),
  /** A file or folder has another path, and all that was open or written in it is there; not kept in the log. */
  z.object({ type: z.literal('file/moved'), from: pathSchema, to: pathSchema }),
  /** A document's text is on disk (`true`) or not yet; not kept in the log. */
  z.object({
    type: z.literal('document/saved'),
    path: pathSchema,
    saved: z.boolean(),
    problem: diskProblemSchema.optional(),
  }),
  /** Another program changed the file of an open document, whose text has the change now. Not kept in the log. */
  mergedSchema.extend({ type: z.literal('document/merged'), path: pathSchema }),
  /** A job as it stands now; not kept in the log. */
  z.object({ type: z.literal('job/changed'), job: jobSchema }),
  z.object({ type: z.literal('job/removed'), jobId: jobIdSchema }),
  /** All schedules of the workspace; not kept in the log. */
  z.object({ type: z.literal('schedules/changed'), schedules: z.array(scheduleSchema) }),
  /** The end of what a command writes that the server runs for a job, while it runs; not kept in the log. */
  z.object({
    type: z.literal('job/wrote'),
    jobId: jobIdSchema,
    what: z.enum(['goal', 'setup']),
    text: z.string(),
  }),
  /** The server's disk takes nothing at present, so that nothing is kept, or takes it again; not kept in the log. */
  z.object({ type: z.literal('store/changed'), isRefusing: z.boolean() }),
  /** Who has the workspace open, all of them; not kept in the log. */
  z.object({ type: z.literal('people/changed'), people: z.array(personSchema) }),
])
export type WorkspaceEvent = z.infer<typeof workspaceEventSchema>
