import type { EditStreamEvent, TextTarget } from './edit.ts'
import type { EditToken } from './edit-token.ts'

/** Writes what the tokens of one file say into its text. */
export interface FileEdit {
  /** Says in words for the model why the edit cannot go on, if so. */
  take(token: EditToken): string | undefined
  /** Writes and reports what has come together. */
  flush(): void
  /** Takes back the hunk that is not finished. */
  drop(): void
}

export interface FileEditOptions {
  readonly target: TextTarget
  readonly path: string
  readonly nextHunkId: () => string
  readonly emit: (event: EditStreamEvent) => void
}

export function missingLines(path: string, lines: readonly string[]): string {
  return `Failed to find expected lines in ${path}:\n${lines.join('\n')}`
}
