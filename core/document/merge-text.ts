import type * as Y from 'yjs'
import { assert } from '../lib/assert-never.ts'
import { replaceText } from './replace-text.ts'
import { diffText, type TextEdit } from './text-diff.ts'

/** Makes the text equal to `newText` by small edits, so that what is unchanged keeps its identity. Answers how many characters it took. */
export function mergeText(text: Y.Text, newText: string, origin: unknown): number {
  const edits = diffText(text.toString(), newText)
  applyEdits(text, edits, origin)
  return edits.reduce((sum, edit) => sum + edit.to - edit.from + edit.insert.length, 0)
}

function applyEdits(text: Y.Text, edits: readonly TextEdit[], origin: unknown): void {
  if (edits.length === 0) return
  const { doc } = text
  assert(doc, 'a text to merge into belongs to a document')
  doc.transact(() => {
    // From the end, so that offsets before stay right.
    for (const edit of edits.toReversed()) replaceText(text, edit)
  }, origin)
}
