import { type JobRecord, newRecord, withState } from '../job/ledger.ts'
import { jobIdSchema, threadIdSchema, workspaceIdSchema } from '../protocol/ids.ts'
import type { Job } from '../protocol/job.ts'

/** A job nobody has begun. */
export const freshJob: Job = {
  id: jobIdSchema.parse('job_1'),
  workspaceId: workspaceIdSchema.parse('wsp_1'),
  threadId: threadIdSchema.parse('thr_1'),
  title: 'a',
  task: 'a',
  state: 'queued',
  paused: false,
  budget: { steps: 3, tokens: 100, minutes: 2 },
  used: { steps: 0, tokens: 0, ms: 0 },
  plan: [],
  files: [],
  answer: '',
  createdAt: 0,
  conflicts: [],
}

/** One that runs since 0, with its copy made. */
export function begunJob(more: Partial<Job> = {}): JobRecord {
  return { ...newRecord(withState({ ...freshJob, ...more }, 'running', 0)), base: 'b', head: 'b' }
}
