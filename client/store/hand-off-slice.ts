import type { JobBudget } from '../../core/protocol/job.ts'
import type { SliceTools } from './slice.ts'

/** How a job shall work, besides what it shall do. */
export interface HandOffOptions {
  readonly planFirst?: boolean
  readonly goal?: string
  readonly budget?: Partial<JobBudget>
}

/** Work that is about to be handed off. */
export interface HandOffDraft {
  readonly task: string
  /** The words came from the message field, which gets them back when nothing is handed off. */
  readonly fromComposer: boolean
}

export interface HandOffSlice {
  /** Shown over the workbench. */
  readonly handOffDraft: HandOffDraft | undefined
  /** Text of the editor is held over where it becomes the task of a job. */
  readonly taskOver: boolean
  setTaskOver(over: boolean): void
  draftHandOff(draft: HandOffDraft): void
  closeHandOff(): void
}

export function createHandOffSlice({ set }: SliceTools<HandOffSlice>): HandOffSlice {
  return {
    handOffDraft: undefined,
    taskOver: false,
    setTaskOver: (taskOver) => set({ taskOver }),
    draftHandOff: (handOffDraft) => set({ handOffDraft }),
    closeHandOff: () => set({ handOffDraft: undefined }),
  }
}
