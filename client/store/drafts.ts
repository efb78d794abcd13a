import type { ThreadId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { KeyValueStorage } from './slice.ts'

/** What is written but not sent, per thread; a new thread's draft belongs to its workspace. */
export interface Drafts {
  read(place: DraftPlace): string
  write(place: DraftPlace, text: string): void
}

export interface DraftPlace {
  readonly workspaceId: WorkspaceId | undefined
  readonly threadId: ThreadId | undefined
}

export function createDrafts(storage: KeyValueStorage): Drafts {
  const key = ({ workspaceId, threadId }: DraftPlace) => `tandem.draft.${threadId ?? workspaceId ?? ''}`
  return {
    read: (place) => storage.getItem(key(place)) ?? '',
    write(place, text) {
      try {
        if (text === '') storage.removeItem(key(place))
        else storage.setItem(key(place), text)
      } catch {
        // A full storage must not keep anyone from typing.
      }
    },
  }
}
