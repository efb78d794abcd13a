import type { JobId } from '../../core/protocol/ids.ts'
import type { EffectDecision } from '../../core/protocol/job.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** What jobs do outside: pull requests, and what a server that died left in doubt. */
export interface JobRequestsSlice {
  /** False when it did not arrive: the words are still the person's. */
  openPullRequest(id: JobId, words: { readonly title: string; readonly text: string }): Promise<boolean>
  settleEffect(id: JobId, decision: EffectDecision): Promise<void>
}

type Needs = JobRequestsSlice & Pick<NoticeSlice, 'notifyFailure'>

export function createJobRequestsSlice({ get, deps }: SliceTools<Needs>): JobRequestsSlice {
  const { connection } = deps
  return {
    async openPullRequest(jobId, words) {
      try {
        await connection.request('job/openRequest', { jobId, ...words })
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    async settleEffect(jobId, decision) {
      try {
        await connection.request('job/settleEffect', { jobId, decision })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
  }
}
