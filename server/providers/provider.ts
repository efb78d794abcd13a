import type { ModelEvent, ModelRequest, Steer } from '../../core/engine/model-stream.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'

/** One configured source of models. A leaf: it sees core and its own folder, never the product around it. */
export interface Provider {
  readonly id: string
  /** What it offers now; `[]` when it cannot be reached. Never throws. */
  models(signal: AbortSignal): Promise<readonly ModelDescription[]>
  /** State kept for one thread: sockets, response ids. */
  openSession(options: SessionOptions): ModelSession
  /** Makes a connection ready for a conversation that may begin soon. Never fails. */
  prepare?(): void
  /** Ends idle connections and workers; sessions are closed by whoever opened them. */
  close?(): void
}

export interface SessionOptions {
  readonly threadId: string
  /** It runs beside a conversation (an edit in place, a summary): connections are shared with others of its kind. */
  readonly sharesConnection?: boolean
  /** Absolute path of the workspace, for providers that work on files themselves (`builtin`). */
  readonly workspaceRoot: string
  /** Each request goes over a new HTTP connection with all of its input, as one that keeps nothing would send it. */
  readonly fresh?: true
  /** The text of a file as the person sees it now, unsaved changes included; `undefined` when there is no such text file. */
  readonly readFile: (path: string) => Promise<string | undefined>
}

export interface ModelSession {
  /** Opens connections and prepares the stable prefix, so that `stream` finds them ready. Never fails. */
  warm(request: ModelRequest): void
  /**
   * Runs one request. Events arrive synchronously from the socket's read; the promise resolves after the last one
   * and never rejects. When `signal` aborts, upstream is cut at once and no further event is given.
   */
  stream(request: ModelRequest, signal: AbortSignal, onEvent: (event: ModelEvent) => void): Promise<void>
  /** Gives words to the response that runs. False when it takes none; else its events tell what becomes of them. */
  steer?(steer: Steer): boolean
  close(): void
}
