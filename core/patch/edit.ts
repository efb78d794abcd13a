/** How the model writes its edits: the Codex `apply_patch` format, or SEARCH/REPLACE blocks under a path line. */
export type EditFormat = 'applyPatch' | 'searchReplace'

/**
 * The text an edit is written into. Offsets are UTF-16 code units of `text()`; line ends are `\n`
 * whatever the file on disk has. A hunk groups changes so that exactly they can be taken back.
 */
export interface TextTarget {
  text(): string
  replace(from: number, to: number, insert: string): void
  beginHunk(hunkId: string): void
  /** Takes back exactly what was replaced since `beginHunk(hunkId)`. */
  revertHunk(hunkId: string): void
}

export type FileKind = 'add' | 'update' | 'delete'

/** What happens to the files while an edit streams in; in this order for each file. */
export type EditStreamEvent =
  /**
   * The stream waits: call `provide(path, …)`. Input that arrives meanwhile is kept. SEARCH/REPLACE asks for the
   * kind `add` also when a file that is there is to be added to: hand over its text.
   */
  | { readonly type: 'fileNeeded'; readonly path: string; readonly kind: FileKind; readonly movedTo?: string }
  | {
      readonly type: 'fileStarted'
      readonly path: string
      readonly kind: FileKind
      readonly movedTo?: string
    }
  | {
      readonly type: 'hunkStarted'
      readonly path: string
      readonly hunkId: string
      readonly startLine: number
    }
  /** The hunk's text grew; `addedLines` and `removedLines` so far. */
  | {
      readonly type: 'hunkGrew'
      readonly path: string
      readonly hunkId: string
      readonly addedLines: number
      readonly removedLines: number
    }
  | {
      readonly type: 'hunkCompleted'
      readonly path: string
      readonly hunkId: string
      readonly startLine: number
      readonly addedLines: number
      readonly removedLines: number
      readonly removedText: string
    }
  /**
   * It was reverted: it fits nowhere, its file failed, the stream was cut inside it, or its old text as a whole
   * fits elsewhere; then it starts there again under a new id.
   */
  | { readonly type: 'hunkDropped'; readonly path: string; readonly hunkId: string }
  | {
      readonly type: 'fileCompleted'
      readonly path: string
      readonly kind: FileKind
      readonly movedTo?: string
    }
  | { readonly type: 'fileFailed'; readonly path: string; readonly kind: FileKind; readonly message: string }
  /** Text between SEARCH/REPLACE blocks. */
  | { readonly type: 'prose'; readonly text: string }

/** What `provide` hands over: a target, or why there is none (in words for the model). */
export type ProvidedFile = { readonly target: TextTarget } | { readonly problem: string }

/** What became of the whole edit. `message` is what the model is told (research: apply_patch's own words). */
export interface EditOutcome {
  readonly ok: boolean
  readonly message: string
  readonly files: readonly {
    readonly path: string
    readonly kind: FileKind
    readonly movedTo?: string
    readonly status: 'completed' | 'partial' | 'failed'
    readonly hunkIds: readonly string[]
    readonly message?: string
  }[]
}

export interface EditStream {
  push(chunk: string): readonly EditStreamEvent[]
  provide(path: string, file: ProvidedFile): readonly EditStreamEvent[]
  /** The input is complete. When a file is still needed the remaining events come from `provide`. */
  finish(): readonly EditStreamEvent[]
  /** The input is cut off: finished hunks stay, the half-written one is taken back. Nothing may follow. */
  cut(): readonly EditStreamEvent[]
  /** Known once `finish` or `cut` was called and no file is needed any more. */
  outcome(): EditOutcome | undefined
}
