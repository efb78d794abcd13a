/** Durable state. One contract suite (`store.contract.ts`) runs against every implementation. */
export interface Store {
  /** Resolves when the rows are on disk (fsynced). Rows of one call are stored together or not at all. Seqs rise by one. */
  appendEvents(topic: string, rows: readonly EventRow[]): Promise<void>
  /** Events with `seq > since`, in order. */
  readEvents(topic: string, since: number, limit?: number): Promise<readonly EventRow[]>
  /** Events with `seq > since` whose body begins with one of `starts` and contains `text`, whatever its case; in order. */
  searchEvents(topic: string, search: EventSearch): Promise<readonly EventRow[]>
  /** The highest seq, 0 when the topic is unknown. */
  headSeq(topic: string): Promise<number>
  /** Known topics that begin with `prefix`. */
  topics(prefix: string): Promise<readonly string[]>

  /** A folded state at `seq`: a cache, may be thrown away. */
  saveSnapshot(topic: string, seq: number, state: string): Promise<void>
  readSnapshot(topic: string): Promise<{ readonly seq: number; readonly state: string } | undefined>

  /**
   * Journal of one document's Yjs updates, each with when what it brings happened (core/document/change-times).
   * Resolves when on disk; returns the row's number.
   */
  appendUpdate(documentKey: string, update: Uint8Array, times?: Uint8Array): Promise<number>
  readJournal(documentKey: string): Promise<DocumentJournal | undefined>
  /** Replaces all rows up to `upTo` by one snapshot, and notes what the disk held then. */
  compactJournal(
    documentKey: string,
    upTo: number,
    snapshot: Uint8Array,
    disk: DiskMark,
    times?: Uint8Array,
  ): Promise<void>
  /** Notes what the file on disk holds, so that a change made while the server was down is seen. */
  markDisk(documentKey: string, disk: DiskMark): Promise<void>
  /** Documents whose key begins with `prefix` and of whose file it is noted what it holds. */
  markedDocuments(prefix: string): Promise<readonly { readonly key: string; readonly hash: string }[]>
  deleteJournal(documentKey: string): Promise<void>

  getValue(key: string): Promise<string | undefined>
  setValue(key: string, value: string): Promise<void>

  /** Adds jobs to the ledger, with fence 0: all of them or none. */
  addJobs(jobs: readonly NewJobRow[]): Promise<void>
  readJobs(): Promise<readonly JobRow[]>
  /** Whoever runs the job from now on: answers the new fence, which no earlier claim can write past. */
  claimJob(id: string): Promise<number>
  /** Refused when the job was claimed since, or its head is not `from`. With `step`, both are stored or neither. */
  writeJob(id: string, write: JobWrite): Promise<void>
  /** Forgets a job and its steps. */
  removeJob(id: string): Promise<void>
  readJobStep(id: string, n: number): Promise<JobStepRow | undefined>

  /** What jobs want done outside of their copies and is not done with, the oldest first. */
  readEffects(): Promise<readonly EffectRow[]>
  /** Refused when it is not in state `from` any more. */
  writeEffect(id: string, write: EffectWrite): Promise<void>
  /** Forgets it: it is done with. */
  removeEffect(id: string): Promise<void>

  addSchedule(id: string, schedule: { readonly due: number; readonly body: string }): Promise<void>
  readSchedules(): Promise<readonly ScheduleRow[]>
  /** Refused when it was written since: `version` is the one it was read with, and rises by one. */
  writeSchedule(id: string, write: ScheduleRowWrite): Promise<void>
  removeSchedule(id: string): Promise<void>

  close(): Promise<void>
}

export type NewJobRow = Omit<JobRow, 'fence'>

export interface JobRow {
  readonly id: string
  readonly fence: number
  readonly head: string
  /** JSON text. */
  readonly body: string
}

export interface JobStepRow {
  readonly n: number
  /** JSON text. */
  readonly body: string
  /** The model's whole answer, JSON text. */
  readonly answer: string | undefined
}

export interface JobWrite {
  readonly fence: number
  readonly from: string
  readonly head: string
  readonly body: string
  /** Without `answer` the one that is kept stays. */
  readonly step?: { readonly n: number; readonly body: string; readonly answer?: string }
  /** Wanted from now on, in the same write; a known one is wanted already. */
  readonly effects?: readonly { readonly id: string; readonly body: string }[]
}

/** `waiting`: to be tried when it is due; `sending`: it may have been done; `doubt`: a person has to say whether it was. */
export type EffectState = 'waiting' | 'sending' | 'doubt'

export interface EffectRow {
  readonly id: string
  readonly job: string
  readonly state: EffectState
  readonly attempts: number
  /** Milliseconds of the clock. */
  readonly due: number
  /** JSON text. */
  readonly body: string
}

export interface EffectWrite {
  readonly from: EffectState
  readonly state: EffectState
  readonly attempts: number
  readonly due: number
}

export interface ScheduleRow {
  readonly id: string
  readonly version: number
  /** Milliseconds of the clock. */
  readonly due: number
  /** JSON text. */
  readonly body: string
}

export type ScheduleRowWrite = Omit<ScheduleRow, 'id'>

export interface EventRow {
  readonly seq: number
  readonly at: number
  /** JSON text of one event. */
  readonly body: string
}

export interface EventSearch {
  readonly since: number
  readonly starts: readonly string[]
  readonly text: string
  readonly limit: number
}

export interface DocumentJournal {
  /** In order; the first may be a snapshot. */
  readonly updates: readonly Uint8Array[]
  /** Of those that have some; rows of earlier versions have none. */
  readonly times: readonly Uint8Array[]
  readonly lastRow: number
  readonly disk: DiskMark | undefined
}

export interface DiskMark {
  /** SHA-256 of the file's bytes, hex; `''` when there is no file. */
  readonly hash: string
  /** The row up to which the file on disk holds the document. */
  readonly row: number
}
