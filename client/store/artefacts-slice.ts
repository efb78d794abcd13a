import type { JobId } from '../../core/protocol/ids.ts'
import type { JobArtefact } from '../../core/protocol/job.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** The files the job in view wrote outside git, and the one that is shown. */
export interface ArtefactsSlice {
  readonly artefacts: Artefacts | undefined
  readonly shownArtefact: ShownArtefact | undefined
  /** Asks anew: a job writes them without telling. */
  loadArtefacts(jobId: JobId): Promise<void>
  showArtefact(jobId: JobId, file: JobArtefact): Promise<void>
  closeArtefact(): void
}

interface Artefacts {
  readonly jobId: JobId
  readonly files: readonly JobArtefact[]
  /** So many are not listed. */
  readonly more: number
}

export interface ShownArtefact {
  readonly jobId: JobId
  readonly file: JobArtefact
  /** Of a file that is text, its beginning. */
  readonly text?: string | undefined
  readonly cut: boolean
}

type Needs = ArtefactsSlice & Pick<NoticeSlice, 'notifyFailure'>

export function createArtefactsSlice({ get, set, deps }: SliceTools<Needs>): ArtefactsSlice {
  const { connection } = deps
  let asked: JobId | undefined
  return {
    artefacts: undefined,
    shownArtefact: undefined,
    async loadArtefacts(jobId) {
      asked = jobId
      try {
        const found = await connection.request('job/artefacts', { jobId })
        if (asked === jobId) set({ artefacts: { jobId, ...found } })
      } catch {
        // What is known stays; whoever looks at it asks again with the job's next step.
      }
    },
    async showArtefact(jobId, file) {
      try {
        set({
          shownArtefact: {
            jobId,
            file,
            ...(await connection.request('job/artefact', { jobId, path: file.path })),
          },
        })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    closeArtefact: () => set({ shownArtefact: undefined }),
  }
}

/** Where a browser gets it whole. */
export function artefactAddress(jobId: JobId, { path }: JobArtefact): string {
  return `/artefacts/${jobId}/${path.split('/').map(encodeURIComponent).join('/')}`
}
