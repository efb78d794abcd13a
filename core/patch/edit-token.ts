import type { FileKind } from './edit.ts'

/** What a parser understood of an edit's text; in the order of the text, pulled one at a time. */
export type EditToken =
  | { readonly type: 'file'; readonly path: string; readonly kind: FileKind; readonly movedTo?: string }
  /** apply_patch: a chunk begins, after the line `context` if there is one. */
  | { readonly type: 'chunk'; readonly context?: string }
  | OldLine
  /** SEARCH/REPLACE: the whole old text. */
  | { readonly type: 'search'; readonly lines: readonly string[] }
  | AddedLine
  | { readonly type: 'chunkEnds'; readonly atEndOfFile: boolean }
  | { readonly type: 'fileEnds' }
  | { readonly type: 'prose'; readonly text: string }
  /** The text breaks the format; `message` is for the model. */
  | { readonly type: 'invalid'; readonly message: string }

/** A whole line of apply_patch that the file has already. */
export interface OldLine {
  readonly type: 'context' | 'removed'
  readonly text: string
}

/** A new line, in as many parts as it arrives in. */
export type AddedLine =
  | { readonly type: 'addedStarts' }
  | { readonly type: 'addedText'; readonly text: string }
  | { readonly type: 'addedEnds' }

export interface EditParser {
  feed(chunk: string): void
  /** Nothing more is fed. */
  end(): void
  /** The next token, or nothing until more is fed. */
  next(): EditToken | undefined
}
