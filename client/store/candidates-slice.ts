import { candidatesOf } from '../../core/job/candidates.ts'
import { isSettled } from '../../core/job/ledger.ts'
import type { CandidateFile, CandidatePick } from '../../core/protocol/candidate-methods.ts'
import type { CandidatesId, JobId, ThreadId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { Params } from '../../core/protocol/methods.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { followThread } from './follow-thread.ts'
import type { HandOffDraft } from './hand-off-slice.ts'
import { type ComparedPair, originOf, type ShownPatch } from './jobs-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

export type CandidatesAsked = Pick<Params<'candidate/start'>, 'task' | 'candidates' | 'check' | 'judge'>

/** Several jobs for one task, looked at side by side. */
export interface CandidatesSlice {
  /** The form for new ones is shown over the workbench. */
  readonly candidatesDraft: HandOffDraft | undefined
  /** Those that are shown side by side. */
  readonly candidatesShown: CandidatesId | undefined
  /** What each says and does, while they are shown. */
  readonly candidateThreads: ReadonlyMap<ThreadId, ThreadState>
  /** What each that has ended changed, piece by piece. */
  readonly candidateFiles: ReadonlyMap<JobId, readonly CandidateFile[]>
  draftCandidates(draft: HandOffDraft): void
  closeCandidatesDraft(): void
  /** False when it did not arrive. */
  startCandidates(asked: CandidatesAsked): Promise<boolean>
  openCandidates(group: CandidatesId): void
  closeCandidates(): void
  /** A candidate that is shown stands otherwise than before. */
  noteCandidate(job: Job): void
  pickCandidate(id: JobId): Promise<void>
  /** The two whose difference is shown, which a link can name. */
  readonly compared: ComparedPair | undefined
  compareCandidates(pair: ComparedPair): Promise<void>
  mixCandidates(picks: readonly CandidatePick[]): Promise<void>
  dismissCandidates(group: CandidatesId): Promise<void>
}

type Needs = CandidatesSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> & {
    readonly workspaceId: WorkspaceId | undefined
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
    readonly jobs: readonly Job[]
    readonly shownPatch: ShownPatch | undefined
    loadJobs(): Promise<void>
    noteJob(job: Job): void
    openJob(id: JobId): void
    openThread(threadId: ThreadId | undefined): void
    openReview(): void
  }

export function createCandidatesSlice({ get, set, deps }: SliceTools<Needs>): CandidatesSlice {
  const { connection } = deps
  const following = new Map<ThreadId, () => void>()

  function follow(threadId: ThreadId): void {
    if (following.has(threadId)) return
    const stop = followThread({
      deps,
      threadId,
      onThread: (thread) => set({ candidateThreads: new Map(get().candidateThreads).set(threadId, thread) }),
      onRefused: get().notifyFailure,
    })
    following.set(threadId, stop)
  }

  async function loadFiles({ id, state, files }: Job): Promise<void> {
    if (files.length === 0 || get().candidateFiles.has(id)) return
    if (state === 'queued' || state === 'running' || state === 'needsInput') return
    try {
      const { files: pieces } = await connection.request('candidate/hunks', { jobId: id })
      set({ candidateFiles: new Map(get().candidateFiles).set(id, pieces) })
    } catch (error) {
      get().notifyFailure(error)
    }
  }

  function toReview({ originId }: Job): void {
    get().closeCandidates()
    if (originId) get().openThread(originId)
    get().openReview()
  }

  return {
    candidatesDraft: undefined,
    candidatesShown: undefined,
    candidateThreads: new Map(),
    candidateFiles: new Map(),
    draftCandidates: (candidatesDraft) => set({ candidatesDraft }),
    closeCandidatesDraft: () => set({ candidatesDraft: undefined }),
    async startCandidates(asked) {
      const { workspaceId, thread } = get()
      if (!workspaceId) return false
      const originId = originOf(get())
      const conversation = thread !== undefined && thread.id === originId && thread.turns.length > 0
      try {
        const from = originId !== undefined && { originId }
        const { jobs } = await connection.request('candidate/start', {
          workspaceId,
          conversation,
          ...from,
          ...asked,
        })
        for (const job of jobs.toReversed()) get().noteJob(job)
        const group = jobs[0]?.candidate?.group
        if (group) get().openCandidates(group)
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    openCandidates(group) {
      set({ candidatesShown: group })
      for (const job of candidatesOf(group, get().jobs)) {
        follow(job.threadId)
        void loadFiles(job)
      }
    },
    closeCandidates() {
      for (const stop of following.values()) stop()
      following.clear()
      set({
        candidatesShown: undefined,
        candidateThreads: new Map(),
        candidateFiles: new Map(),
        compared: undefined,
      })
    },
    noteCandidate(job) {
      const { candidatesShown, jobs } = get()
      if (!job.candidate) return
      const { group } = job.candidate
      if (candidatesShown === group) return void loadFiles(job)
      const all = candidatesOf(group, jobs)
      if (job.outcome !== undefined || !all.every((one) => isSettled(one) && one.outcome === undefined))
        return
      get().notify({
        tone: 'info',
        key: 'candidates.doneNotice',
        params: { title: all[0]?.title ?? job.title },
        action: { key: 'candidates.open', run: () => get().openCandidates(group) },
      })
    },
    async pickCandidate(id) {
      try {
        const { job } = await connection.request('candidate/pick', { jobId: id })
        get().noteJob(job)
        if (job.outcome !== 'applied') return
        // What does not fit with people's own is decided where the job is.
        if (job.conflicts.length > 0) {
          get().closeCandidates()
          return get().openJob(id)
        }
        get().notify({
          tone: 'info',
          key: 'candidates.taken',
          params: { n: job.candidate?.n ?? 0 },
          action: { key: 'jobs.review', run: () => toReview(job) },
        })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    compared: undefined,
    async compareCandidates(pair) {
      const [jobId, withId] = pair
      set({ compared: pair })
      try {
        // Whoever comes by a link has seen no job yet.
        if (!get().jobs.some(({ id }) => id === jobId)) await get().loadJobs()
        const [a, b] = pair.map((id) => get().jobs.find((job) => job.id === id)?.candidate)
        // Before what lies above them: dialogs that come together hide each other from who listens to the page.
        if (a && get().candidatesShown !== a.group) get().openCandidates(a.group)
        const { patch } = await connection.request('candidate/compare', { jobId, withId })
        // Closed, or another pair, by the time it is there.
        if (get().compared !== pair || !a || !b) return
        set({ shownPatch: { between: { a: a.n, b: b.n }, patch } })
      } catch (error) {
        if (get().compared === pair) set({ compared: undefined })
        get().notifyFailure(error)
      }
    },
    async mixCandidates(picks) {
      try {
        const { job } = await connection.request('candidate/mix', { picks: [...picks] })
        get().noteJob(job)
        get().notify({
          tone: 'info',
          key: 'candidates.mixed',
          action: { key: 'jobs.review', run: () => toReview(job) },
        })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    async dismissCandidates(group) {
      try {
        await connection.request('candidate/dismiss', { group })
        get().notify({ tone: 'info', key: 'candidates.dismissed' })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
  }
}
