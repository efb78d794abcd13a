import type { ThreadId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { SliceTools } from './slice.ts'

/** What is written but not sent, per thread; a new thread's draft belongs to its workspace. */
export interface DraftsSlice {
  readDraft(place: DraftPlace): string
  writeDraft(place: DraftPlace, text: string): void
}

export interface DraftPlace {
  readonly workspaceId: WorkspaceId | undefined
  readonly threadId: ThreadId | undefined
}

export function createDraftsSlice({ deps: { storage } }: SliceTools<DraftsSlice>): DraftsSlice {
  const key = ({ workspaceId, threadId }: DraftPlace) => `tandem.draft.${threadId ?? workspaceId ?? ''}`
  return {
    readDraft: (place) => storage.getItem(key(place)) ?? '',
    writeDraft(place, text) {
      try {
        if (text === '') storage.removeItem(key(place))
        else storage.setItem(key(place), text)
      } catch {
        // A full storage must not keep anyone from typing.
      }
    },
  }
}
