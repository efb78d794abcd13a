import { createStore, type StoreApi } from 'zustand/vanilla'
import { type ArtefactsSlice, createArtefactsSlice } from './artefacts-slice.ts'
import { type CandidatesSlice, createCandidatesSlice } from './candidates-slice.ts'
import { type ConnectionSlice, createConnectionSlice } from './connection-slice.ts'
import { type ContextSlice, createContextSlice } from './context-slice.ts'
import { createDocumentsSlice, type DocumentsSlice } from './documents-slice.ts'
import { createDraftsSlice, type DraftsSlice } from './drafts-slice.ts'
import { createFilesSlice, type FilesSlice } from './files-slice.ts'
import { createHandOffSlice, type HandOffSlice } from './hand-off-slice.ts'
import { createHistorySlice, type HistorySlice } from './history-slice.ts'
import { createInlineSlice, type InlineSlice } from './inline-slice.ts'
import { createJobRequestsSlice, type JobRequestsSlice } from './job-requests-slice.ts'
import { createJobsSlice, type JobsSlice } from './jobs-slice.ts'
import { createLastingSlice, type LastingSlice } from './lasting-slice.ts'
import { createLatencySlice, type LatencySlice } from './latency-slice.ts'
import { createLayoutSlice, type LayoutSlice } from './layout-slice.ts'
import { createLimitsSlice, type LimitsSlice } from './limits-slice.ts'
import { createNoticeSlice, type NoticeSlice } from './notice-slice.ts'
import { createPeopleSlice, type PeopleSlice } from './people-slice.ts'
import { createQueueSlice, type QueueSlice } from './queue-slice.ts'
import { createReplaySlice, type ReplaySlice } from './replay-slice.ts'
import { createReviewSlice, type ReviewSlice } from './review-slice.ts'
import { createSchedulesSlice, type SchedulesSlice } from './schedules-slice.ts'
import { createShareSlice, type ShareSlice } from './share-slice.ts'
import type { WorkbenchDeps } from './slice.ts'
import { createSteerSlice, type SteerSlice } from './steer-slice.ts'
import { createThreadSlice, type ThreadSlice } from './thread-slice.ts'
import { createThreadsSlice, type ThreadsSlice } from './threads-slice.ts'
import { createTurnSlice, type TurnSlice } from './turn-slice.ts'
import { createWindowSlice, type WindowSlice } from './window-slice.ts'
import { createWorkspaceSlice, type WorkspaceSlice } from './workspace-slice.ts'

export type WorkbenchState = ConnectionSlice &
  NoticeSlice &
  LimitsSlice &
  WorkspaceSlice &
  ThreadSlice &
  LayoutSlice &
  DocumentsSlice &
  ContextSlice &
  DraftsSlice &
  PeopleSlice &
  ReviewSlice &
  ThreadsSlice &
  QueueSlice &
  SteerSlice &
  TurnSlice &
  HistorySlice &
  WindowSlice &
  LatencySlice &
  InlineSlice &
  ShareSlice &
  ReplaySlice &
  JobsSlice &
  JobRequestsSlice &
  ArtefactsSlice &
  LastingSlice &
  CandidatesSlice &
  HandOffSlice &
  SchedulesSlice &
  FilesSlice

export type WorkbenchStore = StoreApi<WorkbenchState>

/** The page's one store: slices joined, everything they touch handed in. */
export function createWorkbenchStore(deps: WorkbenchDeps): WorkbenchStore {
  return createStore<WorkbenchState>()((set, get) => {
    const tools = { get, set: (partial: Partial<WorkbenchState>) => set(partial), deps }
    return {
      ...createConnectionSlice(tools),
      ...createNoticeSlice(tools),
      ...createLimitsSlice(tools),
      ...createWorkspaceSlice(tools),
      ...createThreadSlice(tools),
      ...createLayoutSlice(tools),
      ...createDocumentsSlice(tools),
      ...createContextSlice(tools),
      ...createDraftsSlice(tools),
      ...createPeopleSlice(tools),
      ...createReviewSlice(tools),
      ...createThreadsSlice(tools),
      ...createQueueSlice(tools),
      ...createSteerSlice(tools),
      ...createTurnSlice(tools),
      ...createHistorySlice(tools),
      ...createWindowSlice(tools),
      ...createLatencySlice(tools),
      ...createInlineSlice(tools),
      ...createShareSlice(tools),
      ...createReplaySlice(tools),
      ...createJobsSlice(tools),
      ...createJobRequestsSlice(tools),
      ...createArtefactsSlice(tools),
      ...createLastingSlice(tools),
      ...createCandidatesSlice(tools),
      ...createHandOffSlice(tools),
      ...createSchedulesSlice(tools),
      ...createFilesSlice(tools),
    }
  })
}
