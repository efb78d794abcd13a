import { useRef } from 'react'
import type { HunkId } from '../../core/protocol/ids.ts'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'

export type Verdict = 'keep' | 'undo'

/** What the person judged since the deck was opened: step by step it can be taken back, a file or all of it as one. */
export function useVerdicts() {
  const store = useWorkbenchStore()
  /** Of each step the hunks it changed: others may have judged some of them before. */
  const steps = useRef<Promise<readonly HunkId[]>[]>([])
  return {
    judge(verdict: Verdict, ids: readonly HunkId[]): void {
      if (ids.length === 0) return
      const { keepHunks, undoHunks } = store.getState()
      // The deck has its own way back.
      steps.current.push(verdict === 'keep' ? keepHunks(ids) : undoHunks(ids, { quietly: true }))
    },
    /** Takes back the last step that changed any hunk, and answers which these were. */
    async takeBack(): Promise<readonly HunkId[]> {
      for (let step = steps.current.pop(); step; step = steps.current.pop()) {
        const ids = await step
        if (ids.length === 0) continue
        void store.getState().takeBackHunks(ids)
        return ids
      }
      return []
    },
  }
}
