import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { FileEntry } from '../../core/protocol/workspace.ts'

/** One folder the server serves. Every access goes through its path guard; failures are RequestErrors. */
export interface Workspace {
  readonly id: WorkspaceId
  /** Absolute, symlinks resolved. */
  readonly root: string
  readonly name: string
  readonly sample: boolean
  readonly guard: PathGuard
  branch(): Promise<string | undefined>
  list(path: string): Promise<{ readonly entries: readonly FileEntry[]; readonly truncated: boolean }>
  /** Fuzzy by path, best first; honours .gitignore. */
  find(query: string, limit: number): Promise<readonly string[]>
  /** ripgrep; `truncated` past `limit` matches. */
  search(
    options: SearchOptions,
  ): Promise<{ readonly matches: readonly SearchMatch[]; readonly truncated: boolean }>
  create(path: string, kind: 'file' | 'folder'): Promise<void>
  rename(path: string, to: string): Promise<void>
  /** Moves it to the data folder's trash. */
  trash(path: string): Promise<string>
  restore(trashId: string): Promise<string>
  /** Told which files changed on disk, by whomever (batched ~50 ms; `.git` internals and ignored build folders left out). */
  /** Resolves once changes on disk are seen, or with `false` when they will not be. */
  watching(): Promise<boolean>
  onDiskChange(listener: (changes: readonly DiskChange[]) => void): () => void
  close(): Promise<void>
}

export interface DiskChange {
  readonly path: string
  readonly kind: 'created' | 'changed' | 'deleted'
}

export interface SearchOptions {
  readonly query: string
  readonly regex: boolean
  readonly caseSensitive: boolean
  /** Glob of paths to look in. */
  readonly include?: string
  readonly limit: number
}

export interface SearchMatch {
  readonly path: string
  readonly line: number
  readonly text: string
}

/** Turns workspace-relative paths into absolute ones that cannot lie outside, or throws RequestError('pathDenied'). */
export interface PathGuard {
  readonly root: string
  forRead(path: string): Promise<string>
  /** Also refuses protected names (`.git` in any case or Unicode spelling). */
  forWrite(path: string): Promise<string>
  /** The entry itself, its last link not followed: what renaming and removing act on. Refuses what `forWrite` refuses. */
  forEntry(path: string): Promise<string>
}
