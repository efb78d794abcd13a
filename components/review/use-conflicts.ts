import { useMemo } from 'react'
import type { JobId } from '../../core/protocol/ids.ts'
import type { JobConflict } from '../../core/protocol/job.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'

/** A place where what came back of a job does not go together with what people wrote. */
export interface ReviewConflict {
  readonly id: string
  readonly jobId: JobId
  /** Of the job. */
  readonly title: string
  readonly conflict: JobConflict
  /** It is decided: the person's text stands. What was taken of the job's side is a change like any other. */
  readonly isKept: boolean
}

/** Those of the jobs whose changes came to the thread in view. */
export function useConflicts(): readonly ReviewConflict[] {
  const jobs = useWorkbench((state) => state.jobs)
  const threadId = useWorkbench((state) => state.thread?.id)
  return useMemo(
    () =>
      jobs
        .filter(({ originId, outcome }) => outcome === 'applied' && originId === threadId)
        .flatMap(({ id: jobId, title, conflicts, decided = [], commit }) => {
          // What is committed stands.
          const kept = commit === undefined ? decided.filter(({ take }) => take === 'ours') : []
          const entry = (conflict: JobConflict, isKept: boolean): ReviewConflict => ({
            id: `${jobId} ${conflict.path} ${conflict.startLine}`,
            jobId,
            title,
            conflict,
            isKept,
          })
          return [...conflicts.map((one) => entry(one, false)), ...kept.map((one) => entry(one, true))]
        }),
    [jobs, threadId],
  )
}
