import type { JobId, ThreadId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { Schedule } from '../../core/protocol/schedule.ts'
import type { ThreadSummary } from '../../core/protocol/thread.ts'
import type { WorkspaceState } from '../../core/protocol/workspace.ts'
import { reduceWorkspace } from '../../core/state/workspace-reducer.ts'
import { subscribeTopic } from '../connection/subscription.ts'
import type { JobOutput } from './jobs-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** The workspace in view and its list of threads, newest first. */
export interface WorkspaceSlice {
  readonly workspaceId: WorkspaceId | undefined
  readonly threads: readonly ThreadSummary[]
  /** False until the list of threads has arrived. */
  readonly workspaceLoaded: boolean
  /** Shows a workspace and, without `threadId`, the thread last seen in it. */
  openWorkspace(workspaceId: WorkspaceId, threadId?: ThreadId): void
  /** Paths that match a part of one, best first; none while the server is away. */
  findFiles(query: string): Promise<readonly string[]>
}

/** Said by shape: the thread slice knows this one. */
interface ThreadOpener {
  openThread(threadId: ThreadId | undefined): void
}

/** And the jobs slice this. */
interface JobsFollower {
  loadJobs(): Promise<void>
  noteJob(job: Job): void
  forgetJob(id: JobId): void
  noteJobOutput(id: JobId, output: JobOutput): void
  loadSchedules(): Promise<void>
  noteSchedules(schedules: readonly Schedule[]): void
}

/** And the connection's this. */
interface StoreFollower {
  noteStore(isRefusing: boolean): void
}

type Needs = WorkspaceSlice &
  NoticeSlice &
  ThreadOpener &
  StoreFollower &
  JobsFollower & { readonly jobs: readonly Job[]; readonly schedules: readonly Schedule[] }

export function createWorkspaceSlice({ get, set, deps }: SliceTools<Needs>): WorkspaceSlice {
  const { connection, storage } = deps
  let unsubscribe = () => {}
  let unfollowJobs = () => {}

  return {
    workspaceId: undefined,
    threads: [],
    workspaceLoaded: false,
    async findFiles(query) {
      const { workspaceId } = get()
      if (!workspaceId) return []
      try {
        const { paths } = await connection.request('file/find', { workspaceId, query, limit: 50 })
        return paths
      } catch {
        return []
      }
    },
    openWorkspace(workspaceId, threadId) {
      if (get().workspaceId === workspaceId) {
        if (threadId) get().openThread(threadId)
        return
      }
      unsubscribe()
      set({ workspaceId, threads: [], workspaceLoaded: false, jobs: [], schedules: [] })
      unfollowJobs()
      // What became of jobs is told once: whoever was away asks anew.
      unfollowJobs = connection.onStatus((status) => {
        if (status !== 'open') return
        void get().loadJobs()
        void get().loadSchedules()
      })
      get().openThread(threadId)
      let state: WorkspaceState = { id: workspaceId, threads: [] }
      let first = true
      const show = (next: WorkspaceState) => {
        const threads = next.threads.filter(({ inline, job }) => !inline && job === undefined)
        if (next !== state || first) set({ threads, workspaceLoaded: true })
        state = next
      }
      unsubscribe = subscribeTopic({
        connection,
        topic: `workspace:${workspaceId}`,
        onSnapshot(snapshot) {
          if ('turns' in snapshot) return
          show(snapshot)
          if (first && !threadId)
            get().openThread(lastSeen(snapshot.threads, storage.getItem(lastThreadKey(workspaceId))))
          first = false
        },
        onEvent(event) {
          switch (event.type) {
            case 'threadList/added':
            case 'threadList/changed':
            case 'threadList/marked':
            case 'files/changed':
            case 'document/saved':
              show(reduceWorkspace(state, event))
              return
            case 'job/changed':
              get().noteJob(event.job)
              return
            case 'job/removed':
              get().forgetJob(event.jobId)
              return
            case 'job/wrote':
              get().noteJobOutput(event.jobId, event)
              return
            case 'schedules/changed':
              get().noteSchedules(event.schedules)
              return
            case 'store/changed':
              get().noteStore(event.isRefusing)
          }
        },
        onRefused: (error) => get().notifyFailure(error),
      })
    },
  }
}

export function lastThreadKey(workspaceId: WorkspaceId): string {
  return `tandem.lastThread.${workspaceId}`
}

function lastSeen(threads: readonly ThreadSummary[], id: string | null): ThreadId | undefined {
  return (threads.find((thread) => thread.id === id) ?? threads.find(({ archived }) => !archived))?.id
}
