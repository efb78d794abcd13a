import { decodeBase64 } from '../../core/document/base64.ts'
import { decodeTimes } from '../../core/document/change-times.ts'
import { FileReplay, type FileStep, type ReplayedText } from '../../core/document/file-replay.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Connection } from '../connection/connection.ts'

/** `gone`: there is no such text any more, or it was made anew and knows nothing of the edits. */
export type ReplayedFile = ReplayedText | 'gone' | undefined

/** Texts of files as a replay shows them. Each file's history is fetched once. */
export interface ReplayFiles {
  /** `undefined` until its history has come; `onLoaded` is told then. */
  at(path: string, seq: number): ReplayedFile
}

export function createReplayFiles(options: {
  readonly connection: Connection
  readonly workspaceId: WorkspaceId
  readonly stepsOf: (path: string) => readonly FileStep[]
  /** The first row written at this time or later. */
  readonly seqSince: (at: number) => number
  readonly onLoaded: () => void
}): ReplayFiles {
  const { connection, workspaceId, stepsOf, seqSince, onLoaded } = options
  const files = new Map<string, FileReplay | 'gone' | undefined>()
  let last: { readonly path: string; readonly seq: number; readonly text: ReplayedText } | undefined

  function fetch(path: string): void {
    files.set(path, undefined)
    connection
      .request('document/history', { workspaceId, path })
      .then(
        ({ runs, times }) => {
          const timed = decodeTimes(decodeBase64(times) ?? new Uint8Array())
          const changes = timed.map(({ at, changes: each }) => ({ seq: seqSince(at), changes: each }))
          const file = new FileReplay(runs, stepsOf(path), changes)
          files.set(path, file.isKnown ? file : 'gone')
        },
        () => files.set(path, 'gone'),
      )
      .then(onLoaded)
  }

  return {
    at(path, seq) {
      if (!files.has(path)) fetch(path)
      const file = files.get(path)
      if (file === undefined || file === 'gone') return file
      if (last?.path !== path || last.seq !== seq) last = { path, seq, text: file.at(seq) }
      return last.text
    },
  }
}
