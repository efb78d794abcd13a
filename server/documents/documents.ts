import type { Doc } from 'yjs'
import type { ChangeTimes } from '../../core/document/change-times.ts'
import type { Result } from '../../core/lib/result.ts'
import type { EditFormat, EditOutcome } from '../../core/patch/edit.ts'
import type { HunkId, ItemId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk, HunkDecision } from '../../core/protocol/item.ts'
import type { LeftFile, RewindFile } from '../../core/protocol/rewind.ts'
import type { DiskProblem, Merged } from '../../core/protocol/workspace.ts'
import type { AsideText } from './aside-text.ts'
import type { TimedMove } from './file-moves.ts'

/** The live documents of all workspaces: one `Y.Doc` per open text file, journaled, mirrored to disk. */
export interface Documents {
  /** Joins the live document of a file, loading it (journal, then disk) when nobody has it open. */
  open(workspaceId: WorkspaceId, path: string): Promise<Result<LiveDocument, DocumentProblem>>
  /** The text as people see it now: of the live document, else of the file; `undefined` when it is no text file. */
  readText(workspaceId: WorkspaceId, path: string): Promise<string | undefined>
  /** Writes the text to disk now; a file that is gone is made again. What stands against it is told as ever. */
  save(workspaceId: WorkspaceId, path: string): Promise<void>
  /** Writes every changed document of the workspace to disk now. */
  flush(workspaceId: WorkspaceId): Promise<void>
  /** Gives a file or folder another path: open texts go along, and all that was written in them. */
  rename(workspaceId: WorkspaceId, path: string, to: string): Promise<void>
  /** Begins one edit of the model: its text streams into forks of the documents and is merged as it arrives. */
  beginEdit(options: EditOptions): EditSession
  /** Takes change sets out again, or brings them back. Files that were added, deleted or moved are too. Asked for the same once more it changes nothing. */
  revert(workspaceId: WorkspaceId, request: RevertRequest): Promise<Reverted>
  /** What taking them out would do now to each file. */
  previewRevert(workspaceId: WorkspaceId, files: readonly RevertFile[]): Promise<readonly RewindFile[]>
  /**
   * After a restart: the documents hold no hunk of the turn that the log does not know as finished; durable when it
   * resolves. Answers where the log knows more than the documents.
   */
  recover(workspaceId: WorkspaceId, turn: InterruptedTurn): Promise<RecoveredTurn>
  /** Told when a document's text is on disk (`saved`) or not yet. */
  onSaved(
    listener: (workspaceId: WorkspaceId, path: string, saved: boolean, problem?: DiskProblem) => void,
  ): () => void
  /** Told when what another program did to the file of a document people have open was brought together with its text. */
  onMerged(listener: (workspaceId: WorkspaceId, path: string, merged: Merged) => void): () => void
  /** Told of each file or folder that was moved, when what was written in it is to be found at the new place. */
  onMoved(listener: (workspaceId: WorkspaceId, move: TimedMove) => void): () => void
  /** Where the file is that was at the path last; `undefined` when there is one, or it was not moved. */
  movedTo(workspaceId: WorkspaceId, path: string): Promise<string | undefined>
  /** All of these, in their order. */
  moves(workspaceId: WorkspaceId): Promise<readonly TimedMove[]>
  /** The latest of these of a document, whoever had it open; those that nobody was told of outlive a restart. */
  lastMerge(workspaceId: WorkspaceId, path: string): LastMerge | undefined
  /** Who opened the document was told of it: after a restart it is no news any more. */
  toldMerge(workspaceId: WorkspaceId, path: string): void
  /** Told with the new text of a document at most once per frame (16 ms) while it changes; for previews. */
  onText(listener: (workspaceId: WorkspaceId, path: string) => void): () => void
  /** Flushes all and releases. */
  close(): Promise<void>
}

export interface LastMerge {
  readonly merged: Merged
  /** It met text the disk lacked while nobody had the document open, as after a restart: who comes is to be told. */
  readonly isUnseen: boolean
}

/** What the log knows of a turn whose server died. */
export interface InterruptedTurn {
  readonly turnId: TurnId
  /** Files of its edits that were under way. */
  readonly paths: readonly string[]
  /** Hunks whose end is known. */
  readonly settled: ReadonlySet<string>
  /** Those of them that were written by edits under way. */
  readonly written: readonly { readonly path: string; readonly id: HunkId; readonly changes: string }[]
}

