import type { WorkspaceCommand } from './commands/run-command.ts'
import type { RequestContext } from './request-context.ts'

/** What the worker is asked to do. */
export interface LanguageJob {
  readonly command: WorkspaceCommand
  readonly context: RequestContext
  /** Text of files as the person sees it, where it may differ from the disk. */
  readonly overrides: ReadonlyMap<string, string>
  /** Set when a guest asks: the files it may look at. */
  readonly only: ReadonlySet<string> | undefined
}

/** What it found: words, and a patch when something should change. */
export interface LanguageAnswer {
  readonly text: string
  readonly patch: string | undefined
  /** The texts the patch was made for; `undefined` for files it adds. */
  readonly bases: ReadonlyMap<string, string | undefined>
}

export type WorkerRequest =
  | { readonly type: 'warm'; readonly id: number; readonly paths: readonly string[] }
  | { readonly type: 'run'; readonly id: number; readonly job: LanguageJob }

export interface WorkerReply {
  readonly id: number
  readonly answer?: LanguageAnswer
  /** Why there is none: a bug's message, or that it was cancelled. */
  readonly problem?: string
}

/** `workerData`. `cancelled[0]` is the id of the request last given up. */
export interface WorkerSetup {
  readonly root: string
  readonly cancelled: Int32Array
}
