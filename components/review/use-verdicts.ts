import { useRef } from 'react'
import type { HunkId } from '../../core/protocol/ids.ts'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import type { ReviewConflict } from './use-conflicts.ts'

export type Verdict = 'keep' | 'undo'

/** What the person judged since the deck was opened: step by step it can be taken back, a file or all of it as one. */
export function useVerdicts() {
  const store = useWorkbenchStore()
  /** Of each step the way back, which answers what it led back to: others may have judged some of it before. */
  const steps = useRef<(() => Promise<readonly string[]>)[]>([])
  return {
    judge(verdict: Verdict, ids: readonly HunkId[]): void {
      if (ids.length === 0) return
      const { keepHunks, undoHunks } = store.getState()
      // The deck has its own way back.
      const judged = verdict === 'keep' ? keepHunks(ids) : undoHunks(ids, { quietly: true })
      steps.current.push(async () => {
        const changed = await judged
        if (changed.length > 0) void store.getState().takeBackHunks(changed)
        return changed
      })
    },
    decide({ id, jobId, conflict }: ReviewConflict, take: 'ours' | 'theirs'): void {
      const decided = store.getState().resolveConflict(jobId, conflict, take, { quietly: true })
      steps.current.push(async () => {
        if (!(await decided)) return []
        void store.getState().resolveConflict(jobId, conflict, 'undecided')
        return [id]
      })
    },
    /** Takes back the last step that changed anything, and answers what that was. */
    async takeBack(): Promise<readonly string[]> {
      for (let step = steps.current.pop(); step; step = steps.current.pop()) {
        const ids = await step()
        if (ids.length > 0) return ids
      }
      return []
    },
  }
}