export interface RecoveredTurn {
  /** Written hunks whose text was lost. */
  readonly lost: ReadonlySet<HunkId>
  /** Paths where there is a file, or is one shortly. */
  readonly present: ReadonlySet<string>
}

export type DocumentProblem =
  | { readonly kind: 'notFound' }
  | { readonly kind: 'binary'; readonly size: number }
  | { readonly kind: 'notUtf8'; readonly size: number }
  | { readonly kind: 'tooLarge'; readonly size: number; readonly limit: number }

export interface LiveDocument {
  readonly path: string
  readonly doc: Doc
  /** When its characters came and went. */
  readonly times: ChangeTimes
  readonly eol: 'lf' | 'crlf'
  readonly readOnly: boolean
  /** Made anew when the journal was lost or thrown away: replicas of another incarnation must not be merged. */
  readonly incarnation: string
  /** But these may: it has all of their history. */
  readonly formerly: readonly string[]
  saved(): boolean
  /** Adds a browser: it gets what it misses (`stateVector`), then every update and awareness change but its own. */
  join(peer: DocumentPeer, stateVector: Uint8Array | undefined): DocumentLink
}

/** One browser's end of one document. */
export interface DocumentPeer {
  sync(update: Uint8Array): void
  awareness(update: Uint8Array): void
}

export interface DocumentLink {
  /** Applies the browser's update; resolves when it is durable. Rejects a malformed one with RequestError. */
  receive(update: Uint8Array): Promise<void>
  receiveAwareness(update: Uint8Array): void
  leave(): void
}

export interface EditOptions {
  readonly workspaceId: WorkspaceId
  readonly turnId: TurnId
  readonly itemId: ItemId
  readonly format: EditFormat
  /** Shown at the model's caret. */
  readonly authorName: string
  /** Snapshots this turn read, by path (`snapshotFor`): the edit is placed in what the model saw. */
  readonly turn: TurnSnapshots
  /** The files a turn that a guest asked for may write in, besides new ones; `undefined`: all. */
  readonly only?: () => ReadonlySet<string> | undefined
  /** Set when the edit is to stay out of the files: the texts that the turn has made so far, by path. */
  readonly aside?: Map<string, AsideText> | undefined
  /** Called synchronously as the edit streams. */
  readonly onFile: (file: FileEdit) => void
  readonly onHunk: (path: string, hunk: Hunk) => void
}

/** What the model has seen of each file in one turn. Made by `createTurnSnapshots()` in server/documents. */
export interface TurnSnapshots {
  /** Notes that the model was shown the file's current text. */
  note(workspaceId: WorkspaceId, path: string): Promise<void>
  /** The text it was shown last; `undefined`: none. */
  text(workspaceId: WorkspaceId, path: string): string | undefined
  close(): void
}

export interface EditSession {
  push(chunk: string): void
  /** The edit is complete: resolves when all of it is placed (or not) and durable. */
  finish(): Promise<EditOutcome>
  /** Nothing more comes although it is not complete: what came is placed as far as it is whole. */
  endShort(): Promise<EditOutcome>
  /** Stop: finished hunks stay, the half-written one is taken back. */
  cut(): Promise<EditOutcome>
  /** Decides about the hunk that stands still; false when it does not. */
  decide(hunkId: string, decision: HunkDecision): boolean
  /** Goes on, should it stand still. */
  goOn(): void
}

export type RevertDirection = 'undo' | 'redo'

export interface RevertRequest {
  /** In the order they were written, whichever the direction. */
  readonly files: readonly RevertFile[]
  readonly direction: RevertDirection
  /** A file that is not where it is expected any more: it is made again, or left as it is. */
  readonly whenGone: 'make' | 'leave'
}

export interface Reverted {
  /** Of each hunk that was reverted: what takes that back. */
  readonly inverse: Readonly<Record<HunkId, string>>
  /** Files that are as they were. */
  readonly left: readonly LeftFile[]
}

export interface RevertFile {
  readonly path: string
  readonly kind: FileEdit['kind']
  readonly movedTo?: string
  /** Another file was moved over it: where its text is (core/lib/moved-path) until that is undone. */
  readonly replaced?: string
  readonly hunks: readonly { readonly id: HunkId; readonly changes: string }[]
}
