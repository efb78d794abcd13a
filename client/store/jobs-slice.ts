import { usedInAll } from '../../core/job/agents.ts'
import { asMuchAgain, isSettled } from '../../core/job/ledger.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { JobId, ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { Job, JobConflict, JobState } from '../../core/protocol/job.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { MessageKey } from '../i18n/messages.ts'
import type { HandOffOptions } from './hand-off-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { runningTurn } from './selectors.ts'
import type { SliceTools } from './slice.ts'

/** The end of what a command writes that the server runs for a job. */
export interface JobOutput {
  readonly what: 'goal' | 'setup'
  readonly text: string
}

/** Work that goes on by itself, and what people do with it. */
export interface JobsSlice {
  /** Of the workspace in view, newest first. */
  readonly jobs: readonly Job[]
  readonly jobsLoaded: boolean
  /** Rises each time the composer is asked to hand its words off. */
  readonly handOffAsked: number
  /** The changes that are shown over the workbench. */
  readonly shownPatch: ShownPatch | undefined
  loadJobs(): Promise<void>
  /** The server tells how a job stands. */
  noteJob(job: Job): void
  /** Of jobs for which the server runs a command now. */
  readonly jobOutput: ReadonlyMap<JobId, JobOutput>
  noteJobOutput(id: JobId, output: JobOutput): void
  /** It is no more. */
  forgetJob(id: JobId): void
  removeJob(id: JobId): void
  askHandOff(): void
  /** False when it did not arrive: the words are still the person's. */
  handOff(task: string, options?: HandOffOptions): Promise<boolean>
  /** Says yes to the plan a job waits with, or what shall be different. False when it did not arrive. */
  decidePlan(id: JobId, decision: { readonly accept: boolean; readonly text: string }): Promise<boolean>
  /** Stops the running turn and hands the rest off. `task` says it in the person's language. */
  handOffRest(task: (prompt: string) => string): Promise<void>
  openJob(id: JobId): void
  pauseJob(id: JobId, paused: boolean): void
  stopJob(id: JobId): void
  retryJob(id: JobId): void
  answerJob(id: JobId, text: string): Promise<boolean>
  /** As much again as it has had. */
  extendJob(id: JobId): void
  applyJob(id: JobId): Promise<void>
  /** Brings the changes in, if that was not done, and commits them. False when it could not be done: the words are still the person's. */
  mergeJob(id: JobId, words: MergeWords): Promise<boolean>
  /** Takes its commit and its text back. */
  unmergeJob(id: JobId): void
  /** Decides whose text stands, or leaves that open again; resolves with whether it did. `quietly`: unless it fails. */
  resolveConflict(
    id: JobId,
    conflict: JobConflict,
    take: 'ours' | 'theirs' | 'undecided',
    how?: { readonly quietly: boolean },
  ): Promise<boolean>
  discardJob(id: JobId, discarded: boolean): void
  showPatch(id: JobId): Promise<void>
  closePatch(): void
}

/** `title`: of a job. Else numbers of two candidates of one group: what is between them. */
export type ShownPatch = { readonly patch: string } & (
  | { readonly title: string }
  | { readonly between: { readonly a: number; readonly b: number } }
)

/** Two candidates for the same task. */
export type ComparedPair = readonly [JobId, JobId]

interface MergeWords {
  readonly message: string
  /** As a merge of its branch, in which each step stays to be seen. */
  readonly keepSteps: boolean
  /** What the person had in these files and not committed goes along. */
  readonly withOwn: boolean
}

type Needs = JobsSlice &
  Pick<NoticeSlice, 'notices' | 'notify' | 'notifyFailure' | 'dismissNotice'> & {
    readonly workspaceId: WorkspaceId | undefined
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
    readonly guest: unknown
    readonly compared: ComparedPair | undefined
    openThread(threadId: ThreadId | undefined): void
    openReview(): void
    focusComposer(): void
    setPreferences(partial: { readonly chatOpen: boolean }): void
    showPhonePane(pane: 'chat'): void
    noteCandidate(job: Job): void
    pickCandidate(id: JobId): Promise<void>
  }

/** What people are told of wherever they are. */
const notices: Partial<Record<JobState, MessageKey>> = {
  done: 'jobs.doneNotice',
  failed: 'jobs.failedNotice',
  needsInput: 'jobs.needsNotice',
}

