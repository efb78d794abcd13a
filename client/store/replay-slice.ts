import type { ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { Timeline, type TurnMark } from '../../core/state/timeline.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { createReplayFiles, type ReplayedFile, type ReplayFiles } from './replay-files.ts'
import type { SliceTools } from './slice.ts'

export const replaySpeeds = [1, 2, 4, 8, 16] as const
export type ReplaySpeed = (typeof replaySpeeds)[number]

/** A thread looked at as it was. The thread itself goes on being received underneath. */
export interface Replay {
  readonly threadId: ThreadId
  /** How much of the log has come, from 0 to 1. */
  readonly read: number
  readonly timeMs: number
  readonly durationMs: number
  /** The last row of the log at that time. */
  readonly seq: number
  readonly playing: boolean
  readonly speed: ReplaySpeed
  /** The thread as it was; `undefined` before its first row has come. */
  readonly view: ThreadState | undefined
  readonly marks: readonly TurnMark[]
  /** Files edited by then. */
  readonly files: readonly string[]
  /** The one that is shown: the one that was being edited, or the one the person chose. */
  readonly file: string | undefined
  readonly fileText: ReplayedFile
  /** The person chose a file to stay with. */
  readonly chosenFile: string | undefined
}

export interface ReplaySlice {
  readonly replay: Replay | undefined
  /** Shows the thread in view as it was at row `seq`, or from its end. */
  openReplay(seq?: number): void
  closeReplay(): void
  toggleReplay(): void
  /** To a time of the replay, drawn with the next frame. */
  seekReplay(timeMs: number): void
  /** To the turn that begins before, or after. */
  stepReplay(direction: -1 | 1): void
  setReplaySpeed(speed: ReplaySpeed): void
  /** Opens a new thread that begins with the turns that had settled by then. */
  forkReplay(title: string): Promise<void>
  /** Stays with a file; `undefined` goes with the edits again. */
  chooseReplayFile(path: string | undefined): void
}

type Needs = ReplaySlice &
  Pick<NoticeSlice, 'notifyFailure'> & {
    readonly threadId: ThreadId | undefined
    readonly workspaceId: WorkspaceId | undefined
    openThread(threadId: ThreadId): void
  }

/** Rows asked for at once. */
const pageRows = 1000
/** A tab that was hidden does not catch up. */
const longestFrameMs = 200

export function createReplaySlice({ get, set, deps }: SliceTools<Needs>): ReplaySlice {
  const { connection, clock, schedule } = deps
  let timeline = new Timeline()
  let files: ReplayFiles | undefined
  /** Where to stand when enough of the log has come; `undefined`: the person has chosen a place, or it is reached. */
  let wanted: number | undefined
  let time = 0
  let cancelFrame: (() => void) | undefined
  let drawnAt: number | undefined

  function draw(): void {
    cancelFrame = undefined
    const { replay } = get()
    if (!replay) return
    const now = clock.monotonic()
    if (replay.playing && drawnAt !== undefined) {
      time += Math.min(now - drawnAt, longestFrameMs) * replay.speed
    }
    drawnAt = now
    time = Math.max(0, Math.min(time, timeline.durationMs))
    const atEnd = time >= timeline.durationMs && replay.read >= 1
    const playing = replay.playing && !atEnd
    show(replay, { timeMs: time, playing })
    if (playing) requestFrame()
    else drawnAt = undefined
  }

  function show(replay: Replay, change: Partial<Replay>): void {
    const next = { ...replay, ...change }
    const seq = timeline.seqAt(time)
    const file = next.chosenFile ?? timeline.fileAt(time)
    set({
      replay: {
        ...next,
        durationMs: timeline.durationMs,
        seq,
        view: timeline.viewAt(time),
        files: sameList(replay.files, timeline.filesUpTo(time)),
        file,
        // What later rows did is known when all have come.
        fileText: file !== undefined && next.read >= 1 ? files?.at(file, seq) : undefined,
      },
    })
  }

  function requestFrame(): void {
    cancelFrame ??= schedule(draw)
  }

  function stop(): void {
    cancelFrame?.()
    cancelFrame = undefined
    drawnAt = undefined
  }

  async function read(threadId: ThreadId, into: Timeline): Promise<void> {
    let since = 0
    for (;;) {
      const page = await connection.request('thread/history', { threadId, since, limit: pageRows })
      const { replay } = get()
      // Left meanwhile, or opened anew.
      if (!replay || timeline !== into) return
      into.append(page.rows)
      const isWhole = page.upTo >= page.head || page.upTo <= since
      since = page.upTo
      if (wanted !== undefined && (isWhole || into.lastSeq >= wanted)) {
        time = into.timeOf(wanted)
        wanted = undefined
      }
      show(replay, {
        read: isWhole ? 1 : page.upTo / Math.max(1, page.head),
        marks: [...into.marks],
        timeMs: time,
      })
      if (isWhole) return
    }
  }

  return {
    replay: undefined,
    openReplay(seq) {
      const { threadId, workspaceId } = get()
      if (!threadId || !workspaceId) return
      stop()
      timeline = new Timeline()
      files = createReplayFiles({
        connection,
        workspaceId,
        stepsOf: (path) => timeline.stepsOf(path),
        seqSince: (at) => timeline.seqSince(at),
        onLoaded: requestFrame,
      })
      time = 0
      wanted = seq ?? Number.POSITIVE_INFINITY
      const empty = { timeMs: 0, durationMs: 0, seq: 0, view: undefined, marks: [] }
      const noFile = { files: [], file: undefined, fileText: undefined, chosenFile: undefined }
      set({ replay: { threadId, read: 0, playing: false, speed: 1, ...empty, ...noFile } })
      read(threadId, timeline).catch((error) => {
        get().notifyFailure(error)
        get().closeReplay()
      })
    },
    closeReplay() {
      if (!get().replay) return
      stop()
      timeline = new Timeline()
      files = undefined
      set({ replay: undefined })
    },
    toggleReplay() {
      const { replay } = get()
      if (!replay) return
      const playing = !replay.playing
      wanted = undefined
      // From the end it begins anew.
      if (playing && time >= timeline.durationMs && replay.read >= 1) time = 0
      if (playing) drawnAt = clock.monotonic()
      set({ replay: { ...replay, playing } })
      requestFrame()
    },
    seekReplay(timeMs) {
      if (!get().replay) return
      wanted = undefined
      time = timeMs
      requestFrame()
    },
    stepReplay(direction) {
      const times = timeline.marks.map((mark) => mark.time)
      const next = direction > 0 ? times.find((at) => at > time) : times.findLast((at) => at < time)
      get().seekReplay(next ?? (direction > 0 ? timeline.durationMs : 0))
    },
    setReplaySpeed(speed) {
      const { replay } = get()
      if (replay) set({ replay: { ...replay, speed } })
    },
    async forkReplay(title) {
      const { replay } = get()
      const throughTurnId = replay && lastSettled(replay)
      if (!replay || !throughTurnId) return
      try {
        const { threadId } = replay
        const fork = await connection.request('thread/fork', { threadId, throughTurnId, title })
        get().openThread(fork.threadId)
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    chooseReplayFile(chosenFile) {
      const { replay } = get()
      if (replay) show(replay, { chosenFile })
    },
  }
}

/** What a fork made now would end with. */
export function lastSettled({ view }: Replay): TurnId | undefined {
  return view?.turns.findLast(({ settledAt }) => settledAt !== undefined)?.id
}

/** The one there was, when both say the same: who shows it need not draw it again. */
function sameList(old: readonly string[], next: readonly string[]): readonly string[] {
  return old.length === next.length && old.every((entry, index) => entry === next[index]) ? old : next
}