export function createJobsSlice({ get, set, deps }: SliceTools<Needs>): JobsSlice {
  const { connection } = deps
  const tell = (request: Promise<unknown>) => {
    request.catch(get().notifyFailure)
  }

  async function start(
    task: string,
    originId: ThreadId | undefined,
    how: HandOffOptions & { readonly restOf?: TurnId } = {},
  ): Promise<boolean> {
    const { workspaceId, thread } = get()
    if (!workspaceId) return false
    const conversation = thread !== undefined && thread.id === originId && thread.turns.length > 0
    try {
      const from = originId !== undefined && { originId }
      const wanted = { workspaceId, task, conversation, ...from, ...how }
      const { job } = await connection.request('job/start', wanted)
      get().noteJob(job)
      get().notify({
        tone: 'info',
        key: 'jobs.handedOff',
        params: { title: job.title },
        action: { key: 'jobs.open', run: () => get().openJob(job.id) },
      })
      return true
    } catch (error) {
      get().notifyFailure(error)
      return false
    }
  }

  /** To where its changes came, and what of them does not go together. */
  function review({ originId }: Job): void {
    if (originId) get().openThread(originId)
    get().openReview()
  }

  function tellConflicts(job: Job): void {
    get().notify({
      tone: 'attention',
      key: 'jobs.conflictNotice',
      params: { title: job.title, count: job.conflicts.length },
      action: { key: 'jobs.open', run: () => get().openJob(job.id) },
    })
  }

  /** What was said of it is seen, or is so no more. */
  /** A way back that was gone, or is not the way back any more; of one job where it is named. */
  function forget(key: 'jobs.discarded' | 'jobs.mergedNotice' | 'jobs.conflictNotice', title?: string): void {
    for (const notice of get().notices)
      if (notice.key === key && (title === undefined || notice.params.title === title))
        get().dismissNotice(notice.id)
  }

  function dismissNotices({ title }: Job): void {
    const keys = new Set<MessageKey>(['jobs.handedOff', ...Object.values(notices)])
    for (const { id, key, params } of get().notices) {
      if (keys.has(key) && params.title === title) get().dismissNotice(id)
    }
  }

  return {
    jobs: [],
    jobsLoaded: false,
    jobOutput: new Map(),
    handOffAsked: 0,
    shownPatch: undefined,
    async loadJobs() {
      const { workspaceId, guest } = get()
      if (!workspaceId || guest) return
      try {
        const { jobs } = await connection.request('job/list', { workspaceId })
        if (get().workspaceId === workspaceId) set({ jobs, jobsLoaded: true })
      } catch (error) {
        // Asked again when the server is back.
        if (!(error instanceof RequestError) || error.code !== 'busy') get().notifyFailure(error)
      }
    },
    noteJob(job) {
      const before = get().jobs.find(({ id }) => id === job.id)
      const jobs = before
        ? get().jobs.map((other) => (other.id === job.id ? job : other))
        : [job, ...get().jobs]
      set({ jobs })
      // What it wrote has ended with what came of it.
      if (get().jobOutput.has(job.id)) {
        const jobOutput = new Map(get().jobOutput)
        jobOutput.delete(job.id)
        set({ jobOutput })
      }
      if (before && before.conflicts.length > 0 && job.conflicts.length === 0)
        forget('jobs.conflictNotice', job.title)
      const key = notices[job.state]
      // What it needed, or that it was handed off, is said no more when there is something newer to say.
      if (before && before.state !== job.state && (before.needs || key)) dismissNotices(before)
      // What becomes of an agent is the business of the job it works for, but for what it needs of people; candidates
      // are told of together.
      const isPart = job.parentId !== undefined || job.judges !== undefined
      if (isPart && job.state !== 'needsInput') return
      if (job.candidate && job.state !== 'needsInput') {
        if (before && before.state !== job.state) get().noteCandidate(job)
        return
      }
      // Who looks at the job sees it.
      // That it asked what became of something outside ends with what was said before.
      const isNews = before && before.state !== job.state && before.needs?.kind !== 'effect'
      if (!isNews || key === undefined || get().threadId === job.threadId) return
      get().notify({
        tone: job.state === 'done' ? 'info' : job.state === 'needsInput' ? 'attention' : 'danger',
        key,
        params: { title: job.title },
        action: { key: 'jobs.open', run: () => get().openJob(job.id) },
      })
    },
    noteJobOutput: (id, output) => set({ jobOutput: new Map(get().jobOutput).set(id, output) }),
    forgetJob(id) {
      const job = get().jobs.find((other) => other.id === id)
      set({ jobs: get().jobs.filter((other) => other !== job) })
      if (job && get().threadId === job.threadId) get().openThread(job.originId)
    },
    removeJob: (jobId) => tell(connection.request('job/remove', { jobId })),
    askHandOff: () => set({ handOffAsked: get().handOffAsked + 1 }),
    handOff: (task, options) => start(task, originOf(get()), options),
    async handOffRest(task) {
      const { thread } = get()
      const turn = runningTurn({ thread })
      const said = turn?.items.findLast((item) => item.type === 'userMessage')
      if (!thread || thread.job !== undefined || !turn || said?.type !== 'userMessage') return
      await start(task(said.text), thread.id, { restOf: turn.id })
    },
    openJob(id) {
      const job = get().jobs.find((other) => other.id === id)
      if (!job) return
      dismissNotices(job)
      get().openThread(job.threadId)
      get().setPreferences({ chatOpen: true })
      get().showPhonePane('chat')
    },
    pauseJob: (jobId, paused) => tell(connection.request('job/pause', { jobId, paused })),
    stopJob: (jobId) => tell(connection.request('job/stop', { jobId })),
    retryJob: (jobId) => tell(connection.request('job/retry', { jobId })),
    async answerJob(jobId, text) {
      try {
        await connection.request('job/answer', { jobId, text })
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    async decidePlan(jobId, decision) {
      try {
        await connection.request('job/decidePlan', { jobId, ...decision })
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    extendJob(jobId) {
      const job = get().jobs.find(({ id }) => id === jobId)
      if (!job) return
      tell(connection.request('job/extend', { jobId, budget: asMuchAgain(job, usedInAll(job, get().jobs)) }))
    },
    async applyJob(jobId) {
      // Whoever takes one of several has done with the others.
      if (get().jobs.find(({ id }) => id === jobId)?.candidate) return get().pickCandidate(jobId)
      try {
        const { job } = await connection.request('job/apply', { jobId })
        get().noteJob(job)
        const { title, conflicts } = job
        if (conflicts.length > 0) return tellConflicts(job)
        get().notify({
          tone: 'info',
          key: 'jobs.appliedNotice',
          params: { title },
          action: { key: 'jobs.review', run: () => review(job) },
        })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    async mergeJob(jobId, words) {
      try {
        if (get().jobs.find(({ id }) => id === jobId)?.outcome === undefined) {
          const { job } = await connection.request('job/apply', { jobId })
          get().noteJob(job)
          if (job.conflicts.length > 0) {
            tellConflicts(job)
            return true
          }
        }
        const { job } = await connection.request('job/commit', { jobId, ...words })
        get().noteJob(job)
        get().notify({
          tone: 'info',
          key: 'jobs.mergedNotice',
          params: { title: job.title, commit: (job.commit ?? '').slice(0, 7) },
          action: { key: 'jobs.unmerge', run: () => get().unmergeJob(jobId) },
        })
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    unmergeJob(jobId) {
      forget('jobs.mergedNotice')
      tell(
        connection.request('job/unmerge', { jobId }).then(({ job }) => {
          get().noteJob(job)
          get().notify({ tone: 'info', key: 'jobs.unmergedNotice', params: { title: job.title } })
        }),
      )
    },
    async resolveConflict(jobId, conflict, take, { quietly } = { quietly: false }) {
      const { path, startLine } = conflict
      try {
        const { job } = await connection.request('job/resolve', { jobId, path, startLine, take })
        get().noteJob(job)
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
      if (take !== 'undecided' && !quietly)
        get().notify({
          tone: 'info',
          key: take === 'ours' ? 'jobs.keptNotice' : 'jobs.tookNotice',
          params: { path },
          action: {
            key: 'jobs.unmerge',
            run: () => void get().resolveConflict(jobId, conflict, 'undecided'),
          },
        })
      return true
    },
    discardJob(jobId, discarded) {
      forget('jobs.discarded')
      tell(
        connection.request('job/discard', { jobId, discarded }).then(() => {
          if (!discarded) return
          get().notify({
            tone: 'info',
            key: 'jobs.discarded',
            action: { key: 'jobs.undoDiscard', run: () => get().discardJob(jobId, false) },
          })
        }),
      )
    },
    async showPatch(jobId) {
      const job = get().jobs.find(({ id }) => id === jobId)
      try {
        const { patch } = await connection.request('job/patch', { jobId })
        set({ shownPatch: { title: job?.title ?? '', patch } })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    closePatch: () => set({ shownPatch: undefined, compared: undefined }),
  }
}

/** Where work is handed off from: a job's own thread hands off from where that job came. */
export function originOf(state: {
  readonly jobs: readonly Job[]
  readonly thread: ThreadState | undefined
  readonly threadId: ThreadId | undefined
}): ThreadId | undefined {
  const { thread, threadId, jobs } = state
  if (thread?.job === undefined) return thread?.id ?? threadId
  return jobs.find(({ id }) => id === thread.job)?.originId
}

/** The job that the thread in view belongs to. */
export function jobInView(state: {
  readonly jobs: readonly Job[]
  readonly thread: ThreadState | undefined
}): Job | undefined {
  const id = state.thread?.job
  return id === undefined ? undefined : state.jobs.find((job) => job.id === id)
}

/** The job in view waits for a place, or its copy is being made: what is said to it waits in its queue. */
export function waitsToBegin(state: Parameters<typeof jobInView>[0]): boolean {
  const job = jobInView(state)
  if (!job || job.waits !== undefined) return false
  const isNew = state.thread?.turns.every(({ copied }) => copied) ?? false
  return job.state === 'queued' || (job.state === 'running' && isNew)
}

/** Those that work or want something, without their agents. */
export function activeJobs({ jobs }: { readonly jobs: readonly Job[] }): number {
  return jobs.filter((job) => !isSettled(job) && job.parentId === undefined).length
}
